import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { aString, fn1 } from '../funcs/func.ts';
import { string } from '../reflect/value.ts';
import type { GoFunction } from '../reflect/value.ts';
import { uint8ArrayFrom } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** sprig's encodings. A text that can't be decoded gives what is wrong with it, in its place. */
export const ENCODING_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  b64enc: fn1(aString, (bytes) => string(btoa(bytes))),
  b64dec: fn1(aString, (text) => string(decodeBase64(text))),
  b32enc: fn1(aString, (bytes) => string(encodeBase32(bytes))),
  b32dec: fn1(aString, (text) => string(decodeBase32(text))),
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function decodeBase64(text: GoString): GoString {
  const fault = base64Fault(text);
  return fault === undefined ? atob(text) : `illegal base64 data at input byte ${fault}`;
}

/** Where Go's decoder stops; line breaks count for nothing but their place. */
function base64Fault(text: GoString): number | undefined {
  const places = Array.from(text, (character, place) => ({ character, place })).filter(
    ({ character }) => character !== '\n' && character !== '\r',
  );
  const odd = places.findIndex(({ character }) => !BASE64.includes(character));
  const at = (index: number): number => places[index]?.place ?? text.length;
  const inQuantum = (odd === -1 ? places.length : odd) % 4;
  // The decoder counts back the characters it holds, and not the line breaks between them.
  if (odd === -1) return inQuantum === 0 ? undefined : text.length - inQuantum;
  if (places[odd]?.character !== '=' || inQuantum < 2) return at(odd);
  if (inQuantum === 3) return odd + 1 < places.length ? at(odd + 1) : undefined;
  if (odd + 1 >= places.length) return text.length;
  if (places[odd + 1]?.character !== '=') return at(odd + 1) - 1;
  return odd + 2 < places.length ? at(odd + 2) : undefined;
}

function encodeBase32(bytes: GoString): GoString {
  const bits = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(2).padStart(8, '0')).join('');
  const digits = (bits.match(/.{1,5}/g) ?? []).map((group) => BASE32.charAt(parseInt(group.padEnd(5, '0'), 2)));
  return digits.join('') + '='.repeat((8 - (digits.length % 8)) % 8);
}

function decodeBase32(text: GoString): GoString {
  const characters = text.replace(/[\r\n]/g, '');
  const fault = base32Fault(characters);
  if (fault !== undefined) return `illegal base32 data at input byte ${fault}`;
  const [digits = ''] = characters.split('=');
  const bits = Array.from(digits, (digit) => BASE32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return (bits.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(parseInt(byte, 2))).join('');
}

/** Digits that the last eight of a text can have, since others don't make up whole bytes. */
const WHOLE_DIGITS: ReadonlySet<number> = new Set([2, 4, 5, 7]);

function base32Fault(text: GoString): number | undefined {
  const odd = Array.from(text).findIndex((character) => !BASE32.includes(character));
  if (odd === -1) return text.length % 8 === 0 ? undefined : text.length - (text.length % 8);
  const inQuantum = odd % 8;
  const rest = text.length - odd - 1;
  if (text[odd] !== '=' || inQuantum < 2 || rest >= 8) return odd;
  if (rest + inQuantum < 7) return text.length;
  for (let index = 0; index < 7 - inQuantum; index += 1) {
    if (text[odd + 1 + index] !== '=') return odd + index;
  }
  return WHOLE_DIGITS.has(inQuantum) ? undefined : odd;
}

const hashing = (hash: (message: Uint8Array) => Uint8Array): GoFunction =>
  fn1(aString, (bytes) => string(bytesToHex(hash(uint8ArrayFrom(bytes)))));

/** sprig's checksums. */
export const CHECKSUM_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  sha1sum: hashing(sha1),
  sha256sum: hashing(sha256),
  sha512sum: hashing(sha512),
  adler32sum: fn1(aString, (bytes) => string(String(adler32(bytes)))),
};

/** @see https://www.rfc-editor.org/rfc/rfc1950#section-9 */
function adler32(bytes: GoString): number {
  const modulus = 65_521;
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte.charCodeAt(0)) % modulus;
    b = (b + a) % modulus;
  }
  return b * 65_536 + a;
}
