import path from 'node:path';
import { playAll } from '../case.ts';
import type { Case, CaseResult, PlayOptions } from '../case.ts';
import type { Program, ProgramName } from '../program.ts';
import { eventually, waitUntil } from '../wait.ts';
import { scene, untilAtWork } from './course.ts';
import type { World } from './world.ts';

/** How often each program looks in vain. */
export interface PollsOptions extends PlayOptions {
  readonly polls: number;
}

/** What a program holds after a full collection; see `hurried.ts`. */
interface Held {
  readonly heapKiB: number;
  /** Of all signals that live. */
  readonly listeners: number;
  readonly signals: number;
  readonly timers: number;
}

const HURRIED = ['--import', path.join(import.meta.dirname, 'hurried.ts')];
const SAMPLES = 8;
/** A poll that leaves anything leaves 16 bytes at least: of a million 16 MiB. Code and caches still grow a little. */
const MAY_GROW_KIB = 1024;
/** What is under way when the program is asked. */
const MAY_GROW_COUNT = 20;

/** The shortest interval that may be set, of which nothing is left; every wait of a program that finds nothing. */
const SETTINGS = { METADATA_POLL_INTERVAL_MS: '50', LOG_LEVEL: 'error' };

/** Both programs look for something again and again, and there never is anything: what they hold must not grow. */
export function runPolls(options: PollsOptions): Promise<readonly CaseResult[]> {
  const agent = idlePolls('imds-agent', options.polls, ({ sandbox, first }) => sandbox.imdsOf(first).requests().length);
  const processor = idlePolls('queue-processor', options.polls, ({ sandbox }) => sandbox.aws.calls().length);
  return playAll([agent, processor], options);
}

function idlePolls(name: ProgramName, polls: number, count: (world: World) => number): Case {
  return scene('soak', `${polls} polls that find nothing (${name})`, { imds: name === 'imds-agent' }, async (world) => {
    const program = world.start(name, { nodeArgs: HURRIED, env: SETTINGS });
    await untilAtWork(world);
    const { aws } = world.sandbox;
    // A long poll that finds nothing takes twenty seconds; these answer at once.
    const isPoll = ({ action }: { readonly action: string }): boolean => action === 'ReceiveMessage';
    aws.faults.add({ matches: isPoll, misbehaviour: { kind: 'status', status: 200, body: '{}' } });
    const held: Held[] = [];
    for (let sample = 1; sample <= SAMPLES; sample += 1) {
      await program.during(waitUntil(() => count(world) >= (sample * polls) / SAMPLES, 3_600_000, 200));
      held.push(await ask(program, sample));
    }
    const code = await program.stop();
    return {
      violations: [...growth(held), ...(code === 0 ? [] : [`${name} ended with code ${code ?? 'none'}`])],
      measured: describe(held),
      details: held.map((one) => JSON.stringify(one)).join('\n'),
    };
  });
}

async function ask(program: Program, times: number): Promise<Held> {
  program.signal('SIGUSR2');
  const lines = () => program.output.split('\n').filter((line) => line.startsWith('{"held"'));
  const line = await eventually('what the program holds', () => lines()[times - 1], 30_000);
  return (JSON.parse(line) as { readonly held: Held }).held;
}

function describe(held: readonly Held[]): string {
  const [first, last] = [held.at(0), held.at(-1)];
  if (first === undefined || last === undefined) return '';
  return `heap ${first.heapKiB} → ${last.heapKiB} KiB, ${first.listeners} → ${last.listeners} listeners, ${first.timers} → ${last.timers} timers`;
}

/** From a quarter of the polls, when all code has run, to the last. */
function growth(held: readonly Held[]): readonly string[] {
  const [early, last] = [held[SAMPLES / 4 - 1], held.at(-1)];
  if (early === undefined || last === undefined) return ['nothing was measured'];
  const bounds = { heapKiB: MAY_GROW_KIB, listeners: MAY_GROW_COUNT, signals: MAY_GROW_COUNT, timers: MAY_GROW_COUNT };
  return (Object.keys(bounds) as (keyof Held)[])
    .filter((what) => last[what] > early[what] + bounds[what])
    .map((what) => `${what} grew from ${early[what]} to ${last[what]}`);
}
