import { isList, isRecord, readAt } from '../object/read.ts';
import type { JsonRecord } from '../object/read.ts';
import type { ResourceDefinition } from './definition.ts';

const microTimeLayout = '2006-01-02T15:04:05.000000Z07:00';
const toSeconds = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;
const microTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

type TypeName =
  'bool' | 'string' | 'int64' | 'array' | 'map[string]string' | '[]string' | '[]v1.OwnerReference' | 'object';

const holds: Readonly<Record<TypeName, (value: unknown) => boolean>> = {
  bool: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  int64: (value) => Number.isInteger(value),
  array: (value) => isList(value) && value.every(isRecord),
  object: isRecord,
  '[]string': (value) => isList(value) && value.every((item) => typeof item === 'string'),
  '[]v1.OwnerReference': (value) => isList(value) && value.every(isRecord),
  'map[string]string': (value) =>
    isRecord(value) && Object.values(value).every((item) => typeof item === 'string' || item === null),
};

const metadataTypes: Readonly<Record<string, TypeName>> = {
  metadata: 'object',
  'metadata.name': 'string',
  'metadata.generateName': 'string',
  'metadata.namespace': 'string',
  'metadata.uid': 'string',
  'metadata.resourceVersion': 'string',
  'metadata.creationTimestamp': 'string',
  'metadata.deletionTimestamp': 'string',
  'metadata.generation': 'int64',
  'metadata.deletionGracePeriodSeconds': 'int64',
  'metadata.labels': 'map[string]string',
  'metadata.annotations': 'map[string]string',
  'metadata.finalizers': '[]string',
  'metadata.ownerReferences': '[]v1.OwnerReference',
  spec: 'object',
  status: 'object',
};

/** Why an object can't be read as one of its kind, in the words of Go's decoder; undefined when it can. */
export function shapeFault(definition: ResourceDefinition, body: JsonRecord): string | undefined {
  for (const [field, type] of Object.entries<TypeName>({ ...metadataTypes, ...definition.fieldTypes })) {
    const value = readAt(body, ...field.split('.')) ?? undefined;
    if (value !== undefined && !holds[type](value)) {
      return `json: cannot unmarshal ${jsonType(offender(value, type))} into Go struct field ${goField(definition, field)} of type ${goName(type)}`;
    }
  }
  for (const field of definition.microTimes) {
    const value = readAt(body, ...field.split('.')) ?? undefined;
    if (value === undefined || (typeof value === 'string' && microTime.test(value))) continue;
    const text = JSON.stringify(value);
    // Go's parser names what is left where it stopped: after the seconds, if it came so far.
    const rest = typeof value === 'string' && toSeconds.test(value) ? value.slice(19) : value;
    return `parsing time ${text} as "${microTimeLayout}": cannot parse ${JSON.stringify(rest)} as ".000000"`;
  }
  return undefined;
}

/** The decoder complains of the first entry of a map that is wrong, not of the map. */
function offender(value: unknown, type: TypeName): unknown {
  if (type !== 'map[string]string' || !isRecord(value)) return value;
  return Object.values(value).find((item) => typeof item !== 'string' && item !== null);
}

function goName(type: TypeName): string {
  return type === 'map[string]string' ? 'string' : type;
}

function goField({ kind }: ResourceDefinition, field: string): string {
  const [first = '', second] = field.split('.');
  if (second === undefined) return `${kind}.${field}`;
  const struct = first === 'metadata' ? 'ObjectMeta' : `${kind}${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  return `${struct}.${field}`;
}

function jsonType(value: unknown): string {
  if (isList(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
