import { GoError } from '../errors.ts';
import { sprint, sprintf, sprintln } from '../fmt/printf.ts';
import { areEqual, isLess } from '../reflect/compare.ts';
import { REFLECTED, UINT8 } from '../reflect/type.ts';
import { bool, int, integer, isTrue, string, zeroOf } from '../reflect/value.ts';
import type { Maybe, Value } from '../reflect/value.ts';
import { isPrint } from '../unicode/unicode.ts';
import { eachRune } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { anything, aString, fn1, fn2, reflected, variadic0, variadic1 } from './func.ts';
import type { GoFunction } from './func.ts';

const shortCircuiting = (decisive: boolean): GoFunction => ({
  ...variadic1(reflected, reflected, () => undefined),
  shortCircuits: decisive,
});

/**
 * The functions of `text/template` itself, but for `slice`, which sprig has one of its own for.
 *
 * @see https://pkg.go.dev/text/template#hdr-Functions
 */
export const BUILTINS: Readonly<Record<string, GoFunction>> = {
  and: shortCircuiting(false),
  or: shortCircuiting(true),
  not: fn1(reflected, (value) => bool(!isTrue(value))),
  call: {
    params: [REFLECTED],
    variadic: REFLECTED,
    describesFirst: true,
    call: ([name, called, ...args]) => callValue(name, called, args),
  },
  eq: variadic1(reflected, reflected, (first, others) => {
    if (others.length === 0) throw new GoError('missing argument for comparison');
    return bool(others.some((other) => areEqual(first, other)));
  }),
  ne: fn2(reflected, reflected, (a, b) => bool(!areEqual(a, b))),
  lt: fn2(reflected, reflected, (a, b) => bool(isLess(a, b))),
  le: fn2(reflected, reflected, (a, b) => bool(isLess(a, b) || areEqual(a, b))),
  gt: fn2(reflected, reflected, (a, b) => bool(!(isLess(a, b) || areEqual(a, b)))),
  ge: fn2(reflected, reflected, (a, b) => bool(!isLess(a, b))),
  html: variadic0(anything, (args) => string(htmlEscape(textFrom(args)))),
  js: variadic0(anything, (args) => string(jsEscape(textFrom(args)))),
  urlquery: variadic0(anything, (args) => string(queryEscape(textFrom(args)))),
  index: variadic1(reflected, reflected, (item, indexes) => {
    if (item === undefined) throw new GoError('index of untyped nil');
    return indexes.reduce(elementAt, item);
  }),
  len: fn1(reflected, lengthOf),
  print: variadic0(anything, (args) => string(sprint(args))),
  printf: variadic1(aString, anything, (format, args) => string(sprintf(format, args))),
  println: variadic0(anything, (args) => string(sprintln(args))),
};

function textFrom(args: readonly Value[]): string {
  const [only] = args;
  if (args.length === 1 && only?.tag === 'string') return only.bytes;
  // As a template prints them: nothing is `<no value>`, where `print` says `<nil>`.
  return sprint(args.map((arg) => (arg.tag === 'nil' ? string('<no value>') : arg)));
}

function callValue(name: Maybe, called: Maybe, args: readonly Maybe[]): never {
  const written = name?.tag === 'string' ? name.bytes : '';
  if (called === undefined || called.tag === 'nil') throw new GoError('call of nil');
  if (called.tag !== 'func') throw new GoError(`non-function ${written} of type ${called.type.name}`);
  // The only functions among the data are the event's tasks, which take an event and a node that no template has.
  if (args.length !== 2) throw new GoError(`wrong number of args for ${written}: got ${args.length} want 2`);
  throw new GoError(`arg 0: value has type ${args[0]?.type.name ?? 'nil'}; should be monitor.InterruptionEvent`);
}

function elementAt(item: Maybe, index: Maybe): Maybe {
  if (item === undefined || item.tag === 'nil') throw new GoError('index of nil pointer');
  switch (item.tag) {
    case 'string': {
      const byte = item.bytes.charCodeAt(position(index, item.bytes.length, 'string'));
      return integer(BigInt(byte), UINT8);
    }
    case 'list':
      return item.items[position(index, item.items.length, 'slice')];
    case 'map':
      if (index === undefined || index.tag === 'nil') throw new GoError('value is nil; should be of type string');
      if (index.tag !== 'string') throw new GoError(`value has type ${index.type.name}; should be string`);
      return item.entries.get(index.bytes) ?? (item.type.element === undefined ? undefined : zeroOf(item.type.element));
    default:
      throw new GoError(`can't index item of type ${item.type.element?.name ?? item.type.name}`);
  }
}

function position(index: Maybe, length: number, what: 'string' | 'slice'): number {
  if (index === undefined || index.tag === 'nil') throw new GoError('cannot index slice/array with nil');
  if (index.tag !== 'int') throw new GoError(`cannot index slice/array with type ${index.type.name}`);
  if (index.int < 0n || index.int > BigInt(length)) throw new GoError(`index out of range: ${index.int}`);
  if (index.int === BigInt(length)) throw new GoError(`reflect: ${what} index out of range`);
  return Number(index.int);
}

function lengthOf(value: Maybe): Value {
  if (value === undefined) throw new GoError('reflect: call of reflect.Value.Type on zero Value');
  switch (value.tag) {
    case 'nil':
      throw new GoError('len of nil pointer');
    case 'string':
      return int(value.bytes.length);
    case 'list':
      return int(value.items.length);
    case 'map':
      return int(value.entries.size);
    default:
      throw new GoError(`len of type ${value.tag === 'pointer' ? (value.type.element?.name ?? '') : value.type.name}`);
  }
}

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
