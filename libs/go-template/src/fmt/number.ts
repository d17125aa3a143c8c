import { checkTextLength } from '../limits.ts';
import { formatFloat } from '../strconv/format-float.ts';
import type { FloatNotation } from '../strconv/format-float.ts';
import { quoteRune } from '../strconv/quote.ts';
import { isPrint } from '../unicode/unicode.ts';
import { encodeRune, isValidRune, RUNE_ERROR } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { pad, padding } from './text.ts';
import type { Spec } from './text.ts';

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

const NOTATIONS = new Map<string, readonly [notation: FloatNotation, precision: number]>([
  ['v', ['g', -1]],
  ['b', ['b', -1]],
  ['g', ['g', -1]],
  ['G', ['G', -1]],
  ['x', ['x', -1]],
  ['X', ['X', -1]],
  ['f', ['f', 6]],
  ['F', ['f', 6]],
  ['e', ['e', 6]],
  ['E', ['E', 6]],
]);

/**
 * Formats a floating-point number for a verb.
 *
 * @returns `undefined` for a verb that such numbers don't have.
 */
export function formatFloatVerb(value: number, verb: string, spec: Spec): GoString | undefined {
  const notation = NOTATIONS.get(verb);
  if (notation === undefined) return undefined;
  const precision = spec.precision ?? notation[1];
  const formatted = formatFloat(value, notation[0], precision);
  const [sign, unsigned] = /^[-+]/.test(formatted) ? [formatted.slice(0, 1), formatted.slice(1)] : ['+', formatted];
  const shownSign = spec.space === true && sign === '+' && spec.plus !== true ? ' ' : sign;
  const isSignShown = spec.plus === true || shownSign !== '+';
  if (!Number.isFinite(value)) {
    // Not padded with zeros; an infinity shows its sign always, and what is no number only when asked to.
    return pad((Number.isNaN(value) && !isSignShown ? '' : shownSign) + unsigned, {
      ...spec,
      zero: false,
    });
  }
  const number = spec.sharp === true && notation[0] !== 'b' ? withPoint(unsigned, notation[0], precision) : unsigned;
  if (!isSignShown) return pad(number, spec);
  if (spec.zero === true && spec.minus !== true && spec.width !== undefined) {
    return shownSign + padding(spec.width - number.length - 1, spec) + number;
  }
  return pad(shownSign + number, spec);
}

/** Formats a complex number, its parts each for the verb. */
export function formatComplexVerb(real: number, imaginary: number, verb: string, spec: Spec): GoString | undefined {
  const first = formatFloatVerb(real, verb, spec);
  const second = formatFloatVerb(imaginary, verb, { ...spec, plus: true });
  return first === undefined || second === undefined ? undefined : `(${first}${second}i)`;
}

/** The `#` flag: a decimal point always, and for `%g` the zeros at the end that its precision has room for. */
function withPoint(number: string, notation: FloatNotation, precision: number): string {
  const isHexadecimal = notation === 'x' || notation === 'X';
  const tailAt = number.search(isHexadecimal ? /[pP]/ : /[eE]/);
  const [head, tail] = tailAt === -1 ? [number, ''] : [number.slice(0, tailAt), number.slice(tailAt)];
  let missing = notation === 'g' || notation === 'G' || notation === 'x' ? (precision === -1 ? 6 : precision) : 0;
  missing -= head.replace('.', '').replace(/^0+/, '').length;
  const hasPoint = head.includes('.');
  if (!hasPoint && head === '0') missing -= 1;
  return `${head}${hasPoint ? '' : '.'}${'0'.repeat(Math.max(0, missing))}${tail}`;
}
