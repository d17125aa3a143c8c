import { GoError } from '../go-error.ts';
import { checkTextLength, isTooDeep, spend } from '../limits.ts';
import { UINT8 } from '../reflect/type.ts';
import { bool, bytesOf, dict, float, isTrue, list, NIL, sortedKeys, string } from '../reflect/value.ts';
import type { Value } from '../reflect/value.ts';
import { versionString } from '../semver/value.ts';
import { formatFloat } from '../strconv/format-float.ts';
import { jsonTime } from '../time/format.ts';
import { eachRune, encodeRune, goString, RUNE_ERROR, textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

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
  if (depth > 0) spend(1);
  if (isTooDeep(depth)) throw new GoError(`json: unsupported value: encountered a cycle via ${value.type.name}`);
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

/** A member that a struct gives to its JSON object. */
interface JsonField {
  readonly name: string;
  readonly value: Value;
}

interface Candidate extends JsonField {
  readonly depth: number;
  readonly isTagged: boolean;
}

/**
 * The members of a struct, in the order `encoding/json` writes them.
 *
 * Of several fields of one name the shallowest counts; of several as shallow the one with a name of its own; if that does not settle it, none.
 *
 * @see https://pkg.go.dev/encoding/json#Marshal
 */
function jsonFields(struct: Value & { readonly tag: 'struct' }): readonly JsonField[] {
  const all = candidates(struct, 0);
  const byName = groupedByName(all);
  return all.filter((candidate) => {
    const rivals = byName.get(candidate.name) ?? [];
    const shallowest = Math.min(...rivals.map(({ depth }) => depth));
    const nearest = rivals.filter(({ depth }) => depth === shallowest);
    const tagged = nearest.filter(({ isTagged }) => isTagged);
    const dominant = nearest.length === 1 ? nearest : tagged;
    return dominant.length === 1 && dominant[0] === candidate;
  });
}

function groupedByName(all: readonly Candidate[]): ReadonlyMap<string, readonly Candidate[]> {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of all) {
    const group = groups.get(candidate.name) ?? [];
    group.push(candidate);
    groups.set(candidate.name, group);
  }
  return groups;
}

function candidates({ type, values }: Value & { readonly tag: 'struct' }, depth: number): Candidate[] {
  return (type.fields ?? []).flatMap(
    ({ name, type: { kind }, jsonName, omitsEmpty, isEmbedded, isUnexported }, index) => {
      const value = values[index];
      if (value === undefined || isUnexported || jsonName === '-') return [];
      if (isEmbedded && jsonName === undefined && value.tag === 'struct') return candidates(value, depth + 1);
      // An interface is empty when it holds nothing, whatever it holds else.
      if (omitsEmpty && (kind === 'interface' ? value.tag === 'nil' : !isTrue(value))) return [];
      return [{ name: jsonName ?? name, value, depth, isTagged: jsonName !== undefined }];
    },
  );
}

/**
 * Go's `json.Unmarshal` into an `interface {}`: numbers are `float64`, objects `map[string]interface {}`, arrays `[]interface {}`.
 *
 * @throws {@link GoError} for what is no JSON.
 */
export function decodeJson(bytes: GoString): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(textOf(bytes));
  } catch {
    throw new GoError(bytes.trim() === '' ? 'unexpected end of JSON input' : 'invalid JSON');
  }
  return valueFrom(parsed);
}

function valueFrom(parsed: unknown): Value {
  if (parsed === null || parsed === undefined) return NIL;
  if (typeof parsed === 'boolean') return bool(parsed);
  if (typeof parsed === 'string') return string(goString(parsed.toWellFormed()));
  if (typeof parsed === 'number') {
    if (!Number.isFinite(parsed)) throw new GoError('json: cannot unmarshal number into Go value of type float64');
    return float(parsed);
  }
  if (Array.isArray(parsed)) return list(parsed.map(valueFrom));
  return dict(Object.entries(parsed).map(([key, value]) => [goString(key.toWellFormed()), valueFrom(value)] as const));
}
