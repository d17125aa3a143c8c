import { GoError } from '../go-error.ts';
import { goString, textOf } from '../text/bytes.ts';
import type { GoString } from '../text/bytes.ts';
import { bool, dict, float, list, NIL, string } from '../values/value.ts';
import type { Value } from '../values/value.ts';

/**
 * Go's `json.Unmarshal` into an `interface {}`: numbers are `float64`, objects `map[string]interface {}`, arrays `[]interface {}`.
 *
 * @throws {@link GoError} for what is no JSON.
 */
export function decodeJson(bytes: GoString): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(textOf(bytes));
  } catch {
    throw new GoError(bytes.trim() === '' ? 'unexpected end of JSON input' : 'invalid JSON');
  }
  return valueFrom(parsed);
}

function valueFrom(parsed: unknown): Value {
  if (parsed === null || parsed === undefined) return NIL;
  if (typeof parsed === 'boolean') return bool(parsed);
  if (typeof parsed === 'string') return string(goString(parsed.toWellFormed()));
  if (typeof parsed === 'number') {
    if (!Number.isFinite(parsed)) throw new GoError('json: cannot unmarshal number into Go value of type float64');
    return float(parsed);
  }
  if (Array.isArray(parsed)) return list(parsed.map(valueFrom));
  return dict(Object.entries(parsed).map(([key, value]) => [goString(key.toWellFormed()), valueFrom(value)] as const));
}
