/**
 * A Go string: a JavaScript string that holds one byte per character, so that lengths, indexes and cuts mean what they mean in Go.
 *
 * Only the edges of the template engine turn it into text and back.
 */
export type GoString = string;

/** The code point Go puts in place of bytes that are not UTF-8. */
export const RUNE_ERROR = 0xfffd;
const MAX_RUNE = 0x10ffff;

const encoder = new TextEncoder();
// A byte order mark is text like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Turns text into the bytes of its UTF-8; a lone surrogate becomes U+FFFD. */
export function goString(text: string): GoString {
  return isAscii(text) ? text : bytesFrom(encoder.encode(text));
}

/** Turns bytes back into text; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: GoString): string {
  return isAscii(bytes) ? bytes : decoder.decode(uint8ArrayFrom(bytes));
}

/** Whether a text has no character beyond ASCII, so that characters are bytes. */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** So many bytes at a time are turned into characters: each is an argument of a call. */
const CHUNK = 8192;

/** The string of such bytes. */
export function bytesFrom(array: Uint8Array): GoString {
  let bytes = '';
  for (let start = 0; start < array.length; start += CHUNK) {
    bytes += String.fromCharCode(...array.subarray(start, start + CHUNK));
  }
  return bytes;
}

/** The bytes of a string. */
export function uint8ArrayFrom(bytes: GoString): Uint8Array<ArrayBuffer> {
  const array = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) array[index] = bytes.charCodeAt(index);
  return array;
}

/** A code point and how many bytes it took. */
export interface DecodedRune {
  readonly rune: number;
  readonly size: number;
}

/**
 * Reads the code point at an index, as Go's decoder does: a byte that begins none is U+FFFD of size 1, the end is U+FFFD of size 0.
 *
 * @see https://pkg.go.dev/unicode/utf8#DecodeRuneInString
 */
export function decodeRune(bytes: GoString, index: number): DecodedRune {
  if (index >= bytes.length) return { rune: RUNE_ERROR, size: 0 };
  const first = bytes.charCodeAt(index);
  if (first < 0x80) return { rune: first, size: 1 };
  const size =
    first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 1;
  if (size === 1) return INVALID;
  let rune = first & (0xff >> (size + 1));
  for (let offset = 1; offset < size; offset += 1) {
    const next = bytes.charCodeAt(index + offset);
    if ((next & 0xc0) !== 0x80) return INVALID;
    rune = (rune << 6) | (next & 0x3f);
  }
  const isOverlong = (size === 3 && rune < 0x800) || (size === 4 && rune < 0x10000);
  return isOverlong || rune > MAX_RUNE || isSurrogate(rune) ? INVALID : { rune, size };
}

const INVALID: DecodedRune = { rune: RUNE_ERROR, size: 1 };

function isSurrogate(rune: number): boolean {
  return rune >= 0xd800 && rune <= 0xdfff;
}

/** Tells whether a number names a character at all. */
export function isValidRune(rune: number): boolean {
  return rune >= 0 && rune <= MAX_RUNE && !isSurrogate(rune);
}

/** Writes a code point as bytes; one that does not exist as U+FFFD. */
export function encodeRune(rune: number): GoString {
  if (rune >= 0 && rune < 0x80) return String.fromCharCode(rune);
  return goString(String.fromCodePoint(isValidRune(rune) ? rune : RUNE_ERROR));
}

/** Walks through the code points with their places. */
export function* eachRune(bytes: GoString): Generator<DecodedRune & { readonly index: number }> {
  for (let index = 0; index < bytes.length;) {
    const decoded = decodeRune(bytes, index);
    yield { ...decoded, index };
    index += decoded.size;
  }
}

/** All code points in order. */
export function runesOf(bytes: GoString): number[] {
  return Array.from(eachRune(bytes), ({ rune }) => rune);
}

/** Writes code points as bytes. */
export function fromRunes(runes: readonly number[]): GoString {
  return runes.map(encodeRune).join('');
}

/** How many code points there are. */
export function runeCount(bytes: GoString): number {
  let count = 0;
  for (let index = 0; index < bytes.length; count += 1) index += decodeRune(bytes, index).size;
  return count;
}
