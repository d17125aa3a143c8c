import { checkTextLength } from '../limits.ts';
import { digitsToPlace, shortestDigits, significantDigits, split } from './float-digits.ts';
import type { DecimalDigits } from './float-digits.ts';

/** The notations of Go's `strconv.FormatFloat`. */
export type FloatNotation = 'b' | 'e' | 'E' | 'f' | 'g' | 'G' | 'x' | 'X';

/** Beyond so many digits a number's expansion holds zeros alone. */
const EXACT_DIGITS = 1100;

/**
 * Go's `strconv.FormatFloat` for 64 bits.
 *
 * @param precision digits after the point, for `g` significant ones; -1 is as many as it takes.
 * @see https://pkg.go.dev/strconv#FormatFloat
 */
export function formatFloat(value: number, notation: FloatNotation, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === Infinity) return `${sign || '+'}Inf`;
  checkTextLength(precision);
  return sign + formatMagnitude(magnitude, notation, precision);
}

function formatMagnitude(magnitude: number, notation: FloatNotation, precision: number): string {
  switch (notation) {
    case 'b':
      return binary(magnitude);
    case 'x':
      return hexadecimal(magnitude, precision);
    case 'X':
      return hexadecimal(magnitude, precision).toUpperCase();
    case 'f':
      return precision < 0
        ? fixed(shortestDigits(magnitude), -1)
        : fixed(digitsToPlace(magnitude, Math.min(precision, EXACT_DIGITS)), precision);
    case 'e':
    case 'E':
      return precision < 0
        ? exponential(shortestDigits(magnitude), -1, notation)
        : exponential(significantDigits(magnitude, Math.min(precision, EXACT_DIGITS) + 1), precision, notation);
    case 'g':
    case 'G':
      return general(magnitude, notation, precision);
  }
}

function fixed({ digits, point }: DecimalDigits, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : digits === '' ? '' : '0'.repeat(-point) + digits;
  const shown = precision < 0 ? fraction : fraction.padEnd(precision, '0');
  return shown === '' ? whole : `${whole}.${shown}`;
}

function exponential({ digits, point }: DecimalDigits, precision: number, letter: string): string {
  const fraction = precision < 0 ? digits.slice(1) : digits.slice(1).padEnd(precision, '0');
  const exponent = digits === '' ? 0 : point - 1;
  const mantissa = (digits[0] ?? '0') + (fraction === '' ? '' : `.${fraction}`);
  return `${mantissa}${letter}${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function general(magnitude: number, notation: 'g' | 'G', precision: number): string {
  const isShortest = precision < 0;
  const significant = precision === 0 ? 1 : Math.min(precision, EXACT_DIGITS);
  const decimal = isShortest ? shortestDigits(magnitude) : significantDigits(magnitude, significant);
  const { digits, point } = decimal;
  // %e is for exponents below -4, or from the precision on; of the shortest form, from 6 on.
  const fewest = isShortest ? 6 : significant > digits.length && digits.length >= point ? digits.length : significant;
  const exponent = point - 1;
  return exponent < -4 || exponent >= fewest
    ? exponential(decimal, -1, notation === 'g' ? 'e' : 'E')
    : fixed(decimal, -1);
}

function binary(magnitude: number): string {
  const { mantissa, exponent } = split(magnitude);
  return `${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

function hexadecimal(magnitude: number, precision: number): string {
  const { mantissa, exponent } = split(magnitude);
  if (mantissa === 0n) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+00`;
  // One bit before the point and 60 after it, which are 15 digits.
  const bits = mantissa.toString(2).length;
  let shifted = mantissa << BigInt(61 - bits);
  let power = exponent + bits - 1;
  if (precision >= 0 && precision < 15) {
    const dropped = BigInt(60 - precision * 4);
    const rest = BigInt.asUintN(Number(dropped), shifted);
    const half = 1n << (dropped - 1n);
    shifted >>= dropped;
    if (rest > half || (rest === half && shifted % 2n === 1n)) shifted += 1n;
    shifted <<= dropped;
    if (shifted >> 61n !== 0n) {
      shifted >>= 1n;
      power += 1;
    }
  }
  const digits = (shifted - (1n << 60n)).toString(16).padStart(15, '0');
  const fraction = precision < 0 ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  return `0x1${fraction === '' ? '' : `.${fraction}`}p${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
