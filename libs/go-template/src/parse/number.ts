import { parseGoFloat, parseGoInt, parseGoUint } from '../strconv/parse-number.ts';
import { unquoteChar } from '../strconv/quote.ts';
import { isDigit, isLetter } from '../unicode/unicode.ts';
import { decodeRune } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** Where a number ends and what it is; `bad` when something is glued to it. */
export interface ScannedNumber {
  readonly end: number;
  readonly kind: 'number' | 'complex' | 'bad';
}

/** Finds the end of a number: wide enough for all that is one, its value is checked where it is read. */
export function scanNumber(input: GoString, start: number): ScannedNumber {
  const real = scanPart(input, start);
  if (!real.isClean) return { end: real.end, kind: 'bad' };
  if (!'+-'.includes(input[real.end] ?? ' ')) return { end: real.end, kind: 'number' };
  const imaginary = scanPart(input, real.end);
  const isComplex = imaginary.isClean && input[imaginary.end - 1] === 'i';
  return { end: imaginary.end, kind: isComplex ? 'complex' : 'bad' };
}

// Underscores go where digits go; the four notations differ in their digits and in the letter of the exponent.
const HEXADECIMAL = /[-+]?0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?i?/y;
const OCTAL = /[-+]?0[oO][0-7_]*(?:\.[0-7_]*)?i?/y;
const BINARY = /[-+]?0[bB][01_]*(?:\.[01_]*)?i?/y;
const DECIMAL = /[-+]?[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?i?/y;

function scanPart(input: GoString, start: number): { readonly end: number; readonly isClean: boolean } {
  let end = start;
  for (const notation of [HEXADECIMAL, OCTAL, BINARY, DECIMAL]) {
    notation.lastIndex = start;
    const match = notation.exec(input);
    if (match !== null) {
      end = start + match[0].length;
      break;
    }
  }
  const { rune, size } = decodeRune(input, end);
  const isGlued = size > 0 && (rune === 0x5f || isLetter(rune) || isDigit(rune));
  return isGlued ? { end: end + size, isClean: false } : { end, isClean: true };
}

/** A number as written, under each type that can hold it; which one counts is decided where it is used, as with Go's constants. */
export interface NumberConstant {
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: { readonly real: number; readonly imaginary: number } | undefined;
}

/** What is wrong with a number, in Go's words. */
export interface NumberProblem {
  readonly problem: GoString;
}

/** Reads `'x'`: an integer that is the character's code point. */
export function characterConstant(text: GoString): NumberConstant | NumberProblem {
  const character = unquoteChar(text, 1, "'");
  if (character === undefined) return { problem: 'invalid syntax' };
  if (text.slice(character.next) !== "'") return { problem: `malformed character constant: ${text}` };
  return integerConstant(BigInt(character.rune));
}

/** Reads `1+2i`. */
export function complexConstant(text: GoString): NumberConstant | NumberProblem {
  const split = Math.max(...['+', '-'].map((sign) => text.lastIndexOf(sign)));
  const isExponent = /[eEpP]/.test(text[split - 1] ?? '');
  const at = isExponent ? Math.max(...['+', '-'].map((sign) => text.lastIndexOf(sign, split - 1))) : split;
  const real = parseGoFloat(text.slice(0, at));
  const imaginary = parseGoFloat(text.slice(at, -1));
  if (real === undefined || imaginary === undefined) return { problem: 'syntax error scanning complex number' };
  return simplified(real, imaginary);
}

/** Reads a number without sign of being complex, but for an `i` at its end. */
export function numberConstant(text: GoString, quoted: GoString): NumberConstant | NumberProblem {
  if (text.endsWith('i')) {
    const imaginary = parseGoFloat(text.slice(0, -1));
    if (imaginary !== undefined) return simplified(0, imaginary);
  }
  const int = parseGoInt(text, 0);
  const uint = parseGoUint(text, 0) ?? (int === 0n ? 0n : undefined);
  if (int !== undefined || uint !== undefined) {
    return { int, uint, float: Number(int ?? uint), complex: undefined };
  }
  const float = parseGoFloat(text);
  if (float === undefined) return { problem: `illegal number syntax: ${quoted}` };
  // What looks like an integer and is read as a float alone is too large for one.
  if (!/[.eEpP]/.test(text)) return { problem: `integer overflow: ${quoted}` };
  return { ...wholeValues(float), float, complex: undefined };
}

function integerConstant(value: bigint): NumberConstant {
  return { int: value, uint: value, float: Number(value), complex: undefined };
}

function simplified(real: number, imaginary: number): NumberConstant {
  const complex = { real, imaginary };
  return imaginary === 0
    ? { ...wholeValues(real), float: real, complex }
    : { int: undefined, uint: undefined, float: undefined, complex };
}

function wholeValues(float: number): Pick<NumberConstant, 'int' | 'uint'> {
  if (!Number.isInteger(float)) return { int: undefined, uint: undefined };
  const whole = BigInt(float);
  return {
    int: BigInt.asIntN(64, whole) === whole ? whole : undefined,
    uint: BigInt.asUintN(64, whole) === whole ? whole : undefined,
  };
}
