import { checkTextLength } from '../limits.ts';

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

/** A finite number's decimal digits: `0.d1d2d3… × 10^point`. */
export interface DecimalDigits {
  readonly digits: string;
  readonly point: number;
}

/** The fewest digits that read back as the same number. */
export function shortestDigits(magnitude: number): DecimalDigits {
  if (magnitude === 0) return { digits: '', point: 0 };
  const [mantissa = '', exponent = '0'] = magnitude.toExponential().split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), point: Number(exponent) + 1 };
}

/** Digits to so many places after the decimal point, exact and rounded half to even, as Go does and `toFixed` does not. */
function digitsToPlace(magnitude: number, places: number): DecimalDigits {
  const { mantissa, exponent } = split(magnitude);
  const scaled = mantissa * 10n ** BigInt(places);
  const rounded = exponent >= 0 ? scaled << BigInt(exponent) : divideHalfEven(scaled, 1n << BigInt(-exponent));
  return normalized(rounded, places);
}

/** So many significant digits, exact and rounded half to even. */
function significantDigits(magnitude: number, count: number): DecimalDigits {
  if (magnitude === 0) return { digits: '', point: 0 };
  const { mantissa, exponent } = split(magnitude);
  const power = Math.floor(Math.log10(magnitude));
  // The logarithm may be off by one; then there is a digit too many or too few, and a second try with what was learned.
  for (let point = power + 1; ;) {
    const places = count - point;
    const [up, down] = places >= 0 ? [10n ** BigInt(places), 1n] : [1n, 10n ** BigInt(-places)];
    const numerator = exponent >= 0 ? (mantissa << BigInt(exponent)) * up : mantissa * up;
    const denominator = exponent >= 0 ? down : down << BigInt(-exponent);
    const rounded = divideHalfEven(numerator, denominator);
    const length = rounded.toString().length;
    if (length === count || (length === count + 1 && isPowerOfTen(rounded))) return normalized(rounded, places);
    point += length - count;
  }
}

function isPowerOfTen(value: bigint): boolean {
  return /^10*$/.test(value.toString());
}

function normalized(value: bigint, places: number): DecimalDigits {
  const text = value === 0n ? '' : value.toString();
  return { digits: text.replace(/0+$/, ''), point: text.length - places };
}

function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** A finite number as `mantissa × 2^exponent`. */
function split(magnitude: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}
