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
export function digitsToPlace(magnitude: number, places: number): DecimalDigits {
  const { mantissa, exponent } = split(magnitude);
  const scaled = mantissa * 10n ** BigInt(places);
  const rounded = exponent >= 0 ? scaled << BigInt(exponent) : divideHalfEven(scaled, 1n << BigInt(-exponent));
  return normalized(rounded, places);
}

/** So many significant digits, exact and rounded half to even. */
export function significantDigits(magnitude: number, count: number): DecimalDigits {
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
export function split(magnitude: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}
