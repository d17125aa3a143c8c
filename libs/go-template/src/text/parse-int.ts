import type { GoString } from './bytes.ts';

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
export function hasWellPlacedUnderscores(text: GoString): boolean {
  const unsigned = text.replace(/^[-+]/, '');
  const isHexadecimal = /^0[xX]/.test(unsigned);
  const number = unsigned.replace(/^0[xXoObB]/, '0');
  const digit = isHexadecimal ? '[0-9a-fA-F]' : '[0-9]';
  return !new RegExp(`(?<!${digit})_|_(?!${digit})`).test(number);
}
