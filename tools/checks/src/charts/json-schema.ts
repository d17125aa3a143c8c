import type { Setting } from '@node-termination-handler/settings';
import * as v from 'valibot';
import { isRecord } from './manifests.ts';

/** The part of JSON Schema that is made here. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** One schema or action of a valibot schema, as it lies in memory. */
interface Piece {
  readonly type: string;
  readonly requirement?: unknown;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
}

/** A number written as text, as `--set-string` gives it. */
const numericText = { integer: '^([+-]?\\d+)?$', number: '^([+-]?\\d+(\\.\\d+)?)?$' } as const;

/** Booleans as `--set-string`, Terraform and quotes give them. */
const booleanTexts = ['true', 'false', 'True', 'False', 'TRUE', 'FALSE'];

/**
 * The values that a chart takes for a setting, derived from the schema by which the program parses its variable. An empty text always
 * means "the program's default". What only a function can judge is left to the program, which refuses it at its start.
 */
export function valueSchema(row: Setting): JsonSchema {
  return { description: `${row.description} Must be ${row.type.allowed}.`, ...shape(row) };
}

function shape(row: Setting): JsonSchema {
  if (row.type.standsAlone === true) return { enum: [true, false, ...booleanTexts, ''] };
  const pieces = piecesOf(row.type.schema);
  const words = pieces.filter(({ type }) => type === 'picklist').flatMap(({ options = [] }) => options);
  const isList = pieces.some(({ type }) => type === 'array');
  if (words.length > 0) return isList ? listOf(words.map(String)) : oneOf(words, pieces);
  if (pieces.some(({ type }) => type === 'min_value' || type === 'gt_value')) return numberOf(pieces);
  return text(row);
}

/** Upper and lower case are the same to the program; the two ways that people write words are enough for a schema. */
function oneOf(words: readonly unknown[], pieces: readonly Piece[]): JsonSchema {
  // Words beside other texts, such as durations: the program knows them apart.
  if (pieces.some(({ type }) => type === 'number')) {
    return { type: ['string', 'integer'], minimum: 0, maximum: 99_999_999 };
  }
  const all = words.flatMap((word) =>
    typeof word === 'number'
      ? [word, String(word)]
      : [String(word), String(word).toLowerCase(), String(word).toUpperCase()],
  );
  return { enum: [...new Set([...all, ''])] };
}

function listOf(words: readonly string[]): JsonSchema {
  const word = `(${words.join('|')})`;
  return { type: 'string', pattern: `^(${word}(,${word})*)?$` };
}

function numberOf(pieces: readonly Piece[]): JsonSchema {
  const required = (type: string) => pieces.find((piece) => piece.type === type)?.requirement;
  const bounds = {
    ...numeric('minimum', required('min_value')),
    ...numeric('maximum', required('max_value')),
    ...numeric('exclusiveMinimum', required('gt_value')),
    // A number without an upper bound has as many digits as the program reads.
    ...(required('max_value') === undefined ? { maximum: 999_999_999 } : {}),
  };
  const kind = required('gt_value') === undefined ? 'integer' : 'number';
  const literals = pieces.filter(({ type }) => type === 'literal').map(({ literal }) => String(literal));
  if (literals.length === 0) return { type: [kind, 'string'], ...bounds, pattern: numericText[kind] };
  const named = literals.filter((literal) => literal !== '-1');
  const words: JsonSchema[] = named.length === 0 ? [] : [{ enum: named }];
  return {
    anyOf: [{ type: kind, ...bounds }, { const: -1 }, { type: 'string', pattern: numericText[kind] }, ...words],
  };
}

function numeric(name: string, value: unknown): Record<string, number> {
  return typeof value === 'number' ? { [name]: value } : {};
}

function text(row: Setting): JsonSchema {
  const accepts = (sample: string) => v.is(row.type.schema, sample);
  if (!accepts('text') && accepts('https://host/path')) {
    return { type: 'string', pattern: accepts('tcp://host:1') ? '^((https?|tcp)://\\S+)?$' : '^(https?://\\S+)?$' };
  }
  if (!accepts('text') && accepts('/path')) return { type: 'string', pattern: '^(/[^\\s?#]*)?$' };
  return { type: 'string' };
}

/** Every schema and action that a valibot schema is made of, whatever it is nested in. */
function piecesOf(schema: unknown): readonly Piece[] {
  if (!isRecord(schema) || typeof schema.type !== 'string') return [];
  const { type, requirement, literal, options, item } = schema;
  // A pipe's first piece is the schema that the pipe was made from: the same again, unless it is a pipe itself.
  const [head, ...rest] = asList(schema.pipe);
  const nested = [...(isRecord(head) && head.pipe !== undefined ? [head] : []), ...rest, ...asList(options), item];
  const own: Piece = { type, requirement, literal, ...(type === 'picklist' ? { options: asList(options) } : {}) };
  return [own, ...nested.flatMap(piecesOf)];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
