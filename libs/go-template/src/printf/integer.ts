import { checkTextLength } from '../limits.ts';
import { encodeRune, isValidRune, RUNE_ERROR } from '../text/bytes.ts';
import type { GoString } from '../text/bytes.ts';
import { quoteRune } from '../text/quote.ts';
import { isPrint } from '../text/unicode.ts';
import { pad, padding } from './spec.ts';
import type { Spec } from './spec.ts';

const BASES = new Map([
  ['v', 10],
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
]);

/**
 * Formats a whole number for a verb.
 *
 * @returns `undefined` for a verb that whole numbers don't have.
 */
export function formatInteger(value: bigint, isSigned: boolean, verb: string, spec: Spec): GoString | undefined {
  if (verb === 'v' && spec.sharpV === true && !isSigned) return inBase(value, 16, verb, { ...spec, sharp: true });
  const base = BASES.get(verb);
  if (base !== undefined) return inBase(value, base, verb, spec);
  switch (verb) {
    case 'c':
      return pad(encodeRune(runeFrom(value)), spec);
    case 'q':
      return pad(quoteRune(runeFrom(value), spec.plus === true), spec);
    case 'U':
      return unicodeNotation(BigInt.asUintN(64, value), spec);
    default:
      return undefined;
  }
}

function runeFrom(value: bigint): number {
  const rune = Number(BigInt.asUintN(64, value));
  return isValidRune(rune) ? rune : RUNE_ERROR;
}

function inBase(value: bigint, base: number, verb: string, spec: Spec): GoString {
  const { precision } = spec;
  // A zero that is asked for no digit at all shows none.
  if (precision === 0 && value === 0n) return padding(spec.width ?? 0, { ...spec, zero: false });
  const isNegative = value < 0n;
  const magnitude = (isNegative ? -value : value).toString(base);
  const sign = isNegative ? '-' : spec.plus === true ? '+' : spec.space === true ? ' ' : '';
  const digits = magnitude.padStart(digitCount(spec, sign), '0');
  const unsigned = (verb === 'O' ? '0o' : '') + prefixed(digits, base, spec);
  return pad(sign + (verb === 'X' ? unsigned.toUpperCase() : unsigned), { ...spec, zero: false });
}

function digitCount({ precision, width, zero, minus }: Spec, sign: string): number {
  if (precision !== undefined) {
    checkTextLength(precision);
    return precision;
  }
  if (zero !== true || minus === true || width === undefined) return 0;
  checkTextLength(width);
  return width - sign.length;
}

function prefixed(digits: string, base: number, { sharp }: Spec): string {
  if (sharp !== true) return digits;
  if (base === 2) return `0b${digits}`;
  if (base === 16) return `0x${digits}`;
  return base === 8 && !digits.startsWith('0') ? `0${digits}` : digits;
}

function unicodeNotation(value: bigint, spec: Spec): GoString {
  const width = Math.max(4, spec.precision ?? 0);
  checkTextLength(width);
  const notation = `U+${value.toString(16).toUpperCase().padStart(width, '0')}`;
  const rune = value <= 0x10ffffn ? Number(value) : -1;
  const isShown = spec.sharp === true && isValidRune(rune) && isPrint(rune);
  return pad(isShown ? `${notation} '${encodeRune(rune)}'` : notation, { ...spec, zero: false });
}
