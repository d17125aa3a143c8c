import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../program.ts';
import type { LogLine } from '../../program.ts';
import { asExplained } from './told.ts';
import type { Told } from './told.ts';
import type { Situation } from './situations.ts';

const PAGE = path.join(root, 'docs/troubleshooting.md');
/** The columns of the table. */
export const HEAD = [
  'situation',
  'program',
  'the first line',
  '`/readyz`',
  'metric',
  'event',
  'alert',
  'when it is over',
] as const;
/** The part of the page that holds the table, and nothing else below its words. */
const SECTION = /(\n## Bad situations\n[^|]*)(\|[^]*?\n)(?=\n)/;

/** One situation, as people read it. */
export type Row = Readonly<Record<(typeof HEAD)[number], string>>;

/**
 * What each cell of a row may truly say: of several, whichever; the first is what it says when it is made anew. `undefined` where nobody
 * could be asked.
 */
export type Choices = Readonly<Record<keyof Row, readonly string[] | undefined>>;

/**
 * Says what was told of a situation. Pure.
 *
 * @param alerts - Those that fire if it lasts; `undefined` where nobody could be asked.
 */
export function choicesOf({ name, program, needsStart }: Situation, told: Told, alerts?: readonly string[]): Choices {
  const { bad, readiness, ended, moved, events, over } = told;
  const ready =
    readiness.status === 200 ? '200' : `503: ${[...new Set(readiness.missing.map(withoutNumber))].join(', ')}`;
  return {
    situation: [name],
    program: [program],
    'the first line': bad.map(lineCell),
    '`/readyz`': [ended ?? ready],
    metric: moved.map((sample) => `\`${withoutScope(sample)}\``),
    event: events.map(({ type, reason }) => `${type} *${reason}*`),
    alert: alerts?.map((alert) => `[${alert.replace('NodeTerminationHandler', '')}](alerts.md#${alert.toLowerCase()})`),
    'when it is over': needsStart === true ? ['another start'] : over.map(({ message }) => `*${asExplained(message)}*`),
  };
}

/** A row made of what came first. Pure. */
export function rowOf(choices: Choices): Row {
  return Object.fromEntries(HEAD.map((column) => [column, choices[column]?.[0] ?? NOTHING])) as Row;
}

/** What of a row is not true. Pure. */
export function untruths(row: Row, choices: Choices): readonly string[] {
  return HEAD.flatMap((column) => {
    const [first = NOTHING, ...others] = choices[column] ?? [row[column]];
    return [first, ...others].includes(row[column]) ? [] : [`${column} says "${row[column]}", and was "${first}"`];
  });
}

const NOTHING = '–';

function lineCell({ level, message, ...fields }: LogLine): string {
  const because = fields.error ?? fields.reason;
  const why = typeof because === 'string' ? `: ${withoutPlaces(because)}` : '';
  return `[${level}](logs.md#${level}) *${withoutPlaces(asExplained(message))}*${why}`;
}

/** A reason without what differs from run to run. */
function withoutPlaces(text: string): string {
  return text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+\/\d+\/\w+/g, 'QUEUE_URL')
    .replaceAll(/(?:127\.0\.0\.1|0\.0\.0\.0):\d+/g, 'HOST:PORT')
    .replaceAll(/\bi-0[0-9a-f]{16}\b/g, 'i-…')
    .replaceAll(/\d+ (ms|s)\b/g, '… $1')
    .replaceAll(/(?:slow|web)-going-1(?:-\d)?/g, 'POD')
    .replaceAll('going-1', 'NODE')
    .replaceAll('|', '/');
}

function withoutNumber(name: string): string {
  return name.replace(/ \d+$/, '');
}

/** A sample without the labels that all of the Go handler's metrics have. */
function withoutScope(sample: string): string {
  return sample.replaceAll(/,?otel_scope_\w+="[^"]*"/g, '').replace(/\{\}$/, '');
}

/** The rows of the page. */
export function readPage(): readonly Row[] {
  const table = SECTION.exec(readFileSync(PAGE, 'utf8'))?.[2];
  if (table === undefined) throw new Error(`${PAGE} has no table of bad situations`);
  return table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .map((cells) => Object.fromEntries(HEAD.map((column, index) => [column, cells[index] ?? ''])) as Row);
}

/** Writes the table of the page anew. */
export function writePage(rows: readonly Row[]): void {
  const text = readFileSync(PAGE, 'utf8');
  const lines = [[...HEAD], HEAD.map(() => '---'), ...rows.map((row) => HEAD.map((column) => row[column]))];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  writeFileSync(
    PAGE,
    text.replace(SECTION, (_, words: string) => words + table),
  );
}
