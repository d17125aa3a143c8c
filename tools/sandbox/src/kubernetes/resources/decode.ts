import { isList, isRecord, readAt, readRecord, readString } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';
import type { KubernetesObject, ObjectMetadata } from '../object/object.ts';
import { badRequest } from '../status.ts';
import { canonical } from './canonical.ts';
import { apiVersionOf, goTypeOf } from './definition.ts';
import type { ResourceDefinition } from './definition.ts';
import { resourceOf } from './resources.ts';

/**
 * Reads an object of a resource as the API server reads a request's body, and brings it into the stored form.
 * @throws {ApiError} 400 when it is not such an object.
 */
export function decodeObject(definition: ResourceDefinition, body: unknown): KubernetesObject {
  if (!isRecord(body)) throw badRequest(`the object provided is unrecognized (must be of type ${definition.kind})`);
  const expected = apiVersionOf(definition);
  const apiVersion = readString(body, 'apiVersion') ?? expected;
  const kind = readString(body, 'kind') ?? definition.kind;
  if (kind !== definition.kind || apiVersion !== expected) throw badRequest(mismatch(definition, apiVersion, kind));
  const fault = shapeFault(definition, body);
  if (fault !== undefined) {
    const { version } = definition;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${fault}`);
  }
  return decodeShaped(definition, body);
}

/** Reads an object whose shape was checked. */
export function decodeShaped(
  definition: ResourceDefinition,
  body: Readonly<Record<string, unknown>>,
): KubernetesObject {
  // The shape was checked, so this is where unknown JSON becomes metadata.
  const metadata = {
    name: '',
    uid: '',
    resourceVersion: '',
    creationTimestamp: '',
    ...readRecord(body, 'metadata'),
  } as ObjectMetadata;
  const shown: KubernetesObject = { ...body, kind: definition.kind, apiVersion: apiVersionOf(definition), metadata };
  return canonical(definition, definition.view === undefined ? shown : definition.view.store(shown));
}

function mismatch(definition: ResourceDefinition, apiVersion: string, kind: string): string {
  return resourceOf(apiVersion, kind)?.storage === definition.storage
    ? `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(definition)})`
    : otherKind(apiVersion, kind, goTypeOf(definition));
}

/** How the server says that an object is of another kind than the one that it has to be, `core.Node` for instance. */
export function otherKind(apiVersion: string, kind: string, goType: string): string {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const why =
    resourceOf(apiVersion, kind) === undefined
      ? `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`
      : `converting (${version}.${kind}) to (${goType}): unknown conversion`;
  return `${kind} in version "${version}" cannot be handled as a ${goType.replace(/^.*\./, '')}: ${why}`;
}

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
