import { isList, isRecord } from '../../json-value.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { ResourceDefinition } from './definition.ts';

const metadataFields = ['labels', 'annotations', 'finalizers', 'ownerReferences', 'generateName', 'namespace'];
const derivedFields = ['managedFields', 'selfLink'];

/**
 * The form in which the server stores and shows an object: fields that are null, or empty where the API's types omit
 * them, are gone, `spec` and `status` are there. Two objects that mean the same have the same canonical form.
 */
export function canonical(definition: ResourceDefinition, object: KubernetesObject): KubernetesObject {
  const { kind, apiVersion, metadata, spec, status, ...rest } = withoutNothings(object) as KubernetesObject;
  const kept = Object.entries(metadata).filter(
    ([field, value]) => !derivedFields.includes(field) && !(metadataFields.includes(field) && isEmpty(value)),
  );
  const shaped = {
    kind,
    apiVersion,
    metadata: Object.fromEntries(kept),
    ...(spec !== undefined || definition.hasStatus ? { spec: spec ?? {} } : {}),
    ...Object.fromEntries(Object.entries(rest).filter(([field]) => definition.fields.includes(field))),
    ...(status !== undefined || definition.hasStatus ? { status: status ?? {} } : {}),
  };
  let result: unknown = shaped;
  for (const path of definition.microTimes) result = inUtc(result, path.split('.'));
  for (const path of definition.omittedWhenEmpty) result = withoutEmpty(result, path.split('.'));
  const pruned = result as KubernetesObject;
  return definition.defaults?.(pruned) ?? pruned;
}

function withoutNothings(value: unknown): unknown {
  if (isList(value)) return value.map(withoutNothings);
  if (!isRecord(value)) return value;
  // Fields with a dollar are directives of a patch in places where they direct nothing.
  const entries = Object.entries(value).filter(
    ([field, item]) => item !== null && item !== undefined && !field.startsWith('$'),
  );
  return Object.fromEntries(entries.map(([field, item]) => [field, withoutNothings(item)]));
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

/** The moment at a path in UTC, with its six digits. */
function inUtc(value: unknown, path: readonly string[]): unknown {
  const [field, ...rest] = path;
  if (field === undefined) {
    if (typeof value !== 'string' || value.endsWith('Z')) return value;
    return `${new Date(value).toISOString().slice(0, 19)}${value.slice(19, 26)}Z`;
  }
  return isRecord(value) && Object.hasOwn(value, field) ? { ...value, [field]: inUtc(value[field], rest) } : value;
}
