import { describeValue } from '../fmt/print-value.ts';
import { anInt, anything, aString, fn1, fn2, fn3, variadic0 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { checkListLength, checkTextLength, spend } from '../limits.ts';
import { BYTES, STRING_MAP, STRINGS } from '../reflect/type.ts';
import { bool, bytesOf, slice as sliceValue, string, strings } from '../reflect/value.ts';
import type { GoFunction, MapValue, Value } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import { isSpace } from '../unicode/unicode.ts';
import { decodeRune, eachRune, encodeRune, fromRunes, runesOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** sprig's functions for text, but for those of case, of wrapping and of chance. */
export const STRING_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  hello: { params: [], call: () => string('Hello!') },
  abbrev: fn2(anInt, aString, (width, text) => string(width < 4 ? text : abbreviate(text, 0, width))),
  abbrevboth: fn3(anInt, anInt, aString, (left, right, text) =>
    string(right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right)),
  ),
  trunc: fn2(anInt, aString, (length, text) => string(truncate(text, length))),
  trim: fn1(aString, (text) => string(trim(text, isSpace))),
  trimall: fn2(aString, aString, (cutset, text) => string(trimAll(text, cutset))),
  trimAll: fn2(aString, aString, (cutset, text) => string(trimAll(text, cutset))),
  trimSuffix: fn2(aString, aString, (suffix, text) =>
    string(suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text),
  ),
  trimPrefix: fn2(aString, aString, (prefix, text) =>
    string(text.startsWith(prefix) ? text.slice(prefix.length) : text),
  ),
  nospace: fn1(aString, (text) => string(withoutSpace(text))),
  initials: fn1(aString, (text) => string(initials(text))),
  substr: fn3(anInt, anInt, aString, (start, end, text) => string(substring(text, start, end))),
  repeat: fn2(anInt, aString, (count, text) => string(repeat(text, count))),
  contains: fn2(aString, aString, (part, text) => bool(text.includes(part))),
  hasPrefix: fn2(aString, aString, (prefix, text) => bool(text.startsWith(prefix))),
  hasSuffix: fn2(aString, aString, (suffix, text) => bool(text.endsWith(suffix))),
  quote: variadic0(anything, (values) =>
    string(
      values
        .filter(({ tag }) => tag !== 'nil')
        .map((value) => quote(stringValue(value)))
        .join(' '),
    ),
  ),
  squote: variadic0(anything, (values) =>
    string(
      values
        .filter(({ tag }) => tag !== 'nil')
        .map((value) => `'${describeValue(value)}'`)
        .join(' '),
    ),
  ),
  cat: variadic0(anything, (values) =>
    string(
      values
        .filter(({ tag }) => tag !== 'nil')
        .map(describeValue)
        .join(' '),
    ),
  ),
  indent: fn2(anInt, aString, (spaces, text) => string(indent(text, spaces))),
  nindent: fn2(anInt, aString, (spaces, text) => string(`\n${indent(text, spaces)}`)),
  replace: fn3(aString, aString, aString, (from, to, text) => string(replaceAll(text, from, to))),
  plural: fn3(aString, aString, anInt, (one, many, count) => string(count === 1 ? one : many)),
  toString: fn1(anything, (value) => string(stringValue(value))),
  toStrings: fn1(anything, (value) =>
    value.tag === 'list' && value.type === STRINGS ? value : strings(stringValues(value)),
  ),
  join: fn2(aString, anything, (separator, value) => string(join(stringValues(value), separator))),
  split: fn2(aString, aString, (separator, text) => numbered(split(text, separator, -1))),
  splitn: fn3(aString, anInt, aString, (separator, count, text) => numbered(split(text, separator, count))),
  splitList: fn2(aString, aString, (separator, text) => strings(split(text, separator, -1))),
  sortAlpha: fn1(anything, (value) => {
    if (value.tag !== 'list') return strings([stringValue(value)]);
    // A []string is put in order where it is, as Go does.
    const list = value.type === STRINGS ? value : strings(stringValues(value));
    list.items.sort((a, b) => (stringValue(a) < stringValue(b) ? -1 : 1));
    return list.isNil ? sliceValue(STRINGS, []) : list;
  }),
};

function abbreviate(text: GoString, left: number, width: number): GoString {
  if (text.length <= width) return text;
  const room = width - 3;
  const offset = Math.min(left, text.length, Math.max(left, 0));
  const start = text.length - Math.min(offset, text.length) < room ? text.length - room : Math.min(offset, text.length);
  if (start <= 4) return `${text.slice(0, room)}...`;
  if (width < 7) return '';
  return start + room < text.length
    ? `...${abbreviateShort(text.slice(start), room)}`
    : `...${text.slice(text.length - room)}`;
}

