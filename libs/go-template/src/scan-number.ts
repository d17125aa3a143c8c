import { decodeRune } from './text/bytes.ts';
import type { GoString } from './text/bytes.ts';
import { isDigit, isLetter } from './text/unicode.ts';

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
