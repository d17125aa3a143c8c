import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

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
