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
