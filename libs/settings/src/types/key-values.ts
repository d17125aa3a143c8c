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
