import { ZERO_TIME } from '../time/time.ts';
import type { GoTime, Zone } from '../time/time.ts';
import type { GoString } from '../unicode/utf8.ts';
import {
  ANY,
  BOOL,
  BYTES,
  COMPLEX128,
  DICT,
  FLOAT64,
  INT,
  INT64,
  INTS,
  LIST,
  LOCATION_POINTER,
  STRING,
  STRINGS,
  TIME,
  UINT8,
} from './type.ts';
import type { GoType, Signature } from './type.ts';

export interface BoolValue {
  readonly tag: 'bool';
  readonly type: GoType;
  readonly bool: boolean;
}

/** A whole number of any width and sign, or of a type made from one, such as `time.Duration`. */
export interface IntValue {
  readonly tag: 'int';
  readonly type: GoType;
  readonly int: bigint;
}

export interface FloatValue {
  readonly tag: 'float';
  readonly type: GoType;
  readonly float: number;
}

export interface ComplexValue {
  readonly tag: 'complex';
  readonly type: GoType;
  readonly real: number;
  readonly imaginary: number;
}

export interface StringValue {
  readonly tag: 'string';
  readonly type: GoType;
  readonly bytes: GoString;
}

/** A slice; its items can be put in order, as `sortAlpha` does with a `[]string`. */
export interface ListValue {
  readonly tag: 'list';
  readonly type: GoType;
  readonly items: Value[];
  readonly isNil: boolean;
}

/** A map from strings; `set` and its like change it, for everybody who holds it. */
export interface MapValue {
  readonly tag: 'map';
  readonly type: GoType;
  readonly entries: Map<GoString, Value>;
  readonly isNil: boolean;
}

/** A struct; the values stand in the order of its type's fields. */
export interface StructValue {
  readonly tag: 'struct';
  readonly type: GoType;
  readonly values: readonly Value[];
  /** The object it was made of, which its methods get. */
  readonly source?: object;
}

export interface TimeValue {
  readonly tag: 'time';
  readonly type: GoType;
  readonly time: GoTime;
}

/** `*time.Location`. */
export interface LocationValue {
  readonly tag: 'location';
  readonly type: GoType;
  readonly zone: Zone;
}

export interface PointerValue {
  readonly tag: 'pointer';
  readonly type: GoType;
  readonly target: StructValue | undefined;
}

/** A function held as a value; nil without one. */
interface FuncValue {
  readonly tag: 'func';
  readonly type: GoType;
  readonly func?: GoFunction;
}

/** An interface that holds nothing. One that holds something is stood for by what it holds. */
export interface NilValue {
  readonly tag: 'nil';
  readonly type: GoType;
}

/** A Go value. */
export type Value =
  | BoolValue
  | IntValue
  | FloatValue
  | ComplexValue
  | StringValue
  | ListValue
  | MapValue
  | StructValue
  | TimeValue
  | LocationValue
  | PointerValue
  | FuncValue
  | NilValue;

/** A function or method that templates can call, with the types Go checks its arguments against. */
export interface GoFunction extends Signature {
  /** Why templates can't call it, in Go's words: of functions with results that Go's templates don't take. */
  readonly signatureProblem?: GoString;
  /** Of `and` and `or`: evaluates no argument after the first whose truth is this one. */
  readonly shortCircuits?: boolean;
  /** Of `call`: gets, before its arguments, the first of them as it is written. */
  readonly describesFirst?: boolean;
  /** @throws {@link GoError} for what is an error or a panic in Go. */
  readonly call: (args: readonly Maybe[]) => Maybe;
}

/** A value, or none at all: what a missing key gives, and prints as `<no value>`. */
export type Maybe = Value | undefined;

export const NIL: NilValue = { tag: 'nil', type: ANY };

const TRUE: BoolValue = { tag: 'bool', type: BOOL, bool: true };
export const FALSE: BoolValue = { tag: 'bool', type: BOOL, bool: false };

export function bool(value: boolean): BoolValue {
  return value ? TRUE : FALSE;
}

/** A number of an integer type; what does not fit is cut to the type's width, as Go's arithmetic does. */
export function integer(value: bigint, type: GoType): IntValue {
  const wrap = WRAP[type.kind] ?? ((int: bigint) => BigInt.asIntN(64, int));
  return { tag: 'int', type, int: wrap(value) };
}

