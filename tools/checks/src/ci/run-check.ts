import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import type { Check, Report } from './checks.ts';
import { junitTotals, NO_TOTALS, sum, vitestTotals } from './totals.ts';
import type { Totals } from './totals.ts';

/** How a check went. */
export interface CheckResult {
  readonly check: Check;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly totals: Totals;
  readonly seconds: number;
  /** Everything it printed. */
  readonly logFile: string;
}

/** Runs a check; what it prints goes on the screen and into a file. */
export async function runCheck(check: Check, logFile: string): Promise<CheckResult> {
  const began = performance.now();
  const end = (outcome: CheckResult['outcome'], totals: Totals): CheckResult => ({
    check,
    outcome,
    totals,
    seconds: (performance.now() - began) / 1000,
    logFile,
  });
  if (check.needs !== undefined && spawnSync(check.needs, ['version']).error !== undefined) {
    return end('skipped', { ...NO_TOTALS, skipped: 1 });
  }
  for (const { file } of check.reports ?? []) await rm(file, { force: true });
  const code = await run(check.command, logFile);
  const totals = await totalsOf(check, code === 0);
  return end(code === 0 && totals.failed === 0 ? 'passed' : 'failed', totals);
}

async function run([command, ...args]: Check['command'], logFile: string): Promise<number | null> {
  const log = createWriteStream(logFile);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log.write(chunk);
      process.stdout.write(chunk);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  log.end();
  return code;
}

/** A check that fails without a failed test of its own counts as one failure: a total must never look better than it is. */
async function totalsOf({ reports }: Check, succeeded: boolean): Promise<Totals> {
  if (reports === undefined) return { ...NO_TOTALS, [succeeded ? 'passed' : 'failed']: 1 };
  const totals = sum(await Promise.all(reports.map(reportTotals)));
  return succeeded || totals.failed > 0 ? totals : { ...totals, failed: 1 };
}

/** A report that is not there or cannot be read counts as one failure. */
async function reportTotals({ format, file }: Report): Promise<Totals> {
  try {
    const text = await readFile(file, 'utf8');
    return format === 'vitest' ? vitestTotals(text) : junitTotals(text);
  } catch (error) {
    process.stderr.write(`no totals from ${file}: ${String(error)}\n`);
    return { ...NO_TOTALS, failed: 1 };
  }
}
