import type { ResourceDefinition } from '../resources/definition.ts';
import type { KubernetesObject } from './object.ts';

/** How much of an object a client wants: all of it, or its metadata alone. */
export type Form = 'whole' | 'metadata';

/** What is kept for an object as long as the object itself, since stored objects never change. */
const kept = new WeakMap<KubernetesObject, Map<string, string>>();

function remember(object: KubernetesObject, key: string, make: () => string): string {
  const texts = kept.get(object) ?? new Map<string, string>();
  kept.set(object, texts);
  const text = texts.get(key) ?? make();
  texts.set(key, text);
  return text;
}

/** The JSON of an object as a resource shows it; made once for everybody who reads or watches it. */
export function objectJson(definition: ResourceDefinition, object: KubernetesObject, form: Form): string {
  if (form === 'metadata') {
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
    return remember(object, form, () => JSON.stringify(partial));
  }
  return remember(object, `${definition.group}/${form}`, () =>
    JSON.stringify(withoutEmptyVersion(definition.view?.show(object) ?? object)),
  );
}

/** An object that a dry run made up has no version yet. */
function withoutEmptyVersion(object: KubernetesObject): object {
  if (object.metadata.resourceVersion !== '') return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The JSON of an object in a list, where a built-in kind goes without saying. */
export function itemJson(definition: ResourceDefinition, object: KubernetesObject, form: Form): string {
  const text = objectJson(definition, object, form);
  if (form === 'metadata') return text;
  return remember(object, `${definition.group}/item`, () => `{${text.slice(text.indexOf('"metadata":'))}`);
}

/** The line of a watch that tells of an object; made once for all watchers. */
export function eventLine(
  definition: ResourceDefinition,
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  object: KubernetesObject,
  form: Form,
): string {
  const key = `${type}/${definition.group}/${form}`;
  return remember(object, key, () => `{"type":"${type}","object":${objectJson(definition, object, form)}}\n`);
}
