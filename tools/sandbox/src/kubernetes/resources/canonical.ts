import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { isList, isRecord } from '../object/read.ts';
import type { ResourceDefinition } from './definition.ts';

const metadataFields = ['labels', 'annotations', 'finalizers', 'ownerReferences', 'generateName', 'namespace'];
const derivedFields = ['managedFields', 'selfLink'];

/**
 * The form in which the server stores and shows an object: fields that are null, or empty where the API's types omit
 * them, are gone, `spec` and `status` are there. Two objects that mean the same have the same canonical form.
 */
export function canonical(definition: ResourceDefinition, object: KubernetesObject): KubernetesObject {
  const { kind, apiVersion, metadata, spec, status, ...rest } = withoutNulls(object) as KubernetesObject;
  const kept = Object.entries(metadata).filter(
    ([field, value]) => !derivedFields.includes(field) && !(metadataFields.includes(field) && isEmpty(value)),
  );
  const shaped = {
    kind,
    apiVersion,
    metadata: Object.fromEntries(kept),
    ...(spec !== undefined || definition.hasStatus ? { spec: spec ?? {} } : {}),
    ...rest,
    ...(status !== undefined || definition.hasStatus ? { status: status ?? {} } : {}),
  };
  let result: unknown = shaped;
  for (const path of definition.omittedWhenEmpty) result = withoutEmpty(result, path.split('.'));
  return result as KubernetesObject;
}

function withoutNulls(value: unknown): unknown {
  if (isList(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(entries.map(([field, item]) => [field, withoutNulls(item)]));
}

function isEmpty(value: unknown): boolean {
  if (isList(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === '' || value === false || value === 0 || value === undefined;
}

function withoutEmpty(value: unknown, path: readonly string[]): unknown {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  if (field === '*') return isList(value) ? value.map((item) => withoutEmpty(item, rest)) : value;
  if (!isRecord(value) || !Object.hasOwn(value, field)) return value;
  if (rest.length > 0) return { ...value, [field]: withoutEmpty(value[field], rest) };
  if (!isEmpty(value[field])) return value;
  const { [field]: _, ...others } = value;
  return others;
}
