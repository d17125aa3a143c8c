import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '@node-termination-handler/control-plane';
import { root } from '../workspace.ts';

const budgetFile = 'tools/checks/ci-budget.json';

/** How long the checks may take. */
export interface TimeBudget {
  /** What each check may need on a machine where everything is built, with room, in seconds. */
  readonly seconds: Readonly<Record<string, number>>;
  /** A check fails past so many times its seconds: machines differ, and are busy. */
  readonly factor: number;
  /** What all may take together: where everything is built, and where programs of the control plane had to be. */
  readonly minutes: { readonly warm: number; readonly cold: number };
}

/** How long a check took. */
export interface Duration {
  readonly name: string;
  readonly seconds: number;
}

/** Reads the committed budget. */
export async function readBudget(): Promise<TimeBudget> {
  return JSON.parse(await readFile(path.join(root, budgetFile), 'utf8')) as TimeBudget;
}

/**
 * What took longer than it may, a line each.
 *
 * @param built the programs that Go had to build meanwhile. With any, single checks may take their time and only the whole is judged.
 */
export function overruns(
  durations: readonly Duration[],
  { seconds, factor, minutes }: TimeBudget,
  built: readonly string[],
): readonly string[] {
  const isCold = built.length > 0;
  const slow = durations.flatMap(({ name, seconds: took }) => {
    const may = seconds[name];
    if (may === undefined) return [`${name} has no seconds in ${budgetFile}`];
    return isCold || took <= may * factor ? [] : [`${name} took ${took.toFixed(0)} s, more than ${factor} × ${may} s`];
  });
  const limit = isCold ? minutes.cold : minutes.warm;
  const total = durations.reduce((sum, { seconds: took }) => sum + took, 0);
  return total <= limit * 60 ? slow : [...slow, `all took ${total.toFixed(0)} s, more than ${limit} min`];
}

/** The programs of the control plane, and those that judge the charts, that Go has built on this machine. */
export async function builtPrograms(): Promise<readonly string[]> {
  const names = await readdir(cacheFolder()).catch(() => []);
  return names.filter((name) => /-[0-9a-f]{16}$/.test(name));
}
