import type { KubernetesObject, ObjectMetadata } from '../object/kubernetes-object.ts';
import { isRecord, readRecord, readString } from '../object/read.ts';
import { badRequest } from '../status.ts';
import { canonical } from './canonical.ts';
import { apiVersionOf, goTypeOf } from './definition.ts';
import type { ResourceDefinition } from './definition.ts';
import { shapeFault } from './shape.ts';
import { resourceOf } from './table.ts';

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
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const other = resourceOf(apiVersion, kind);
  const what = `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${definition.kind}`;
  if (other === undefined) {
    return `${what}: no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
  }
  if (other.storage !== definition.storage) {
    return `${what}: converting (${version}.${kind}) to (${goTypeOf(definition)}): unknown conversion`;
  }
  return `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(definition)})`;
}
