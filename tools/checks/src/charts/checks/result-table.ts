import Table from 'cli-table3';
import colors from 'yoctocolors';
import type { CheckResult } from './check.ts';

const marks = { passed: colors.green('passed'), failed: colors.red('failed'), skipped: colors.yellow('skipped') };

/** The results as a table, with what failed in full below it. */
export function resultTable(results: readonly CheckResult[]): string {
  const table = new Table({ head: ['check', 'result', 'seconds', 'what'], style: { head: [], border: [] } });
  for (const { name, status, seconds, detail } of results) {
    table.push([name, marks[status], seconds.toFixed(1), status === 'failed' ? 'see below' : detail]);
  }
  const failures = results
    .filter(({ status }) => status === 'failed')
    .map(({ name, detail }) => `\n${colors.red(name)}\n${detail}`);
  const count = (wanted: CheckResult['status']) => results.filter(({ status }) => status === wanted).length;
  const summary = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
  return [table.toString(), ...failures, summary].join('\n');
}
