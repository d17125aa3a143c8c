import { isPrint } from '../unicode/unicode.ts';
import { decodeRune, eachRune, encodeRune, isValidRune, RUNE_ERROR } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** Go's `strconv.Quote`, or with `asciiOnly` its `strconv.QuoteToASCII`: a double-quoted Go string literal. */
export function quote(bytes: GoString, asciiOnly = false): GoString {
  if (NEEDS_NO_ESCAPE.test(bytes)) return `"${bytes}"`;
  let quoted = '"';
  for (const { rune, size, index } of eachRune(bytes)) {
    quoted +=
      rune === RUNE_ERROR && size === 1 ? `\\x${hex(bytes.charCodeAt(index), 2)}` : escapeRune(rune, '"', asciiOnly);
  }
  return `${quoted}"`;
}

const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;

/** Go's `strconv.QuoteRune`, or with `asciiOnly` its `strconv.QuoteRuneToASCII`: a single-quoted Go character literal. */
export function quoteRune(rune: number, asciiOnly = false): GoString {
  return `'${escapeRune(isValidRune(rune) ? rune : RUNE_ERROR, "'", asciiOnly)}'`;
}

const SHORT_ESCAPES = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [12, '\\f'],
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
  [11, '\\v'],
]);

function escapeRune(rune: number, delimiter: string, asciiOnly: boolean): GoString {
  const character = String.fromCodePoint(rune);
  if (character === delimiter || character === '\\') return `\\${character}`;
  if (asciiOnly ? rune < 0x80 && isPrint(rune) : isPrint(rune)) return encodeRune(rune);
  const short = SHORT_ESCAPES.get(rune);
  if (short !== undefined) return short;
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`;
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

/** Go's `strconv.CanBackquote`: whether a raw string literal can hold the text on one line. */
export function canBackquote(bytes: GoString): boolean {
  for (const { rune, size } of eachRune(bytes)) {
    const isRefused =
      size > 1 ? rune === 0xfeff : rune === RUNE_ERROR || (rune < 0x20 && rune !== 9) || rune === 0x60 || rune === 0x7f;
    if (isRefused) return false;
  }
  return true;
}

/**
 * Go's `strconv.Unquote` for double- and back-quoted literals.
 *
 * @returns `undefined` where Go says "invalid syntax".
 */
export function unquote(literal: GoString): GoString | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  let result = '';
  const body = literal.slice(1, -1);
  for (let index = 0; index < body.length;) {
    const unquoted = unquoteChar(body, index, '"');
    if (unquoted === undefined) return undefined;
    result += unquoted.bytes;
    index = unquoted.next;
  }
  return result;
}

/** One character of a literal: the bytes it stands for, its code point, and where the next one begins. */
export interface UnquotedChar {
  readonly bytes: GoString;
  readonly rune: number;
  readonly next: number;
}

const SIMPLE_ESCAPES = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
]);
const HEX_ESCAPES = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** Go's `strconv.UnquoteChar`: reads one character or escape of a literal between such quotes. */
export function unquoteChar(literal: GoString, index: number, delimiter: '"' | "'"): UnquotedChar | undefined {
  const first = literal[index];
  if (first === undefined || first === delimiter) return undefined;
  if (first !== '\\') {
    const { rune, size } = decodeRune(literal, index);
    return { bytes: literal.slice(index, index + size), rune, next: index + size };
  }
  const letter = literal[index + 1] ?? '';
  const simple = letter === delimiter ? delimiter.charCodeAt(0) : SIMPLE_ESCAPES.get(letter);
  if (simple !== undefined) return { bytes: String.fromCharCode(simple), rune: simple, next: index + 2 };
  const width = HEX_ESCAPES.get(letter);
  if (width !== undefined) {
    const digits = literal.slice(index + 2, index + 2 + width);
    if (digits.length < width || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
    const rune = parseInt(digits, 16);
    if (letter === 'x') return { bytes: String.fromCharCode(rune), rune, next: index + 2 + width };
    return isValidRune(rune) ? { bytes: encodeRune(rune), rune, next: index + 2 + width } : undefined;
  }
  const octal = literal.slice(index + 1, index + 4);
  const rune = parseInt(octal, 8);
  if (!/^[0-7]{3}$/.test(octal) || rune > 255) return undefined;
  return { bytes: String.fromCharCode(rune), rune, next: index + 4 };
}
