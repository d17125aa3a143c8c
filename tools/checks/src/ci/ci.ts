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
import { readJunit, sum } from './totals.ts';
import type { JunitReport, Totals } from './totals.ts';

/** How a check went. */
interface CheckResult {
  readonly name: string;
  readonly outcome: Outcome;
  readonly totals: Totals;
  /** What failed, a line each: said again at the end, where it is looked for. */
  readonly failures: readonly string[];
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
  const end = (outcome: Outcome, totals: Partial<Totals>, failures: readonly string[] = []): CheckResult => {
    return { name, outcome, totals: sum([totals]), failures, seconds: (systemClock.monotonic() - began) / 1000 };
  };
  const isThere = needs === undefined || (await run(needs, ['version']).catch(() => undefined)) !== undefined;
  if (!isThere) return end('skipped', { skipped: 1 });
  for (const file of reports ?? []) await rm(path.join(root, file), { force: true });
  const log = createWriteStream(logFile);
  const [program, ...args] = command;
  let output = '';
  const { code } = await run(program, args, {
    cwd: root,
    onOutput: (text) => {
      log.write(text);
      output = (output + text).slice(-LAST_CHARACTERS);
      process.stdout.write(text);
    },
  });
  log.end();
  const { totals, failures } = await findings(reports, code === 0, output);
  return end(code === 0 && totals.failed === 0 ? 'passed' : 'failed', totals, failures);
}

/** How much of a check’s output is kept, to be shown where no report says what failed. */
const LAST_CHARACTERS = 1_000;

/** A check that fails without a failed test of its own counts as one failure: a total must never look better than it is. */
async function findings(reports: Check['reports'], succeeded: boolean, output: string): Promise<JunitReport> {
  const read = await Promise.all((reports ?? []).map(readReport));
  const failures = read.flatMap((report) => report.failures);
  const totals = sum(reports === undefined && succeeded ? [{ passed: 1 }] : read.map((report) => report.totals));
  if (succeeded || totals.failed > 0) return { totals, failures };
  return { totals: { ...totals, failed: 1 }, failures: [`its last words: ${output.trim()}`] };
}

/** A report that is not there or cannot be read counts as one failure. */
async function readReport(file: string): Promise<JunitReport> {
  try {
    return readJunit(await readFile(path.join(root, file), 'utf8'));
  } catch (error) {
    return { totals: sum([{ failed: 1 }]), failures: [`no totals from ${file}: ${String(error)}`] };
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

/** Prints what failed, and last, alone on a line, how many tests passed and failed. */
function conclude(results: readonly CheckResult[], more: number): boolean {
  for (const { name, failures } of results) for (const failure of failures) console.log(`✗ ${name}: ${failure}`);
  const { passed, failed } = sum([...results.map(({ totals }) => totals), { failed: more }]);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}
