import { sameInstant } from '../time/go-time.ts';
import type { Maybe } from './value.ts';

/**
 * Go's `reflect.DeepEqual`: same type, and the same all the way down; NaN is like nothing, and nil is not the same as empty.
 *
 * @see https://pkg.go.dev/reflect#DeepEqual
 */
export function deepEqual(a: Maybe, b: Maybe): boolean {
  if (a === undefined || b === undefined || a.tag === 'nil' || b.tag === 'nil') {
    return (a === undefined || a.tag === 'nil') && (b === undefined || b.tag === 'nil');
  }
  if (a.type !== b.type) return false;
  if (a.tag === 'bool' && b.tag === 'bool') return a.bool === b.bool;
  if (a.tag === 'int' && b.tag === 'int') return a.int === b.int;
  if (a.tag === 'float' && b.tag === 'float') return a.float === b.float;
  if (a.tag === 'complex' && b.tag === 'complex') return a.real === b.real && a.imaginary === b.imaginary;
  if (a.tag === 'string' && b.tag === 'string') return a.bytes === b.bytes;
  if (a.tag === 'list' && b.tag === 'list') {
    return (
      a.isNil === b.isNil &&
      a.items.length === b.items.length &&
      a.items.every((item, i) => deepEqual(item, b.items[i]))
    );
  }
  if (a.tag === 'map' && b.tag === 'map') {
    if (a.isNil !== b.isNil || a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([key, value]) => b.entries.has(key) && deepEqual(value, b.entries.get(key)));
  }
  if (a.tag === 'struct' && b.tag === 'struct') return a.values.every((value, i) => deepEqual(value, b.values[i]));
  if (a.tag === 'time' && b.tag === 'time') return sameInstant(a.time, b.time) && a.time.zone === b.time.zone;
  if (a.tag === 'location' && b.tag === 'location') return a.zone === b.zone;
  if (a.tag === 'pointer' && b.tag === 'pointer') {
    return a.target === undefined || b.target === undefined ? a.target === b.target : deepEqual(a.target, b.target);
  }
  // Functions are the same only when both are nil, and here all are.
  return true;
}
