import type { ScenarioResult } from './result.ts';

const marks = { passed: '✓', failed: '✗', skipped: '–' } as const;

/** The results as a table of plain text, with what each scenario proves. */
export function resultTable(results: readonly ScenarioResult[]): string {
  const width = Math.max(8, ...results.map(({ name }) => name.length));
  const rows = results.map(({ name, outcome, durationMs, proves, message }) => {
    const note = outcome === 'skipped' ? `skipped: ${message ?? ''}` : proves;
    return `${marks[outcome]} ${name.padEnd(width)}  ${seconds(durationMs).padStart(7)}  ${note}`;
  });
  return [`  ${'scenario'.padEnd(width)}  ${'time'.padStart(7)}  proves`, ...rows].join('\n');
}

/** One line for a result, as it comes. */
export function resultLine({ name, outcome, durationMs }: ScenarioResult): string {
  return `${marks[outcome]} ${name} (${seconds(durationMs)})`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
