import type { GoString } from '../unicode/utf8.ts';

const PREFIXES = new Map([
  ['0x', 16],
  ['0o', 8],
  ['0b', 2],
]);

/**
 * Go's `strconv.ParseUint` for 64 bits.
 *
 * @param base 0 takes the base from the prefix and allows underscores between digits.
 * @returns `undefined` where Go gives an error.
 */
export function parseGoUint(text: GoString, base: 0 | 8 | 10): bigint | undefined {
  const { digits, radix } = base === 0 ? withoutPrefix(text) : { digits: text, radix: base };
  if (base === 0 && !hasWellPlacedUnderscores(text)) return undefined;
  const plain = base === 0 ? digits.replaceAll('_', '') : digits;
  if (!DIGITS[radix]?.test(plain)) return undefined;
  let value = 0n;
  for (const digit of plain) value = value * BigInt(radix) + BigInt(parseInt(digit, 16));
  return BigInt.asUintN(64, value) === value ? value : undefined;
}

/**
 * Go's `strconv.ParseInt` for 64 bits.
 *
 * @param base 0 takes the base from the prefix and allows underscores between digits.
 * @returns `undefined` where Go gives an error.
 */
export function parseGoInt(text: GoString, base: 0 | 8 | 10): bigint | undefined {
  const isSigned = text.startsWith('-') || text.startsWith('+');
  const magnitude = parseGoUint(isSigned ? text.slice(1) : text, base);
  if (magnitude === undefined) return undefined;
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const DIGITS: Readonly<Record<number, RegExp>> = {
  2: /^[01]+$/,
  8: /^[0-7]+$/,
  10: /^[0-9]+$/,
  16: /^[0-9a-fA-F]+$/,
};

function withoutPrefix(text: GoString): { readonly digits: GoString; readonly radix: number } {
  const radix = PREFIXES.get(text.slice(0, 2).toLowerCase());
  if (radix !== undefined && text.length > 2) return { digits: text.slice(2), radix };
  return text.startsWith('0') && text.length > 1 ? { digits: text.slice(1), radix: 8 } : { digits: text, radix: 10 };
}

/** Whether each underscore stands between digits, or between a prefix and a digit. */
function hasWellPlacedUnderscores(text: GoString): boolean {
  const unsigned = text.replace(/^[-+]/, '');
  const isHexadecimal = /^0[xX]/.test(unsigned);
  const number = unsigned.replace(/^0[xXoObB]/, '0');
  const digit = isHexadecimal ? '[0-9a-fA-F]' : '[0-9]';
  return !new RegExp(`(?<!${digit})_|_(?!${digit})`).test(number);
}

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
