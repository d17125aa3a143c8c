import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import XMLBuilder from 'fast-xml-builder';
import type { CaseResult } from './case.ts';

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;

/** Lines of cells as a Markdown table, the first line its head: as well read in a terminal. */
export function markdownTable(lines: readonly (readonly string[])[]): string {
  const [head = [], ...rest] = lines;
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => (line[column] ?? '').length)));
  const row = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...rest.map(row)].join('\n');
}

/** Puts tables into a page, each between `<!-- table: NAME -->` and `<!-- end -->`; one that has no place there is left out. */
export function fillIn(markdown: string, tables: ReadonlyMap<string, string>): string {
  let filled = markdown;
  for (const [name, table] of tables) {
    const start = `<!-- table: ${name} -->`;
    const [before, after] = filled.split(start);
    if (before === undefined || after === undefined) continue;
    filled = `${before}${start}\n\n${table}\n\n${after.slice(after.indexOf('<!-- end -->'))}`;
  }
  return filled;
}

/** The results as a table: with what each proves, or how long it took to recover. */
export function resultTable(results: readonly CaseResult[]): string {
  const isProof = results.some(({ proves }) => proves !== undefined);
  const inSeconds = (seconds: number | undefined, digits: number): string =>
    seconds === undefined ? '' : `${seconds.toFixed(digits)} s`;
  if (isProof) {
    const rows = results.map(({ outcome, name, durationMs, proves = '', skippedBecause }) => [
      MARKS[outcome],
      name,
      inSeconds(durationMs / 1000, 1),
      skippedBecause === undefined ? proves : `skipped: ${skippedBecause}`,
    ]);
    return markdownTable([['', 'scenario', 'time', 'proves'], ...rows]);
  }
  const rows = results.map(({ group, name, measured, recoverySeconds, boundSeconds, outcome }) => [
    group,
    measured === undefined ? name : `${name}: ${measured}`,
    inSeconds(recoverySeconds, 1),
    inSeconds(boundSeconds, 0),
    MARKS[outcome],
  ]);
  return markdownTable([['who', 'what', 'recovery', 'bound', ''], ...rows]);
}

/** One line for a result as it comes, and for a failure all that was found. */
export function resultLines({ outcome, group, name, proves, durationMs, violations, details }: CaseResult): string {
  const line = `${MARKS[outcome]} ${group}: ${name} (${(durationMs / 1000).toFixed(1)} s)`;
  if (outcome !== 'failed') return line;
  const found = [...(proves === undefined ? [] : [`should prove: ${proves}`]), ...violations];
  return [line, ...found.map((what) => `    ${what}`), ...(details === undefined ? [] : [details])].join('\n');
}

/**
 * The results as JUnit XML.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function junitXml(suite: string, results: readonly CaseResult[]): string {
  const count = (outcome: CaseResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  const seconds = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const attributes = {
    '@name': suite,
    '@tests': results.length,
    '@failures': count('failed'),
    '@skipped': count('skipped'),
    '@time': seconds.toFixed(3),
  };
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...attributes, testsuite: { ...attributes, testcase: results.map(testCase) } },
  });
}

function testCase(result: CaseResult) {
  const { group, name, proves, durationMs, outcome, skippedBecause = '', violations, details = '' } = result;
  return {
    '@classname': group,
    '@name': name,
    '@time': (durationMs / 1000).toFixed(3),
    ...(proves !== undefined && { properties: { property: { '@name': 'proves', '@value': proves } } }),
    ...(outcome === 'skipped' && { skipped: { '@message': skippedBecause } }),
    ...(outcome === 'failed' && {
      failure: { '@message': printable(violations.join('; ')), '#text': printable(details) },
    }),
  };
}

/** XML has no way to write most control characters, not even escaped. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

/** Writes results to a JUnit file. */
export async function writeJunit(file: string, suite: string, results: readonly CaseResult[]): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, junitXml(suite, results));
}

/** Says how many passed and failed, last and alone on a line. @returns the exit code of the run */
export function finalLine(results: readonly CaseResult[], say: (line: string) => void): number {
  const count = (outcome: CaseResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  const skipped = count('skipped') === 0 ? '' : `, ${count('skipped')} skipped`;
  say(`${count('passed')} passed, ${count('failed')} failed${skipped}`);
  return count('failed') === 0 && results.length > 0 ? 0 : 1;
}
