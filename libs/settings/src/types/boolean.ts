import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falsehoods = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Whether `text` is one of the words that Go's ParseBool takes: https://pkg.go.dev/strconv#ParseBool */
export function isBooleanWord(text: string): boolean {
  return truths.has(text) || falsehoods.has(text);
}

/** True or false, in the words that Go's ParseBool takes: https://pkg.go.dev/strconv#ParseBool */
export function boolean(): SettingType<boolean> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.check(isBooleanWord),
      v.transform((text) => truths.has(text)),
    ),
    allowed: 'true or false',
    format: (value) => String(value),
    standsAlone: true,
  };
}
