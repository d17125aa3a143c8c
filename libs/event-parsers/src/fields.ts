import * as v from 'valibot';
import { instanceId, isInstanceId } from './event.ts';
import { poison } from './outcome.ts';
import type { ParseOutcome } from './outcome.ts';

/** A text that must not be empty, such as an id. */
export const requiredText = v.pipe(v.string(), v.nonEmpty('is empty'));

/** A text that a notice can do without: one that is missing, empty or no text is none. */
export const optionalText = v.fallback(v.optional(requiredText), undefined);

/** A word or a name that must not be empty; white space around it is no part of it. */
export const requiredWord = v.pipe(v.string(), v.trim(), v.nonEmpty('is empty'));

/** A word that a notice can do without. */
export const optionalWord = v.fallback(v.optional(requiredWord), undefined);

/** The id of an EC2 instance; a sample of AWS's own has a space before it. */
export const instanceIdField = v.pipe(
  v.string(),
  v.trim(),
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

const CLOCK = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?`;
const ZONE = String.raw`\s?(Z|UTC?|GMT|[ECMP][SD]T|[+-]\d{2}(?::?\d{2})?)(?: \(?[A-Z]{1,5}\)?)?`;
const NUMERIC = new RegExp(String.raw`^(\d{4})-(\d{2})-(\d{2})[T ]${CLOCK}${ZONE}$`, 'i');
// The weekday is read over: AWS Health's own example has a wrong one.
const WORDED = new RegExp(
  String.raw`^(?:[A-Z]{3,9},? )?(\d{1,2})[ -]([A-Z]{3})[A-Z]{0,6}[ -](\d{4}) ${CLOCK}${ZONE}$`,
  'i',
);
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The zones that RFC 822 names, by their first letter: how many hours their standard time is behind UTC. */
const AMERICAN_ZONES: ReadonlyMap<string, number> = new Map([
  ['E', 5],
  ['C', 6],
  ['M', 7],
  ['P', 8],
]);

/** The longest text that is looked at as a time. */
const MAX_TIME_LENGTH = 80;

/**
 * Reads a time as AWS services and those who pass their notices on write it: `2026-01-02T03:04:05Z` (RFC 3339 and ISO 8601) or
 * `Sat, 21 Jan 2019 09:00:43 GMT` (RFC 822 and its successors), with or without a weekday, seconds or parts of them, and with any of their zones.
 * A leap second is the one after it.
 *
 * Stricter than `Date.parse`: a text without a zone or with a day that does not exist is no time.
 *
 * @returns The time, or `undefined` when the text is none.
 * @see https://www.rfc-editor.org/rfc/rfc3339
 * @see https://www.rfc-editor.org/rfc/rfc5322#section-3.3
 */
export function parseTime(text: string): Date | undefined {
  const written = text.trim();
  if (written.length > MAX_TIME_LENGTH) return undefined;
  const numeric = NUMERIC.exec(written);
  if (numeric !== null) return existingTime(numeric.slice(1));
  const [, day = '', month = '', year = '', ...clock] = WORDED.exec(written) ?? [];
  const monthNumber = String(MONTHS.indexOf(month.toLowerCase()) + 1);
  return existingTime([year, monthNumber.padStart(2, '0'), day.padStart(2, '0'), ...clock]);
}

/** The 30th of February reads as the 2nd of March: a time exists when it is written as it was read. */
function existingTime(parts: readonly (string | undefined)[]): Date | undefined {
  const [year = '', month = '', day = '', hour = '', minute = '', second = '00', fraction = '', zone = ''] = parts;
  const isLeapSecond = second === '60';
  const milliseconds = isLeapSecond ? '000' : fraction.padEnd(3, '0').slice(0, 3);
  const local = `${year}-${month}-${day}T${hour}:${minute}:${isLeapSecond ? '59' : second}.${milliseconds}Z`;
  const read = new Date(local);
  const offset = offsetMinutes(zone.toUpperCase());
  if (offset === undefined || Number.isNaN(read.getTime()) || read.toISOString() !== local) return undefined;
  return new Date(read.getTime() + (isLeapSecond ? 1000 : 0) - offset * 60_000);
}

/** How many minutes a zone is ahead of UTC. */
function offsetMinutes(zone: string): number | undefined {
  const behind = AMERICAN_ZONES.get(zone.slice(0, 1));
  if (behind !== undefined) return (zone[1] === 'D' ? 1 : 0) * 60 - behind * 60;
  const [, sign, hours = '', minutes = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign === undefined) return zone === '' ? undefined : 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
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
