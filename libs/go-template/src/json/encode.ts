import { GoError } from '../go-error.ts';
import { checkTextLength, DEPTH_LIMIT } from '../limits.ts';
import { formatFloat } from '../printf/format-float.ts';
import { bytesOf } from '../printf/print-value.ts';
import { eachRune, encodeRune, RUNE_ERROR } from '../text/bytes.ts';
import type { GoString } from '../text/bytes.ts';
import { jsonTime } from '../time/json.ts';
import { UINT8 } from '../values/types.ts';
import { sortedKeys } from '../values/value.ts';
import type { Value } from '../values/value.ts';
import { versionString } from '../values/version.ts';
import { jsonFields } from './struct-fields.ts';

/** How JSON is written. */
export interface JsonStyle {
  /** What each level is indented by; without, everything stands on one line. */
  readonly indent?: string;
  /** Writes `<`, `>` and `&` as escapes, so that the text is safe within HTML. */
  readonly escapesHtml: boolean;
}

/**
 * Go's `json.Marshal` and `json.MarshalIndent`.
 *
 * @throws {@link GoError} for values JSON has no form for.
 * @see https://pkg.go.dev/encoding/json#Marshal
 */
export function encodeJson(value: Value, style: JsonStyle): GoString {
  return encode(value, style, 0);
}

function encode(value: Value, style: JsonStyle, depth: number): GoString {
  if (depth > DEPTH_LIMIT) throw new GoError(`json: unsupported value: encountered a cycle via ${value.type.name}`);
  switch (value.tag) {
    case 'nil':
      return 'null';
    case 'bool':
      return String(value.bool);
    case 'int':
      return value.int.toString();
    case 'float':
      return encodeFloat(value.float);
    case 'string':
      return jsonString(value.bytes, style);
    case 'time':
      return `"${jsonTime(value.time)}"`;
    case 'list':
      if (value.isNil) return 'null';
      if (value.type.element === UINT8) return `"${btoa(bytesOf(value))}"`;
      return enclosed(
        '[',
        value.items.map((item) => encode(item, style, depth + 1)),
        ']',
        style,
        depth,
      );
    case 'map': {
      if (value.isNil) return 'null';
      const members = sortedKeys(value).flatMap((key) => {
        const member = value.entries.get(key);
        return member === undefined ? [] : [encodeMember(key, member, style, depth)];
      });
      return enclosed('{', members, '}', style, depth);
    }
    case 'struct':
      return encodeStruct(value, style, depth);
    case 'pointer':
      return value.target === undefined ? 'null' : encodeStruct(value.target, style, depth);
    case 'location':
      return '{}';
    case 'func':
    case 'complex':
      throw new GoError(`json: unsupported type: ${value.type.name}`);
  }
}

function encodeStruct(struct: Value & { readonly tag: 'struct' }, style: JsonStyle, depth: number): GoString {
  const version = versionString(struct);
  if (version !== undefined) return jsonString(version, style);
  const members = jsonFields(struct).map(({ name, value }) => encodeMember(name, value, style, depth));
  return enclosed('{', members, '}', style, depth);
}

function encodeMember(name: GoString, value: Value, style: JsonStyle, depth: number): GoString {
  const colon = style.indent === undefined ? ':' : ': ';
  return jsonString(name, style) + colon + encode(value, style, depth + 1);
}

function enclosed(
  open: string,
  parts: readonly GoString[],
  close: string,
  { indent }: JsonStyle,
  depth: number,
): GoString {
  if (indent === undefined || parts.length === 0) return measured(open + parts.join(',') + close);
  const inner = `\n${indent.repeat(depth + 1)}`;
  return measured(`${open}${inner}${parts.join(`,${inner}`)}\n${indent.repeat(depth)}${close}`);
}

function measured(text: GoString): GoString {
  checkTextLength(text.length);
  return text;
}

function encodeFloat(value: number): string {
  if (!Number.isFinite(value)) throw new GoError(`json: unsupported value: ${formatFloat(value, 'g', -1)}`);
  const magnitude = Math.abs(value);
  const isExponential = magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21);
  // e-09 is written e-9.
  return isExponential ? formatFloat(value, 'e', -1).replace(/e-0(?=[0-9]$)/, 'e-') : formatFloat(value, 'f', -1);
}

const ESCAPES = new Map([
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [8, '\\b'],
  [12, '\\f'],
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
]);

/** A JSON string literal, by `encoding/json`'s choice of what to escape. */
function jsonString(bytes: GoString, { escapesHtml }: JsonStyle): GoString {
  if (/^[ !#-%'-;=?-[\]-~]*$/.test(bytes)) return `"${bytes}"`;
  let text = '"';
  for (const { rune, size } of eachRune(bytes)) {
    const isEscaped =
      rune < 0x20 ||
      rune === 0x2028 ||
      rune === 0x2029 ||
      (rune === RUNE_ERROR && size === 1) ||
      (escapesHtml && (rune === 0x3c || rune === 0x3e || rune === 0x26));
    text += ESCAPES.get(rune) ?? (isEscaped ? `\\u${rune.toString(16).padStart(4, '0')}` : encodeRune(rune));
  }
  return `${text}"`;
}
