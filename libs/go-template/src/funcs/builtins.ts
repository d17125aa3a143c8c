import { sprint, sprintf, sprintln } from '../fmt/printf.ts';
import { GoError } from '../go-error.ts';
import { areEqual, isLess } from '../reflect/compare.ts';
import { ANY, isInteger, isNillable, REFLECTED, UINT8 } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import { bool, int, integer, isTrue, string, zeroOf } from '../reflect/value.ts';
import type { GoFunction, Maybe, Value } from '../reflect/value.ts';
import { isPrint } from '../unicode/unicode.ts';
import { eachRune } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import { anything, aString, fn1, fn2, reflected, variadic0, variadic1 } from './func.ts';

const shortCircuiting = (decisive: boolean): GoFunction => ({
  ...variadic1(reflected, reflected, () => undefined),
  shortCircuits: decisive,
});

const FUNCTIONS: Readonly<Record<string, GoFunction>> = {
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
  slice: variadic1(reflected, reflected, sliced),
};

/**
 * The functions of `text/template` itself, by name.
 *
 * @see https://pkg.go.dev/text/template#hdr-Functions
 */
export const BUILTINS: ReadonlyMap<string, GoFunction> = new Map(Object.entries(FUNCTIONS));

function textFrom(args: readonly Value[]): string {
  const [only] = args;
  if (args.length === 1 && only?.tag === 'string') return only.bytes;
  // As a template prints them: nothing is `<no value>`, where `print` says `<nil>`.
  return sprint(args.map((arg) => (arg.tag === 'nil' ? string('<no value>') : arg)));
}

function callValue(name: Maybe, called: Maybe, args: readonly Maybe[]): Maybe {
  const written = name?.tag === 'string' ? name.bytes : '';
  if (called === undefined || called.tag === 'nil') throw new GoError('call of nil');
  if (called.tag !== 'func') throw new GoError(`non-function ${written} of type ${called.type.name}`);
  const { params = [], variadic } = called.type.signature ?? {};
  if (variadic === undefined ? args.length !== params.length : args.length < params.length) {
    const wanted = variadic === undefined ? `want ${params.length}` : `want at least ${params.length}`;
    throw new GoError(`wrong number of args for ${written}: got ${args.length} ${wanted}`);
  }
  const prepared = args.map((arg, index) => preparedArgument(arg, index, params[index] ?? variadic ?? ANY));
  if (called.func === undefined) throw new GoError('reflect.Value.Call: call of nil function');
  return called.func.call(prepared);
}

function preparedArgument(arg: Maybe, index: number, type: GoType): Maybe {
  if (arg === undefined || arg.tag === 'nil') {
    if (isNillable(type)) return zeroOf(type);
    throw new GoError(`arg ${index}: value is nil; should be of type ${type.name}`);
  }
  if (type.kind === 'interface' || arg.type === type) return arg;
  if (arg.tag === 'int' && isInteger(type)) return integer(arg.int, type);
  throw new GoError(`arg ${index}: value has type ${arg.type.name}; should be ${type.name}`);
}

function sliced(item: Maybe, indexes: readonly Maybe[]): Value {
  if (item === undefined) throw new GoError('slice of untyped nil');
  if (indexes.length > 3) throw new GoError(`too many slice indexes: ${indexes.length}`);
  if (item.tag === 'string' && indexes.length === 3) throw new GoError('cannot 3-index slice a string');
  if (item.tag !== 'string' && item.tag !== 'list') throw new GoError(`can't slice item of type ${item.type.name}`);
  const { length } = item.tag === 'string' ? item.bytes : item.items;
  const [from = 0, to = length, capacity = length] = indexes.map((index) => bound(index, length));
  if (from > to) throw new GoError(`invalid slice index: ${from} > ${to}`);
  if (to > capacity) throw new GoError(`invalid slice index: ${to} > ${capacity}`);
  return item.tag === 'string'
    ? { ...item, bytes: item.bytes.slice(from, to) }
    : { ...item, items: item.items.slice(from, to) };
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
  const place = bound(index, length);
  if (place === length) throw new GoError(`reflect: ${what} index out of range`);
  return place;
}

/** An index that may be the length too, which is where a slice ends. */
function bound(index: Maybe, length: number): number {
  if (index === undefined || index.tag === 'nil') throw new GoError('cannot index slice/array with nil');
  if (index.tag !== 'int') throw new GoError(`cannot index slice/array with type ${index.type.name}`);
  if (index.int < 0n || index.int > BigInt(length)) throw new GoError(`index out of range: ${index.int}`);
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
function htmlEscape(bytes: GoString): GoString {
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
function jsEscape(bytes: GoString): GoString {
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
function queryEscape(bytes: GoString): GoString {
  return bytes.replace(/[^A-Za-z0-9\-_.~]/g, (byte) => (byte === ' ' ? '+' : `%${hex(byte.charCodeAt(0), 2)}`));
}
