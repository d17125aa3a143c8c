import { GoError } from '../go-error.ts';
import { isTooDeep } from '../limits.ts';
import { fromDate, toDate } from '../time/time.ts';
import type { GoTime } from '../time/time.ts';
import { loadZone } from '../time/zones.ts';
import { bytesFrom, goString, textOf, uint8ArrayFrom } from '../unicode/utf8.ts';
import { ANY, BYTES, DICT, ERROR, ERROR_POINTER, INT, isInteger, isNillable, LIST, TIME } from './type.ts';
import type { GoType, Signature } from './type.ts';
import { bool, byteSlice, bytesOf, float, int, integer, NIL, string, timeValue, zeroOf } from './value.ts';
import type { GoFunction, MapValue, Maybe, StructValue, Value } from './value.ts';

// Only this module sees what is inside of a GoValue.
let wrap: (type: GoType, make: () => Value) => GoValue;
let unwrap: (value: GoValue) => Value;

/** A Go value of a type that JavaScript has no values of; made by {@link goValue} and {@link goTime}. */
export class GoValue {
  /** Its Go type. */
  readonly type: GoType;
  readonly #make: () => Value;
  #made: Value | undefined;

  static {
    wrap = (type, make) => new GoValue(type, make);
    // Templates can change lists and maps: each run gets its own.
    unwrap = (value) => {
      const made = value.#made ?? value.#make();
      value.#made = undefined;
      return made;
    };
  }

  private constructor(type: GoType, make: () => Value) {
    this.type = type;
    this.#make = make;
    this.#made = make();
  }
}

/**
 * Makes a Go value of a type.
 *
 * `undefined` is the type's zero, `null` its nil. Slices take arrays, maps take objects and `Map`s, structs take objects by the names of
 * their fields – those that are left out are zero –, whole numbers take `number` and `bigint`, times take `Date`, functions take functions.
 *
 * @throws TypeError that says where in the value what does not fit.
 */
export function goValue(type: GoType, value: unknown): GoValue {
  return wrap(type, () => typed(type, value, ROOT));
}

/**
 * Makes a `time.Time` that is shown in a zone, or finer than a `Date` is.
 *
 * @param options.zone an IANA name, or `Local` for the zone of this process. Default: UTC.
 * @param options.nanoseconds within the second, 0 to 999,999,999. Default: the date's milliseconds.
 * @throws TypeError for a date that is none, RangeError for a zone or nanoseconds that are none.
 */
export function goTime(date: Date, options: { readonly zone?: string; readonly nanoseconds?: number } = {}): GoValue {
  const time = timeFrom(date, ROOT);
  const { zone = 'UTC', nanoseconds = time.nanoseconds } = options;
  const loaded = loadZone(zone);
  if (loaded === undefined) throw new RangeError(`there is no time zone ${JSON.stringify(zone)}`);
  if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds >= 1e9) {
    throw new RangeError(`nanoseconds must be a whole number from 0 to 999999999, and are ${nanoseconds}`);
  }
  const made = timeValue({ ...time, nanoseconds, zone: loaded });
  return wrap(TIME, () => made);
}

/** Where in a value something is: names and indexes, for errors. */
interface Place {
  readonly path: string;
  readonly depth: number;
}

const ROOT: Place = { path: 'data', depth: 0 };

function within(place: Place, key: string): Place {
  if (isTooDeep(place.depth + 1)) throw new TypeError(`${place.path} is nested too deep`);
  return { path: place.path + key, depth: place.depth + 1 };
}

function misfit(place: Place, value: unknown, wanted: string): never {
  throw new TypeError(`${place.path} is ${described(value)}; ${wanted}`);
}

function described(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (value instanceof GoValue) return `a Go value of type ${value.type.name}`;
  const maker: unknown = 'constructor' in value ? value.constructor : undefined;
  return typeof maker === 'function' && maker.name !== '' ? `a value of class ${maker.name}` : 'an object';
}

