import type { CaseResult } from './case-result.ts';

const marks = { passed: '✓', failed: '✗' } as const;

/** The matrix as a table in Markdown, which is as well read in a terminal. */
export function resultTable(results: readonly CaseResult[]): string {
  const rows = results.map((result) => [
    result.group,
    result.measured === undefined ? result.name : `${result.name}: ${result.measured}`,
    result.recoverySeconds === undefined ? '' : `${result.recoverySeconds.toFixed(1)} s`,
    result.boundSeconds === undefined ? '' : `${result.boundSeconds} s`,
    marks[result.outcome],
  ]);
  const head = ['who', 'what', 'recovery', 'bound', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** One line for a result as it comes, and for a failure all that was found. */
export function resultLines({ outcome, group, name, durationMs, violations, details }: CaseResult): string {
  const line = `${marks[outcome]} ${group}: ${name} (${(durationMs / 1000).toFixed(1)} s)`;
  if (outcome === 'passed') return line;
  return [line, ...violations.map((what) => `    ${what}`), ...(details === undefined ? [] : [details])].join('\n');
}
