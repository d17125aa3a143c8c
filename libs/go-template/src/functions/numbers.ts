import { parseGoFloat } from '../text/parse-float.ts';
import { parseGoInt } from '../text/parse-int.ts';
import { INT, INT32, INT64, MONTH, UINT32, UINT64, UINT8, WEEKDAY } from '../values/types.ts';
import type { GoType } from '../values/types.ts';
import type { Value } from '../values/value.ts';

/** The integer types that sprig sees a number in; others made from them, such as `time.Duration`, are 0 to it. */
const SEEN: ReadonlySet<GoType> = new Set([INT, INT32, INT64, UINT8, UINT32, UINT64, MONTH, WEEKDAY]);

/** sprig's idea of a value as an `int64`: 0 where it has none. */
export function castInt64(value: Value): bigint {
  switch (value.tag) {
    case 'int':
      return SEEN.has(value.type) ? BigInt.asIntN(64, value.int) : 0n;
    case 'float':
      return truncated(value.float);
    case 'string':
      // "12.00" is 12, and "12.5" is no integer.
      return parseGoInt(value.bytes.replace(/\.0+$/, ''), 0) ?? 0n;
    case 'bool':
      return value.bool ? 1n : 0n;
    default:
      return 0n;
  }
}

/** What the processor makes of a number that is too large, or none: the smallest integer. */
function truncated(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

/** sprig's idea of a value as a `float64`: 0 where it has none. */
export function castFloat64(value: Value): number {
  switch (value.tag) {
    case 'int':
      return SEEN.has(value.type) ? Number(value.int) : 0;
    case 'float':
      return value.float;
    case 'string':
      return parseGoFloat(value.bytes) ?? 0;
    case 'bool':
      return value.bool ? 1 : 0;
    default:
      return 0;
  }
}
