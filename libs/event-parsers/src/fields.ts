import * as v from 'valibot';
import { instanceId, isInstanceId } from './event.ts';
import { poison } from './outcome.ts';
import type { ParseOutcome } from './outcome.ts';

/** A text that must not be empty. */
export const requiredText = v.pipe(v.string(), v.nonEmpty('is empty'));

/** The id of an EC2 instance. */
export const instanceIdField = v.pipe(
  v.string(),
  v.check(isInstanceId, 'is not an EC2 instance id'),
  v.transform(instanceId),
);

/** A time in one of the formats of {@link parseTime}. */
export const timeField = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const time = parseTime(dataset.value);
    if (time !== undefined) return time;
    addIssue({ message: 'is not a time' });
    return NEVER;
  }),
);

/** A time that nothing depends on, such as an end: one that cannot be read is no reason to lose the notice. */
export const lenientTimeField = v.fallback(v.optional(timeField), undefined);

/**
 * Reads the fields of a value and goes on with them, or tells which field is at fault.
 *
 * @param where - What the value is called in a reason, such as `detail`.
 */
export function withFields<T>(
  schema: v.GenericSchema<unknown, T>,
  input: unknown,
  where: string,
  use: (fields: T) => ParseOutcome,
): ParseOutcome {
  const result = v.safeParse(schema, input, { abortEarly: true });
  return result.success ? use(result.output) : poison(describeIssue(result.issues[0], where));
}

/**
 * Reads a text as JSON and goes on with the value.
 *
 * @param where - What the text is called in a reason, such as `body`.
 */
export function withJson(text: string, where: string, use: (value: unknown) => ParseOutcome): ParseOutcome {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text.
    return poison(text.trim() === '' ? `${where}: is empty` : `${where}: is not JSON`);
  }
  return use(value);
}

/** What the schemas of notices ask for, beside objects. */
const EXPECTED: ReadonlyMap<string, string> = new Map([
  ['string', 'a string'],
  ['array', 'an array'],
  ['date', 'a time'],
]);

/** Says in one line which field is at fault and how, without the field's value. */
export function describeIssue(issue: v.BaseIssue<unknown>, where: string): string {
  const keys = issue.path?.map((item) => String(item.key)) ?? [];
  const field = [where, ...keys].filter((key) => key !== '').join('.');
  if (issue.kind === 'validation' || issue.kind === 'transformation') return `${field}: ${issue.message}`;
  if (issue.input === undefined) return `${field}: is missing`;
  return `${field}: is ${nameType(issue.input)}, not ${EXPECTED.get(issue.type) ?? 'an object'}`;
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
// The weekday is read over: AWS Health's own example has a wrong one.
const GMT_TEXT = /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) (?:GMT|UTC)$/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Reads a time as AWS services write it: `2026-01-02T03:04:05Z` (RFC 3339) or `21 Jan 2019 09:00:43 GMT`, with or without a weekday.
 *
 * Stricter than `Date.parse`: a text without a zone or with a day that does not exist is no time.
 *
 * @returns The time, or `undefined` when the text is none.
 * @see https://www.rfc-editor.org/rfc/rfc3339
 */
export function parseTime(text: string): Date | undefined {
  const [iso, date = '', clock = '', fraction = '', zone = ''] = RFC_3339.exec(text) ?? [];
  if (iso !== undefined) return existingTime(`${date}T${clock}.${fraction.padEnd(3, '0').slice(0, 3)}`, zone);
  const [, day = '', month = '', year = '', gmtClock = ''] = GMT_TEXT.exec(text) ?? [];
  const monthNumber = String(MONTHS.indexOf(month.toLowerCase()) + 1).padStart(2, '0');
  return existingTime(`${year}-${monthNumber}-${day.padStart(2, '0')}T${gmtClock}.000`, 'Z');
}

/** The 30th of February reads as the 2nd of March: a time exists when it is written as it was read. */
function existingTime(local: string, zone: string): Date | undefined {
  const read = new Date(`${local}Z`);
  if (Number.isNaN(read.getTime()) || read.toISOString() !== `${local}Z`) return undefined;
  return new Date(`${local}${zone.toUpperCase()}`);
}

/** Writes a time the way existing users' descriptions show it: `2026-01-02 03:04:05 +0000 UTC`. */
export function formatTime(time: Date): string {
  const [day = '', clock = ''] = time.toISOString().replace('Z', '').split('T');
  return `${day} ${clock.replace(/\.?0*$/, '')} +0000 UTC`;
}

/** Moves a time by so many seconds. */
export function addSeconds(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}
