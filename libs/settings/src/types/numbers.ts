import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

/** Bounds of a number, both included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number within a range; an optional sign, then decimal digits, as Go's Atoi takes them. */
export function integer({ min, max }: Range): SettingType<number> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.regex(/^[+-]?\d{1,15}$/),
      v.transform(Number),
      v.minValue(min),
      v.maxValue(max),
    ),
    allowed: `a whole number from ${min} to ${max}`,
    format: (value) => String(value),
  };
}

/** A number above zero, such as 5 or 0.5. */
export function positiveNumber(): SettingType<number> {
  return {
    schema: v.pipe(v.string(), v.trim(), v.regex(/^\+?\d{1,9}(\.\d{1,9})?$/), v.transform(Number), v.gtValue(0)),
    allowed: 'a number above 0',
    format: (value) => String(value),
  };
}

/** A whole number within a range, or −1, which means "not set" and becomes `undefined`. */
export function integerOrUnset(range: Range): SettingType<number | undefined> {
  const within = integer(range);
  return {
    schema: v.union([
      v.pipe(
        v.string(),
        v.trim(),
        v.literal('-1'),
        v.transform(() => undefined),
      ),
      within.schema,
    ]),
    allowed: `-1 (not set) or ${within.allowed}`,
    format: (value) => String(value ?? -1),
  };
}

/** A whole number within a range, the word `auto`, or −1, which means "not set" and becomes `undefined`. */
export function integerAutoOrUnset(range: Range): SettingType<number | 'auto' | undefined> {
  const number = integerOrUnset(range);
  return {
    schema: v.union([v.pipe(v.string(), v.trim(), v.toLowerCase(), v.literal('auto')), number.schema]),
    allowed: `auto, ${number.allowed}`,
    format: (value) => String(value ?? -1),
  };
}

const secondsIn = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;
const shape = /^(?=\d)(?:(\d{1,6})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s?)?$/;

/** Seconds in text like `90s`, `5m`, `1h30m`, `2d` or a bare number of seconds; `undefined` if it is no such text. */
export function parseDurationSeconds(text: string): number | undefined {
  const match = shape.exec(text.trim());
  if (match === null) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(days) * secondsIn.d + Number(hours) * secondsIn.h + Number(minutes) * secondsIn.m + Number(seconds);
}

/** Writes seconds in the largest units that fit: 5400 becomes `1h30m`. */
export function formatDurationSeconds(seconds: number): string {
  let rest = seconds;
  let text = '';
  for (const [unit, size] of Object.entries(secondsIn)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** One of some words, or a duration, which becomes its seconds. */
export function wordOrDuration<const Word extends string>(...words: readonly Word[]): SettingType<Word | number> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.transform((text) => words.find((word) => word === text.toLowerCase()) ?? parseDurationSeconds(text)),
      v.union([v.picklist(words), v.number()]),
    ),
    allowed: `${words.join(', ')} or a duration such as 90s, 5m or 1h30m`,
    format: (value) => (typeof value === 'number' ? formatDurationSeconds(value) : value),
  };
}
