import { GoError } from '../go-error.ts';
import { ANY, BOOL, DICT, DURATION, FLOAT64, INT, LOCATION_POINTER, REFLECTED, STRING, TIME } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import { NIL } from '../reflect/value.ts';
import type { GoFunction, MapValue, Maybe, Value } from '../reflect/value.ts';
import type { GoTime, Zone } from '../time/time.ts';
import type { GoString } from '../unicode/utf8.ts';

/** The Go type of a parameter, and how an argument of it is read. */
export interface Parameter<T> {
  readonly type: GoType;
  read(value: Maybe): T;
}

// The evaluator has checked each argument's type before; what does not fit here has been handed over unchecked.
export function misfit(type: GoType): never {
  throw new GoError(`argument is no ${type.name}`);
}

export const aString: Parameter<GoString> = {
  type: STRING,
  read: (value) => (value?.tag === 'string' ? value.bytes : misfit(STRING)),
};

/** An `int`, as a JavaScript number; those beyond 2^53 lose their last digits, which no count or index has. */
export const anInt: Parameter<number> = {
  type: INT,
  read: (value) => (value?.tag === 'int' ? Number(value.int) : misfit(INT)),
};

export const aFloat: Parameter<number> = {
  type: FLOAT64,
  read: (value) => (value?.tag === 'float' ? value.float : misfit(FLOAT64)),
};

export const aBool: Parameter<boolean> = {
  type: BOOL,
  read: (value) => (value?.tag === 'bool' ? value.bool : misfit(BOOL)),
};

/** An `interface {}`. */
export const anything: Parameter<Value> = { type: ANY, read: (value) => value ?? NIL };

/** A `reflect.Value`, which may be none at all. */
export const reflected: Parameter<Maybe> = { type: REFLECTED, read: (value) => value };

/** A `map[string]interface {}`. */
export const aDict: Parameter<MapValue> = {
  type: DICT,
  read: (value) => (value?.tag === 'map' ? value : misfit(DICT)),
};

export const aTime: Parameter<GoTime> = {
  type: TIME,
  read: (value) => (value?.tag === 'time' ? value.time : misfit(TIME)),
};

/** A `time.Duration`, in nanoseconds. */
export const aDuration: Parameter<bigint> = {
  type: DURATION,
  read: (value) => (value?.tag === 'int' ? value.int : misfit(DURATION)),
};

export const aLocation: Parameter<Zone> = {
  type: LOCATION_POINTER,
  read: (value) => (value?.tag === 'location' ? value.zone : misfit(LOCATION_POINTER)),
};

/** A function without parameters. */
export function fn0(run: () => Maybe): GoFunction {
  return { params: [], call: () => run() };
}

export function fn1<A>(a: Parameter<A>, run: (a: A) => Maybe): GoFunction {
  return { params: [a.type], call: ([first]) => run(a.read(first)) };
}

export function fn2<A, B>(a: Parameter<A>, b: Parameter<B>, run: (a: A, b: B) => Maybe): GoFunction {
  return {
    params: [a.type, b.type],
    call: ([first, second]) => run(a.read(first), b.read(second)),
  };
}

export function fn3<A, B, C>(
  a: Parameter<A>,
  b: Parameter<B>,
  c: Parameter<C>,
  run: (a: A, b: B, c: C) => Maybe,
): GoFunction {
  return {
    params: [a.type, b.type, c.type],
    call: ([first, second, third]) => run(a.read(first), b.read(second), c.read(third)),
  };
}

/** A function of any number of arguments. */
export function variadic0<R>(rest: Parameter<R>, run: (rest: R[]) => Maybe): GoFunction {
  return {
    params: [],
    variadic: rest.type,
    call: (args) => run(args.map((arg) => rest.read(arg))),
  };
}

/** A function of one argument and any number of others. */
export function variadic1<A, R>(a: Parameter<A>, rest: Parameter<R>, run: (a: A, rest: R[]) => Maybe): GoFunction {
  return {
    params: [a.type],
    variadic: rest.type,
    call: ([first, ...others]) =>
      run(
        a.read(first),
        others.map((arg) => rest.read(arg)),
      ),
  };
}

/** A function of two arguments and any number of others. */
export function variadic2<A, B, R>(
  a: Parameter<A>,
  b: Parameter<B>,
  rest: Parameter<R>,
  run: (a: A, b: B, rest: R[]) => Maybe,
): GoFunction {
  return {
    params: [a.type, b.type],
    variadic: rest.type,
    call: ([first, second, ...others]) =>
      run(
        a.read(first),
        b.read(second),
        others.map((arg) => rest.read(arg)),
      ),
  };
}
