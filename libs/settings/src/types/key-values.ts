import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

// https://www.rfc-editor.org/rfc/rfc9110#name-tokens
const headerName = /^[\w!#$%&'*+\-.^`|~]+$/;
// https://www.rfc-editor.org/rfc/rfc9110#name-field-values
const headerValue = /^[\t\x20-\x7e\u0080-\u00ff]*$/;

/** HTTP headers as a JSON object of strings: `{"Content-type":"application/json"}`. */
export function headers(): SettingType<Readonly<Record<string, string>>> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.parseJson(),
      v.check((value) => !Array.isArray(value)),
      v.record(v.pipe(v.string(), v.regex(headerName)), v.pipe(v.string(), v.regex(headerValue))),
    ),
    allowed:
      'a JSON object of strings such as {"Content-type":"application/json"}, without line breaks in names or values',
    format: (value) => JSON.stringify(value),
  };
}

/** What a tag of AWS must have: a key, with any value or with one. */
export interface WantedTag {
  /** At most 128 characters. */
  readonly key: string;
  /** At most 256 characters, and may be empty. Absent: any value. */
  readonly value?: string;
}

/**
 * A tag of AWS as `key`, with any value, or `key=value`; what comes after the first equals sign is the value.
 *
 * @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices
 */
export function tag(): SettingType<WantedTag> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.regex(
        /^[^=\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,128}(=[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{0,256})?$/,
      ),
      v.transform((text) => {
        const [key = '', ...rest] = text.split('=');
        return rest.length === 0 ? { key: key.trim() } : { key: key.trim(), value: rest.join('=').trim() };
      }),
      v.check(({ key }) => key !== ''),
    ),
    allowed: 'the key of a tag, of at most 128 characters, or key=value',
    format: ({ key, value }) => (value === undefined ? key : `${key}=${value}`),
  };
}

// https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set
const annotationKey = /^(?:[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/;

/** Kubernetes annotations as `key=value` pairs separated by commas; a value may be empty. */
export function annotations(): SettingType<Readonly<Record<string, string>>> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.transform((text) => text.split(',').map((pair) => pair.split('='))),
      v.array(v.strictTuple([v.pipe(v.string(), v.trim(), v.regex(annotationKey)), v.pipe(v.string(), v.trim())])),
      v.transform((pairs) => Object.fromEntries(pairs)),
    ),
    allowed:
      'a comma-separated list of key=value pairs whose keys are valid annotation names, such as team=a,example.com/cost=b',
    format: (value) =>
      Object.entries(value)
        .map(([key, text]) => `${key}=${text}`)
        .join(','),
  };
}

/** Names of environment variables, separated by commas; each counts once, in their order. */
export function variableNames(): SettingType<readonly string[]> {
  return {
    schema: v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((name) => name.trim())),
      v.array(v.pipe(v.string(), v.regex(/^[A-Za-z_]\w{0,99}$/))),
      v.maxLength(20),
      v.transform((names) => [...new Set(names)]),
    ),
    allowed: 'a comma-separated list of at most 20 names of environment variables, such as CLUSTER_NAME,STAGE',
    format: (value) => value.join(','),
  };
}
