import type { KubernetesObject, ObjectMetadata } from '../object/kubernetes-object.ts';
import { isList, isRecord, readAt, readString } from '../object/read.ts';
import type { JsonRecord } from '../object/read.ts';
import { badRequest } from '../status.ts';
import { canonical } from './canonical.ts';
import { apiVersionOf } from './definition.ts';
import type { ResourceDefinition } from './definition.ts';

const goTimeLayout = '2006-01-02T15:04:05.000000Z07:00';
const microTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads an object of a resource as the API server reads a request's body, and brings it into the stored form.
 * @throws {ApiError} 400 when it is not such an object.
 */
export function decodeObject(definition: ResourceDefinition, body: unknown): KubernetesObject {
  if (!isRecord(body)) throw badRequest(`the object provided is unrecognized (must be of type ${definition.kind})`);
  const apiVersion = apiVersionOf(definition);
  const given = readString(body, 'apiVersion') ?? apiVersion;
  const kind = readString(body, 'kind') ?? definition.kind;
  if (kind !== definition.kind) {
    throw badRequest(`${kind} in version ${JSON.stringify(given)} cannot be handled as a ${definition.kind}`);
  }
  if (given !== apiVersion) {
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${apiVersion})`);
  }
  const refuse = (why: string): never => {
    throw badRequest(
      `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: ${why}`,
    );
  };
  const metadata = decodeMetadata(body.metadata ?? {}, refuse);
  for (const field of definition.microTimes) {
    const value = readAt(body, ...field.split('.'));
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' || !microTime.test(value)) {
      refuse(
        `parsing time ${JSON.stringify(value)} as "${goTimeLayout}": cannot parse ${JSON.stringify(value)} as ".000000"`,
      );
    }
  }
  for (const field of ['spec', 'status']) {
    const value = body[field];
    if (value !== undefined && value !== null && !isRecord(value)) {
      refuse(`json: cannot unmarshal ${goType(value)} into Go struct field ${definition.kind}.${field}`);
    }
  }
  const shown: KubernetesObject = { ...body, kind, apiVersion, metadata };
  return canonical(definition, definition.view === undefined ? shown : definition.view.store(shown));
}

function goType(value: unknown): string {
  if (isList(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function decodeMetadata(value: unknown, refuse: (why: string) => never): ObjectMetadata {
  if (!isRecord(value)) return refuse(`json: cannot unmarshal ${goType(value)} into Go struct field .metadata`);
  for (const field of ['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'deletionTimestamp']) {
    expectType(value, field, (found) => typeof found === 'string', 'string', refuse);
  }
  for (const field of ['generation', 'deletionGracePeriodSeconds']) {
    expectType(value, field, (found) => Number.isInteger(found), 'int64', refuse);
  }
  for (const field of ['labels', 'annotations']) {
    const isMap = (found: unknown): boolean =>
      isRecord(found) && Object.values(found).every((text) => typeof text === 'string' || text === null);
    expectType(value, field, isMap, 'string', refuse);
  }
  const isNames = (found: unknown): boolean => isList(found) && found.every((name) => typeof name === 'string');
  expectType(value, 'finalizers', isNames, '[]string', refuse);
  const isOwners = (found: unknown): boolean => isList(found) && found.every(isRecord);
  expectType(value, 'ownerReferences', isOwners, '[]v1.OwnerReference', refuse);
  // Checked above, field by field: the only place where unknown JSON becomes metadata.
  return { name: '', uid: '', resourceVersion: '', creationTimestamp: '', ...value };
}

function expectType(
  metadata: JsonRecord,
  field: string,
  holds: (value: unknown) => boolean,
  type: string,
  refuse: (why: string) => never,
): void {
  const value = metadata[field];
  if (value === undefined || value === null || holds(value)) return;
  const found = isRecord(value) ? (Object.values(value).find((one) => typeof one !== 'string') ?? value) : value;
  refuse(`json: cannot unmarshal ${goType(found)} into Go struct field ObjectMeta.metadata.${field} of type ${type}`);
}
