import type { GoString } from './bytes.ts';
import { hasWellPlacedUnderscores } from './parse-int.ts';

const DECIMAL = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const HEXADECIMAL = /^([-+]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([-+]?[0-9]+)$/;
const INFINITY = /^[-+]?inf(?:inity)?$/i;

/**
 * Go's `strconv.ParseFloat` for 64 bits.
 *
 * @returns `undefined` where Go gives an error.
 */
export function parseGoFloat(text: GoString): number | undefined {
  if (INFINITY.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  if (text.includes('_')) {
    return hasWellPlacedUnderscores(text) ? parseGoFloat(text.replaceAll('_', '')) : undefined;
  }
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const match = HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const value = scaled(BigInt(`0x0${whole}${fraction}`), Number(exponent) - 4 * fraction.length);
  return Number.isFinite(value) ? (sign === '-' ? -value : value) : undefined;
}

// Rounded once, by Number() on an exact integer; the power of two after it is exact unless the result is subnormal.
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const surplus = Math.max(0, bits - 64);
  const sticky = surplus > 0 && BigInt.asUintN(surplus, mantissa) !== 0n ? 1n : 0n;
  const head = Number(((mantissa >> BigInt(surplus)) << 1n) | sticky);
  const power = exponent + surplus - 1;
  const half = Math.trunc(power / 2);
  return head * 2 ** half * 2 ** (power - half);
}