/** Makes of a JavaScript value the Go value that it stands for; see the table in the README. */
export function fromJs(value: unknown, place: Place = ROOT): Value {
  switch (typeof value) {
    case 'undefined':
      return NIL;
    case 'boolean':
      return bool(value);
    case 'string':
      return string(goString(value));
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? int(value) : float(value);
    case 'bigint':
      return typed(INT, value, place);
    case 'function':
      return { tag: 'func', type: ANY_FUNC, func: fromFunction(UNTYPED, (...args) => apply(value, args)) };
    case 'symbol':
      return misfit(place, value, 'Go has none');
    case 'object':
      return value === null ? NIL : fromObject(value, place);
  }
}

function fromObject(value: object, place: Place): Value {
  if (value instanceof GoValue) return unwrap(value);
  if (value instanceof Date) return timeValue(timeFrom(value, place));
  if (value instanceof Uint8Array) return byteSlice(bytesFrom(value));
  if (value instanceof Error) return errorValue(value);
  if (Array.isArray(value)) return typed(LIST, value, place);
  if (value instanceof Map || isPlain(value)) return typed(DICT, value, place);
  return misfit(place, value, 'give a plain object, or goValue with a structType');
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function errorValue(error: Error): Value {
  const values = [string(goString(error.message))];
  return {
    tag: 'pointer',
    type: ERROR_POINTER,
    target: { tag: 'struct', type: ERROR_POINTER.element ?? ANY, values, source: error },
  };
}

function timeFrom(date: Date, place: Place): GoTime {
  if (Number.isNaN(date.getTime())) return misfit(place, date, 'it is an invalid date');
  return fromDate(date);
}

/** Makes of a JavaScript value a Go value of a type. */
function typed(type: GoType, value: unknown, place: Place): Value {
  if (value === undefined) return zeroOf(type);
  if (value === null) return isNillable(type) ? zeroOf(type) : misfit(place, value, `a ${type.name} has no nil`);
  if (value instanceof GoValue) return assignable(type, value, place);
  if (type === TIME)
    return value instanceof Date ? timeValue(timeFrom(value, place)) : misfit(place, value, 'give a Date');
  if (isInteger(type)) return wholeNumber(type, value, place);
  switch (type.kind) {
    case 'interface':
      return type === ERROR && !(value instanceof Error) ? misfit(place, value, 'give an Error') : fromJs(value, place);
    case 'bool':
      return typeof value === 'boolean' ? bool(value) : misfit(place, value, 'give a boolean');
    case 'float64':
      return typeof value === 'number' ? float(value) : misfit(place, value, 'give a number');
    case 'string':
      return typeof value === 'string'
        ? { tag: 'string', type, bytes: goString(value) }
        : misfit(place, value, 'give a string');
    case 'slice':
      return sliceFrom(type, value, place);
    case 'map':
      return mapFrom(type, value, place);
    case 'struct':
      return typeof value === 'object' ? structFrom(type, value, place) : misfit(place, value, 'give an object');
    case 'ptr':
      return pointerFrom(type, value, place);
    case 'func':
      return typeof value === 'function'
        ? { tag: 'func', type, func: fromFunction(type.signature ?? UNTYPED, (...args) => apply(value, args)) }
        : misfit(place, value, 'give a function');
    default:
      return misfit(place, value, `there is no way to make a ${type.name} of it`);
  }
}

function assignable(type: GoType, value: GoValue, place: Place): Value {
  if (value.type === type || type.kind === 'interface') return unwrap(value);
  return misfit(place, value, `give a ${type.name}`);
}

function wholeNumber(type: GoType, value: unknown, place: Place): Value {
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  if (!isWhole) return misfit(place, value, `give a whole number or a bigint for ${type.name}`);
  const wide = BigInt(value);
  const number = integer(wide, type);
  return number.int === wide ? number : misfit(place, value, `it does not fit into ${type.name}`);
}

function sliceFrom(type: GoType, value: unknown, place: Place): Value {
  if (type === BYTES && value instanceof Uint8Array) return byteSlice(bytesFrom(value));
  if (!Array.isArray(value)) return misfit(place, value, 'give an array');
  const element = type.element ?? ANY;
  const items = value.map((item: unknown, index) => typed(element, item, within(place, `[${index}]`)));
  return { tag: 'list', type, items, isNil: false };
}

function mapFrom(type: GoType, value: unknown, place: Place): MapValue {
  if (!(value instanceof Map) && !(typeof value === 'object' && value !== null && isPlain(value))) {
    return misfit(place, value, 'give a plain object or a Map');
  }
  const element = type.element ?? ANY;
  const entries = [...(value instanceof Map ? value : Object.entries(value))].map(([key, item]: [unknown, unknown]) => {
    if (typeof key !== 'string') return misfit(place, key, 'the keys of a Map must be strings');
    return [goString(key), typed(element, item, within(place, `.${key}`))] as const;
  });
  return { tag: 'map', type, entries: new Map(entries), isNil: false };
}

function structFrom(type: GoType, value: object, place: Place): StructValue {
  const values = (type.fields ?? []).map(({ name, type: fieldType, isUnexported }) => {
    // No name that begins with a capital letter is one that every object has; the others must be the object's own.
    const given: unknown = isUnexported && !Object.hasOwn(value, name) ? undefined : Reflect.get(value, name);
    return typed(fieldType, given, within(place, `.${name}`));
  });
  return { tag: 'struct', type, values, source: value };
}

function pointerFrom(type: GoType, value: unknown, place: Place): Value {
  const { element } = type;
  if (element?.kind !== 'struct' || element === TIME) return misfit(place, value, 'pointers lead to structs alone');
  if (typeof value !== 'object' || value === null) return misfit(place, value, 'give an object');
  return { tag: 'pointer', type, target: structFrom(element, value, place) };
}

/** What a JavaScript function gets for a Go value: what {@link fromJs} makes that value of, as far as there is such a thing. */
export function toJs(value: Maybe, type: GoType = ANY): unknown {
  switch (value?.tag) {
    case undefined:
    case 'nil':
      return null;
    case 'bool':
      return value.bool;
    case 'int':
      return toNumber(value.int, type);
    case 'float':
      return value.float;
    case 'string':
      return textOf(value.bytes);
    case 'list':
      if (value.isNil) return null;
      if (value.type === BYTES) return uint8ArrayFrom(bytesOf(value));
      return value.items.map((item) => toJs(item, value.type.element));
    case 'map':
      if (value.isNil) return null;
      return new Map([...value.entries].map(([key, item]) => [textOf(key), toJs(item, value.type.element)]));
    case 'struct':
      return value.source ?? wrap(value.type, () => value);
    case 'pointer':
      return value.target === undefined ? null : (value.target.source ?? wrap(value.type, () => value));
    case 'time':
      return toDate(value.time);
    case 'complex':
    case 'location':
    case 'func':
      return wrap(value.type, () => value);
  }
}

/** A `number` or `bigint` as the parameter's type says; where it says nothing, a `number` as long as that is exact. */
function toNumber(value: bigint, type: GoType): number | bigint {
  if (type.kind === 'int64' || type.kind === 'uint64') return value;
  const number = Number(value);
  return type.kind === 'interface' && !Number.isSafeInteger(number) ? value : number;
}

/** What a JavaScript function that nothing is said of takes. */
export const UNTYPED: Signature = { params: [], variadic: ANY };
const ANY_FUNC: GoType = { name: 'func(...interface {}) interface {}', kind: 'func', signature: UNTYPED };

// A function is called as what it is: it has no `this`.
function apply(run: object, args: readonly unknown[]): unknown {
  return typeof run === 'function' ? Reflect.apply(run, undefined, args) : undefined;
}

/** Makes of a JavaScript function one that templates can call; what it throws is an error in Go. */
export function fromFunction(signature: Signature, run: (...args: never[]) => unknown): GoFunction {
  const { params, variadic } = signature;
  return {
    ...signature,
    call: (args) => {
      const given = args.map((arg, index) => toJs(arg, params[index] ?? variadic));
      try {
        return fromJs(apply(run, given), { path: 'its result', depth: 0 });
      } catch (error) {
        if (error instanceof GoError) throw error;
        throw new GoError(goString(error instanceof Error ? error.message : String(error)), { cause: error });
      }
    },
  };
}
