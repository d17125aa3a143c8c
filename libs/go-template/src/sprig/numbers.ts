import { GoError } from '../go-error.ts';
import { INT, INT32, INT64, MONTH, UINT32, UINT64, UINT8, WEEKDAY } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import type { Value } from '../reflect/value.ts';
import { formatFloat, shortestDigits } from '../strconv/format-float.ts';
import { parseGoFloat, parseGoInt } from '../strconv/parse-number.ts';

/**
 * A decimal number, exactly `value × 10^exponent`: what sprig computes with in `addf` and its like, so that 0.1 and 0.2 make 0.3.
 *
 * @see https://pkg.go.dev/github.com/shopspring/decimal
 */
export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

/** Digits after the point that a division is rounded to. */
const DIVISION_PRECISION = 16;

/** @throws {@link GoError} for infinities and NaN. */
export function decimalFrom(number: number): Decimal {
  if (!Number.isFinite(number)) throw new GoError(`Cannot create a Decimal from ${formatFloat(number, 'g', -1)}`);
  const { digits, point } = shortestDigits(Math.abs(number));
  const value = BigInt(digits || '0');
  return { value: number < 0 ? -value : value, exponent: digits === '' ? 0 : point - digits.length };
}

/** The number nearest to a decimal. */
export function numberFrom({ value, exponent }: Decimal): number {
  return Number(`${value}e${exponent}`);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: scaledTo(a, exponent) + scaledTo(b, exponent), exponent };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { ...b, value: -b.value });
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent };
}

/** Rounded half away from zero. @throws {@link GoError} for a division by 0. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new GoError('decimal division by 0');
  const shift = a.exponent - b.exponent + DIVISION_PRECISION;
  const numerator = shift >= 0 ? a.value * 10n ** BigInt(shift) : a.value;
  const denominator = shift >= 0 ? b.value : b.value * 10n ** BigInt(-shift);
  const quotient = numerator / denominator;
  const twice = absolute(numerator % denominator) * 2n;
  const isNegative = numerator < 0n !== denominator < 0n;
  const rounded = twice < absolute(denominator) ? quotient : isNegative ? quotient - 1n : quotient + 1n;
  return { value: rounded, exponent: -DIVISION_PRECISION };
}

function scaledTo({ value, exponent }: Decimal, target: number): bigint {
  return value * 10n ** BigInt(exponent - target);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

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