// The library's own call for the rest gives nothing at all where less than a character is left beside the dots.
function abbreviateShort(text: GoString, width: number): GoString {
  return width < 4 ? '' : abbreviate(text, 0, width);
}

function truncate(text: GoString, length: number): GoString {
  if (length < 0) return text.length + length > 0 ? text.slice(length) : text;
  return text.slice(0, length);
}

function trim(text: GoString, isCut: (rune: number) => boolean): GoString {
  const runes = [...eachRune(text)];
  const first = runes.find(({ rune }) => !isCut(rune));
  const last = runes.findLast(({ rune }) => !isCut(rune));
  return first === undefined || last === undefined ? '' : text.slice(first.index, last.index + last.size);
}

function trimAll(text: GoString, cutset: GoString): GoString {
  const cut = new Set(runesOf(cutset));
  return trim(text, (rune) => cut.has(rune));
}

// The library behind sprig takes each byte for a character here, and in `initials`.
function withoutSpace(text: GoString): GoString {
  const bytes = Array.from(text, (byte) => byte.charCodeAt(0));
  const kept = bytes.filter((byte) => !isSpace(byte));
  return kept.length === bytes.length ? text : fromRunes(kept);
}

function initials(text: GoString): GoString {
  return Array.from(text, (byte) => byte.charCodeAt(0))
    .filter((byte, index, bytes) => !isSpace(byte) && (index === 0 || isSpace(bytes[index - 1] ?? 0)))
    .map(encodeRune)
    .join('');
}

function substring(text: GoString, start: number, end: number): GoString {
  const panic = (range: string): never => {
    throw new GoError(`runtime error: slice bounds out of range [${range}`);
  };
  const { length } = text;
  if (start < 0) {
    if (end < 0) return panic(`:${end}]`);
    return end > length ? panic(`:${end}] with length ${length}`) : text.slice(0, end);
  }
  if (end < 0 || end > length) return start > length ? panic(`${start}:${length}]`) : text.slice(start);
  return start > end ? panic(`${start}:${end}]`) : text.slice(start, end);
}

function repeat(text: GoString, count: number): GoString {
  if (count < 0) throw new GoError('strings: negative Repeat count');
  checkTextLength(text.length * count);
  return text.repeat(count);
}

function indent(text: GoString, spaces: number): GoString {
  const pad = repeat(' ', spaces);
  const lines = text.split('\n');
  checkTextLength(text.length + lines.length * spaces);
  return lines.map((line) => pad + line).join('\n');
}

function replaceAll(text: GoString, from: GoString, to: GoString): GoString {
  const parts = split(text, from, -1);
  if (from !== '') return join(parts, to);
  checkTextLength(text.length + (parts.length + 1) * to.length);
  return text === '' ? to : to + join(parts, to) + to;
}

function join(parts: readonly GoString[], separator: GoString): GoString {
  checkTextLength(parts.reduce((length, part) => length + part.length + separator.length, 0));
  return parts.join(separator);
}

/** Go's `strings.SplitN`: without a separator into characters, with a count into so many parts at most. */
function split(text: GoString, separator: GoString, count: number): GoString[] {
  if (count === 0) return [];
  const parts = separator === '' ? characters(text) : text.split(separator);
  checkListLength(parts.length);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function characters(text: GoString): GoString[] {
  const parts: GoString[] = [];
  for (let index = 0; index < text.length;) {
    const { size } = decodeRune(text, index);
    parts.push(text.slice(index, index + size));
    index += size;
  }
  return parts;
}

/** A `map[string]string` of `_0`, `_1`, … */
function numbered(parts: readonly GoString[]): MapValue {
  const entries = parts.map((part, index) => [`_${index}`, string(part)] as const);
  return { tag: 'map', type: STRING_MAP, entries: new Map(entries), isNil: false };
}

/** sprig's `toString`: texts and bytes as they are, all else as `print` shows it. */
export function stringValue(value: Value): GoString {
  if (value.tag === 'string') return value.bytes;
  return value.tag === 'list' && value.type === BYTES ? bytesOf(value) : describeValue(value);
}

/** sprig's `toStrings`: the items of a list each as text, those that are nil left out; anything else as a list of one. */
function stringValues(value: Value): GoString[] {
  if (value.tag === 'list') {
    spend(value.items.length);
    return value.items.filter((item) => item.tag !== 'nil').map(stringValue);
  }
  return value.tag === 'nil' ? [] : [stringValue(value)];
}
