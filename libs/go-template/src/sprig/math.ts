import { describeValue } from '../fmt/print-value.ts';
import { aFloat, anInt, anything, aString, fn1, fn2, fn3, variadic0, variadic1, variadic2 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { checkListLength } from '../limits.ts';
import { float, int, int64, ints, string } from '../reflect/value.ts';
import type { GoFunction, Value } from '../reflect/value.ts';
import { parseGoInt } from '../strconv/parse-number.ts';
import { add, castFloat64, castInt64, decimalFrom, divide, multiply, numberFrom, subtract } from './numbers.ts';
import type { Decimal } from './numbers.ts';

const inDecimals =
  (operation: (a: Decimal, b: Decimal) => Decimal) =>
  (first: number, others: readonly Value[]): Value =>
    float(numberFrom(others.map((other) => decimalFrom(castFloat64(other))).reduce(operation, decimalFrom(first))));

const wholeExtreme = (isBetter: (candidate: bigint, best: bigint) => boolean): GoFunction =>
  variadic1(anything, anything, (first, others) =>
    int64(
      others
        .map(castInt64)
        .reduce((best, candidate) => (isBetter(candidate, best) ? candidate : best), castInt64(first)),
    ),
  );
const max = wholeExtreme((candidate, best) => candidate > best);

/** sprig's arithmetic: on `int64`, the functions with an `f` on `float64`. */
export const MATH_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  atoi: fn1(aString, (text) => int(clampedInt(text))),
  int: fn1(anything, (value) => int(castInt64(value))),
  int64: fn1(anything, (value) => int64(castInt64(value))),
  float64: fn1(anything, (value) => float(castFloat64(value))),
  toDecimal: fn1(anything, (value) => int64(parseGoInt(describeValue(value), 8) ?? 0n)),
  add1: fn1(anything, (value) => int64(castInt64(value) + 1n)),
  add: variadic0(anything, (values) => int64(values.map(castInt64).reduce((sum, value) => sum + value, 0n))),
  sub: fn2(anything, anything, (a, b) => int64(castInt64(a) - castInt64(b))),
  mul: variadic1(anything, anything, (first, others) =>
    int64(others.map(castInt64).reduce((product, value) => BigInt.asIntN(64, product * value), castInt64(first))),
  ),
  div: fn2(anything, anything, (a, b) => int64(castInt64(a) / nonZero(castInt64(b)))),
  mod: fn2(anything, anything, (a, b) => int64(castInt64(a) % nonZero(castInt64(b)))),
  max,
  biggest: max,
  min: wholeExtreme((candidate, best) => candidate < best),
  add1f: fn1(anything, (value) => inDecimals(add)(castFloat64(value), [int(1)])),
  addf: variadic0(anything, (values) => inDecimals(add)(0, values)),
  subf: variadic1(anything, anything, (first, others) => inDecimals(subtract)(castFloat64(first), others)),
  mulf: variadic1(anything, anything, (first, others) => inDecimals(multiply)(castFloat64(first), others)),
  divf: variadic1(anything, anything, (first, others) => inDecimals(divide)(castFloat64(first), others)),
  maxf: variadic1(anything, anything, (first, others) => float(Math.max(...[first, ...others].map(castFloat64)))),
  minf: variadic1(anything, anything, (first, others) => float(Math.min(...[first, ...others].map(castFloat64)))),
  ceil: fn1(anything, (value) => float(Math.ceil(castFloat64(value)))),
  floor: fn1(anything, (value) => float(Math.floor(castFloat64(value)))),
  round: variadic2(anything, anInt, aFloat, (value, places, [roundOn = 0.5]) =>
    float(round(castFloat64(value), places, roundOn)),
  ),
  until: fn1(anInt, (count) => ints(steps(0, count, count < 0 ? -1 : 1))),
  untilStep: fn3(anInt, anInt, anInt, (start, stop, step) => ints(steps(start, stop, step))),
  seq: variadic0(anInt, (params) => string(sequence(params).join(' '))),
};

function clampedInt(text: string): bigint {
  if (!/^[-+]?[0-9]+$/.test(text)) return 0n;
  const limit = 2n ** 63n;
  const magnitude = BigInt(text.replace(/^[-+]/, ''));
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return value >= limit ? limit - 1n : value < -limit ? -limit : value;
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new GoError('runtime error: integer divide by zero');
  return divisor;
}

// Negative numbers go down, whatever their fraction: it is below any threshold.
function round(value: number, places: number, roundOn: number): number {
  const power = 10 ** places;
  const scaled = power * value;
  return (scaled - Math.trunc(scaled) >= roundOn ? Math.ceil(scaled) : Math.floor(scaled)) / power;
}

function steps(start: number, stop: number, step: number): number[] {
  if (stop < start ? step >= 0 : step <= 0) return [];
  const count = Math.ceil((stop - start) / step);
  checkListLength(count);
  return Array.from({ length: count }, (_item, index) => start + index * step);
}

function sequence([first, second, third, ...more]: readonly number[]): number[] {
  if (first === undefined || more.length > 0) return [];
  if (second === undefined) return inclusive(1, first, first < 1 ? -1 : 1);
  if (third === undefined) return inclusive(first, second, second < first ? -1 : 1);
  if (third < first && second > 0) return [];
  return steps(first, third + (third < first ? -1 : 1), second);
}

function inclusive(start: number, end: number, step: 1 | -1): number[] {
  return steps(start, end + step, step);
}
