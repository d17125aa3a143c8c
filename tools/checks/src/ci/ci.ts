import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import { CommandError, run } from '../command.ts';
import type { Outcome } from '../finding.ts';
import { root } from '../workspace.ts';
import { checks } from './checks.ts';
import type { Check, TestReport } from './checks.ts';
import { junitTotals, NO_TOTALS, sum, vitestTotals } from './totals.ts';
import type { Totals } from './totals.ts';

const results = 'results/ci';

/** How a check went. */
interface CheckResult {
  readonly name: string;
  readonly outcome: Outcome;
  readonly totals: Totals;
  readonly seconds: number;
}

/** Runs every check, or those that are named, and prints how each went; the last line says how many tests passed. */
export async function runChecks(names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    const all = checks.map(({ name }) => name).join(', ');
    throw new CommandError(`no such check: ${unknown.join(', ')}; there are ${all}`);
  }
  const ran: CheckResult[] = [];
  for (const check of checks.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(`\n── ${check.name}: ${check.proves}`);
    ran.push(await runCheck(check));
  }
  console.log('');
  for (const { name, outcome, totals, seconds } of ran) {
    const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
    const count = `${totals.passed} passed, ${totals.failed} failed${skipped}`;
    console.log(`${outcome.padEnd(8)}${name.padEnd(12)}${`${seconds.toFixed(0)} s`.padStart(6)}  ${count}`);
  }
  const { passed, failed } = sum(ran.map(({ totals }) => totals));
  console.log(`${passed} passed, ${failed} failed`);
  return ran.every(({ outcome }) => outcome !== 'failed');
}

/** Runs a check; what it prints goes on the screen and into a file. */
async function runCheck({ name, command, reports, needs }: Check): Promise<CheckResult> {
  const began = systemClock.monotonic();
  const end = (outcome: Outcome, totals: Totals): CheckResult => {
    return { name, outcome, totals, seconds: (systemClock.monotonic() - began) / 1000 };
  };
  if (needs !== undefined && !(await isThere(needs))) return end('skipped', { ...NO_TOTALS, skipped: 1 });
  for (const { file } of reports ?? []) await rm(path.join(root, file), { force: true });
  const code = await runLogged(command, path.join(root, results, `${name}.log`));
  const totals = await totalsOf(reports, code === 0);
  return end(code === 0 && totals.failed === 0 ? 'passed' : 'failed', totals);
}

async function isThere(program: string): Promise<boolean> {
  return run(program, ['version']).then(
    () => true,
    () => false,
  );
}

async function runLogged([command, ...args]: Check['command'], logFile: string): Promise<number | null> {
  await mkdir(path.dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const onOutput = (text: string) => {
    log.write(text);
    process.stdout.write(text);
  };
  const { code } = await run(command, args, { cwd: root, onOutput });
  log.end();
  return code;
}

/** A check that fails without a failed test of its own counts as one failure: a total must never look better than it is. */
async function totalsOf(reports: Check['reports'], succeeded: boolean): Promise<Totals> {
  if (reports === undefined) return { ...NO_TOTALS, [succeeded ? 'passed' : 'failed']: 1 };
  const totals = sum(await Promise.all(reports.map(reportTotals)));
  return succeeded || totals.failed > 0 ? totals : { ...totals, failed: 1 };
}

/** A report that is not there or cannot be read counts as one failure. */
async function reportTotals({ format, file }: TestReport): Promise<Totals> {
  try {
    const text = await readFile(path.join(root, file), 'utf8');
    return format === 'vitest' ? vitestTotals(text) : junitTotals(text);
  } catch (error) {
    console.error(`no totals from ${file}: ${String(error)}`);
    return { ...NO_TOTALS, failed: 1 };
  }
}
