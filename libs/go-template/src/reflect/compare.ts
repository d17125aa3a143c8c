import { describeValue, printArgument } from '../fmt/print-value.ts';
import { GoError } from '../go-error.ts';
import { spend } from '../limits.ts';
import { sameInstant } from '../time/time.ts';
import { isSigned, isUnsigned } from './type.ts';
import { isNil } from './value.ts';
import type { Maybe, Value } from './value.ts';

/** The families of types within which Go's templates compare. */
type Family = 'bool' | 'complex' | 'int' | 'uint' | 'float' | 'string' | 'other';

function familyOf(value: Maybe): Family {
  if (value?.tag === 'int') return isSigned(value.type) ? 'int' : isUnsigned(value.type) ? 'uint' : 'other';
  switch (value?.tag) {
    case 'bool':
    case 'complex':
    case 'float':
    case 'string':
      return value.tag;
    default:
      return 'other';
  }
}

/**
 * The template function `eq` for two values.
 *
 * @throws {@link GoError} for values that can't be compared.
 */
export function areEqual(a: Maybe, b: Maybe): boolean {
  const family = familyOf(a);
  if (family !== familyOf(b) && !(a?.tag === 'int' && b?.tag === 'int')) {
    if (isNothing(a) || isNothing(b)) return false;
    throw new GoError(`incompatible types for comparison: ${a?.type.name ?? ''} and ${b?.type.name ?? ''}`);
  }
  if (a?.tag === 'int' && b?.tag === 'int') return a.int === b.int;
  if (a?.tag === 'bool' && b?.tag === 'bool') return a.bool === b.bool;
  if (a?.tag === 'float' && b?.tag === 'float') return a.float === b.float;
  if (a?.tag === 'complex' && b?.tag === 'complex') return a.real === b.real && a.imaginary === b.imaginary;
  if (a?.tag === 'string' && b?.tag === 'string') return a.bytes === b.bytes;
  return areOthersEqual(a, b);
}

function isNothing(value: Maybe): boolean {
  return value === undefined || value.tag === 'nil';
}

function areOthersEqual(a: Maybe, b: Maybe): boolean {
  if (a !== undefined && b !== undefined && !isNothing(a) && !isNothing(b) && a.type.kind !== b.type.kind) {
    throw new GoError(
      `non-comparable types ${printArgument(a, 's', {})}: ${a.type.name}, ${b.type.name}: ${describeValue(b)}`,
    );
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  if (a === undefined || b === undefined) return false;
  if (a.tag === 'time' && b.tag === 'time') return sameInstant(a.time, b.time) && a.time.zone === b.time.zone;
  if (a.tag === 'location' && b.tag === 'location') return a.zone === b.zone;
  if (b.tag === 'list' || b.tag === 'map' || !isComparableStruct(b)) {
    throw new GoError(`non-comparable type ${printArgument(b, 's', {})}: ${b.type.name}`);
  }
  return a === b;
}

function isComparableStruct(value: Value): boolean {
  return (
    value.tag !== 'struct' || value.values.every((field) => !['list', 'map', 'func', 'struct'].includes(field.tag))
  );
}

/**
 * The template function `lt` for two values.
 *
 * @throws {@link GoError} for values that have no order.
 */
export function isLess(a: Maybe, b: Maybe): boolean {
  const [first, second] = [familyOf(a), familyOf(b)];
  if (first === 'other' || second === 'other') throw new GoError('invalid type for comparison');
  if (a?.tag === 'int' && b?.tag === 'int') return a.int < b.int;
  if (first !== second) {
    throw new GoError(`incompatible types for comparison: ${a?.type.name ?? ''} and ${b?.type.name ?? ''}`);
  }
  if (a?.tag === 'float' && b?.tag === 'float') return a.float < b.float;
  if (a?.tag === 'string' && b?.tag === 'string') return a.bytes < b.bytes;
  throw new GoError('invalid type for comparison');
}

/**
 * Go's `reflect.DeepEqual`: same type, and the same all the way down; NaN is like nothing, and nil is not the same as empty.
 *
 * @see https://pkg.go.dev/reflect#DeepEqual
 */
export function deepEqual(a: Maybe, b: Maybe): boolean {
  spend(1);
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
