import { eachRune } from '../text/bytes.ts';
import type { GoString } from '../text/bytes.ts';
import { isPrint } from '../text/unicode.ts';

const HTML = new Map([
  ['\0', '\xef\xbf\xbd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** Go's `template.HTMLEscapeString`. */
export function htmlEscape(bytes: GoString): GoString {
  return bytes.replace(/[\0"'&<>]/g, (character) => HTML.get(character) ?? character);
}

const JS = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['&', '\\u0026'],
  ['=', '\\u003D'],
]);

/** Go's `template.JSEscapeString`. */
export function jsEscape(bytes: GoString): GoString {
  let text = '';
  for (const { rune, size, index } of eachRune(bytes)) {
    const character = bytes.slice(index, index + size);
    if (rune < 0x80) text += JS.get(character) ?? (rune < 0x20 ? `\\u00${hex(rune, 2)}` : character);
    else text += isPrint(rune) ? character : `\\u${hex(rune, 4)}`;
  }
  return text;
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}

/** Go's `url.QueryEscape`. */
export function queryEscape(bytes: GoString): GoString {
  return bytes.replace(/[^A-Za-z0-9\-_.~]/g, (byte) => (byte === ' ' ? '+' : `%${hex(byte.charCodeAt(0), 2)}`));
}
