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

function canonical(options: readonly string[], text: string): string {
  const wanted = text.trim().toLowerCase();
  return options.find((option) => option.toLowerCase() === wanted) ?? text;
}

/** One word of a closed set; upper and lower case are the same. */
export function choice<const Option extends string>(...options: readonly Option[]): SettingType<Option> {
  return {
    schema: v.pipe(
      v.string(),
      v.transform((text) => canonical(options, text)),
      v.picklist(options),
    ),
    allowed: `one of ${options.join(', ')}`,
    format: (value) => value,
  };
}

/** Several words of a closed set, separated by commas; each counts once, in the order of the set. */
export function choices<const Option extends string>(...options: readonly Option[]): SettingType<readonly Option[]> {
  return {
    schema: v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((word) => canonical(options, word))),
      v.array(v.picklist(options)),
      v.transform((given) => options.filter((option) => given.includes(option))),
    ),
    allowed: `a comma-separated list of ${options.join(', ')}`,
    format: (value) => value.join(','),
  };
}

/** A number out of a closed set. */
export function numberChoice<const Option extends number>(...options: readonly Option[]): SettingType<Option> {
  return {
    schema: v.pipe(v.string(), v.trim(), v.regex(/^\+?\d{1,15}$/), v.transform(Number), v.picklist(options)),
    allowed: `one of ${options.join(', ')}`,
    format: (value) => String(value),
  };
}
