import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import { CommandError, run } from '../command.ts';
import type { Outcome } from '../finding.ts';
import { root } from '../workspace.ts';
import { builtPrograms, overruns, readBudget } from './budget.ts';
import { checks, longChecks } from './checks.ts';
import type { Check } from './checks.ts';
import { junitTotals, sum } from './totals.ts';
import type { Totals } from './totals.ts';

/** How a check went. */
interface CheckResult {
  readonly name: string;
  readonly outcome: Outcome;
  readonly totals: Totals;
  readonly seconds: number;
}

/** Runs every check, or those that are named, and judges their results and their time; the last line says how many tests passed. */
export async function runCi(names: readonly string[]): Promise<boolean> {
  const [budget, before] = [await readBudget(), await builtPrograms()];
  const results = await runChecks(checks, names, 'results/ci');
  const built = (await builtPrograms()).filter((name) => !before.includes(name));
  const late = overruns(results, budget, built);
  console.log('');
  for (const result of results) console.log(resultLine(result, ` of ${budget.seconds[result.name] ?? 'no'} s`));
  const limit = built.length > 0 ? budget.minutes.cold : budget.minutes.warm;
  const how = built.length > 0 ? `cold: Go had to build ${built.join(', ')}` : 'warm: everything was built';
  console.log(`${totalSeconds(results)} s of ${limit * 60} s (${how})`);
  for (const line of late) console.log(`failed  time: ${line}`);
  return conclude(results, late.length);
}

/** Runs the longer commands, or those that are named, one after the other. */
export async function runLong(names: readonly string[]): Promise<boolean> {
  const results = await runChecks(longChecks, names, 'results/long');
  console.log('');
  for (const result of results) console.log(resultLine(result, ' s'));
  console.log(`${totalSeconds(results)} s`);
  return conclude(results, 0);
}

async function runChecks(all: readonly Check[], names: readonly string[], folder: string): Promise<CheckResult[]> {
  const unknown = names.filter((name) => !all.some((check) => check.name === name));
  if (unknown.length > 0) {
    throw new CommandError(`no such check: ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`);
  }
  await mkdir(path.join(root, folder), { recursive: true });
  const results: CheckResult[] = [];
  for (const check of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(`\n── ${check.name}: ${check.proves}`);
    results.push(await runCheck(check, path.join(root, folder, `${check.name}.log`)));
  }
  return results;
}

/** Runs a check; what it prints goes on the screen and into a file. */
async function runCheck({ name, command, reports, needs }: Check, logFile: string): Promise<CheckResult> {
  const began = systemClock.monotonic();
  const end = (outcome: Outcome, totals: Partial<Totals>): CheckResult => {
    return { name, outcome, totals: sum([totals]), seconds: (systemClock.monotonic() - began) / 1000 };
  };
  const isThere = needs === undefined || (await run(needs, ['version']).catch(() => undefined)) !== undefined;
  if (!isThere) return end('skipped', { skipped: 1 });
  for (const file of reports ?? []) await rm(path.join(root, file), { force: true });
  const log = createWriteStream(logFile);
  const [program, ...args] = command;
  const { code } = await run(program, args, {
    cwd: root,
    onOutput: (text) => {
      log.write(text);
      process.stdout.write(text);
    },
  });
  log.end();
  const totals = await totalsOf(reports, code === 0);
  return end(code === 0 && totals.failed === 0 ? 'passed' : 'failed', totals);
}

/** A check that fails without a failed test of its own counts as one failure: a total must never look better than it is. */
async function totalsOf(reports: Check['reports'], succeeded: boolean): Promise<Totals> {
  if (reports === undefined) return sum([succeeded ? { passed: 1 } : { failed: 1 }]);
  const totals = sum(await Promise.all(reports.map(reportTotals)));
  return succeeded || totals.failed > 0 ? totals : { ...totals, failed: 1 };
}

/** A report that is not there or cannot be read counts as one failure. */
async function reportTotals(file: string): Promise<Partial<Totals>> {
  try {
    return junitTotals(await readFile(path.join(root, file), 'utf8'));
  } catch (error) {
    console.error(`no totals from ${file}: ${String(error)}`);
    return { failed: 1 };
  }
}

function resultLine({ name, outcome, totals, seconds }: CheckResult, limit: string): string {
  const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
  const time = `${seconds.toFixed(0).padStart(5)}${limit}`;
  return `${outcome.padEnd(8)}${name.padEnd(12)}${time.padEnd(16)}${totals.passed} passed, ${totals.failed} failed${skipped}`;
}

function totalSeconds(results: readonly CheckResult[]): string {
  return results.reduce((all, { seconds }) => all + seconds, 0).toFixed(0);
}

/** Prints the last line, alone: how many tests passed and failed. */
function conclude(results: readonly CheckResult[], more: number): boolean {
  const { passed, failed } = sum([...results.map(({ totals }) => totals), { failed: more }]);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}