const WRAP: Partial<Record<GoType['kind'], (value: bigint) => bigint>> = {
  int32: (value) => BigInt.asIntN(32, value),
  uint8: (value) => BigInt.asUintN(8, value),
  uint32: (value) => BigInt.asUintN(32, value),
  uint64: (value) => BigInt.asUintN(64, value),
};

export function int(value: number | bigint): IntValue {
  return integer(BigInt(value), INT);
}

export function int64(value: bigint): IntValue {
  return integer(value, INT64);
}

export function float(value: number): FloatValue {
  return { tag: 'float', type: FLOAT64, float: value };
}

export function complex(real: number, imaginary: number): ComplexValue {
  return { tag: 'complex', type: COMPLEX128, real, imaginary };
}

export function string(bytes: GoString): StringValue {
  return { tag: 'string', type: STRING, bytes };
}

/** A `[]interface {}`. */
export function list(items: Value[]): ListValue {
  return slice(LIST, items);
}

/** A `[]string`. */
export function strings(items: readonly GoString[]): ListValue {
  return slice(STRINGS, items.map(string));
}

/** A `[]int`. */
export function ints(items: readonly number[]): ListValue {
  return slice(INTS, items.map(int));
}

/** A `[]byte`. */
export function byteSlice(bytes: GoString): ListValue {
  return slice(
    BYTES,
    Array.from(bytes, (byte) => integer(BigInt(byte.charCodeAt(0)), UINT8)),
  );
}

export function slice(type: GoType, items: Value[]): ListValue {
  return { tag: 'list', type, items, isNil: false };
}

/** A `map[string]interface {}`. */
export function dict(entries: Iterable<readonly [GoString, Value]>): MapValue {
  return { tag: 'map', type: DICT, entries: new Map(entries), isNil: false };
}

export function timeValue(time: GoTime): TimeValue {
  return { tag: 'time', type: TIME, time };
}

export function locationValue(zone: Zone): LocationValue {
  return { tag: 'location', type: LOCATION_POINTER, zone };
}

/** Go's zero of a type. */
export function zeroOf(type: GoType): Value {
  switch (type.kind) {
    case 'bool':
      return FALSE;
    case 'float64':
      return float(0);
    case 'complex128':
      return complex(0, 0);
    case 'string':
      return string('');
    case 'slice':
      return { tag: 'list', type, items: [], isNil: true };
    case 'map':
      return { tag: 'map', type, entries: new Map(), isNil: true };
    case 'struct':
      if (type === TIME) return timeValue(ZERO_TIME);
      return { tag: 'struct', type, values: (type.fields ?? []).map((field) => zeroOf(field.type)) };
    case 'ptr':
      return { tag: 'pointer', type, target: undefined };
    case 'func':
      return { tag: 'func', type };
    case 'interface':
      return type === ANY ? NIL : { tag: 'nil', type };
    default:
      return integer(0n, type);
  }
}

/** Whether a value is the nil of its type. */
export function isNil(value: Maybe): boolean {
  if (value === undefined || value.tag === 'nil') return true;
  if (value.tag === 'func') return value.func === undefined;
  if (value.tag === 'pointer') return value.target === undefined;
  return (value.tag === 'list' || value.tag === 'map') && value.isNil;
}

/** Go's truth, as `if`, `and` and `not` see it: whether a value is not the zero of its type. Structs are always true. */
export function isTrue(value: Maybe): boolean {
  switch (value?.tag) {
    case undefined:
    case 'nil':
      return false;
    case 'func':
      return value.func !== undefined;
    case 'bool':
      return value.bool;
    case 'int':
      return value.int !== 0n;
    case 'float':
      // NaN is not zero.
      return value.float !== 0;
    case 'complex':
      return value.real !== 0 || value.imaginary !== 0;
    case 'string':
      return value.bytes !== '';
    case 'list':
      return value.items.length > 0;
    case 'map':
      return value.entries.size > 0;
    case 'pointer':
      return value.target !== undefined;
    case 'struct':
    case 'time':
    case 'location':
      return true;
  }
}

/** The keys of a map as Go's templates, `fmt` and JSON go through them. */
export function sortedKeys({ entries }: MapValue): GoString[] {
  // Bytes, one per character: the order of JavaScript's strings is that of Go's.
  return [...entries.keys()].sort((a, b) => (a < b ? -1 : 1));
}

/** The bytes of a `[]byte`. */
export function bytesOf({ items }: ListValue): GoString {
  return items.map((item) => (item.tag === 'int' ? String.fromCharCode(Number(item.int)) : '')).join('');
}
