import { randomUUID } from 'node:crypto';
import { isoSeconds } from '../json-value.ts';
import { objectJson } from './object/json.ts';
import { keyOf, withMetadata } from './object/object.ts';
import type { KubernetesObject, KubernetesObjectInput } from './object/object.ts';
import type { Registry } from './registry/registry.ts';
import { decodeObject } from './resources/decode.ts';
import type { ResourceDefinition } from './resources/definition.ts';
import { resourceOf, resources } from './resources/resources.ts';
import { parseFieldSelector, requiredField } from './selectors/field-selector.ts';
import { parseLabelSelector } from './selectors/label-selector.ts';
import { isSelected } from './watch/watcher.ts';

/** Which object is meant. */
export interface ObjectName {
  /** `v1` by default. */
  readonly apiVersion?: string;
  /** `Node`, `Pod`, `Lease` … */
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Which objects are meant. */
export interface ObjectQuery {
  /** `v1` by default. */
  readonly apiVersion?: string;
  readonly kind: string;
  /** All namespaces by default. */
  readonly namespace?: string;
  /** As in a request: `app=web,tier in (a,b)`. */
  readonly labelSelector?: string;
  /** As in a request: `spec.nodeName=worker-1`. */
  readonly fieldSelector?: string;
}

/** Direct access to the store, past all rules: how tests and demos set the scene and look at it. */
export class Seeder {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Sees to it that a namespace is there. */
  namespace(name: string): void {
    if (this.get({ kind: 'Namespace', name }) !== undefined) return;
    this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } });
  }

  put(input: KubernetesObjectInput): KubernetesObject {
    const definition = definitionOf(input);
    const decoded = decodeObject(definition, input);
    const namespace = definition.namespaced ? (decoded.metadata.namespace ?? 'default') : undefined;
    if (namespace !== undefined) this.namespace(namespace);
    const existing = this.#registry.store.get(definition.storage, keyOf(namespace, decoded.metadata.name));
    const { uid, creationTimestamp, generation } = decoded.metadata;
    const object = withMetadata(decoded, {
      ...(namespace === undefined ? {} : { namespace }),
      uid: uid === '' ? (existing?.metadata.uid ?? randomUUID()) : uid,
      creationTimestamp:
        creationTimestamp === ''
          ? (existing?.metadata.creationTimestamp ?? isoSeconds(this.#registry.clock.now()))
          : creationTimestamp,
      ...(definition.countsGenerations ? { generation: generation ?? (existing?.metadata.generation ?? 0) + 1 } : {}),
    });
    return snapshot(definition, this.#registry.store.put(definition.storage, object));
  }

  get(name: ObjectName): KubernetesObject | undefined {
    const { definition, key } = located(name);
    const object = this.#registry.store.get(definition.storage, key);
    return object === undefined ? undefined : snapshot(definition, object);
  }

  list(query: ObjectQuery): readonly KubernetesObject[] {
    const definition = definitionOf(query);
    const fields = parseFieldSelector(definition, query.fieldSelector ?? '');
    const labels = parseLabelSelector(query.labelSelector ?? '');
    const selection = { definition, namespace: query.namespace, labels, fields, form: 'whole' } as const;
    const slice = { namespace: query.namespace, nodeName: requiredField(fields, 'spec.nodeName') };
    const objects = this.#registry.store.list(definition.storage, slice);
    return objects.filter((object) => isSelected(selection, object)).map((object) => snapshot(definition, object));
  }

  remove(name: ObjectName): boolean {
    const { definition, key } = located(name);
    return this.#registry.store.remove(definition.storage, key) !== undefined;
  }
}

function located({ name, namespace = 'default', ...query }: ObjectName): {
  definition: ResourceDefinition;
  key: string;
} {
  const definition = definitionOf(query);
  return { definition, key: keyOf(definition.namespaced ? namespace : undefined, name) };
}

/** Kinds outside the core group need no version either: their names are theirs alone. */
function definitionOf({ apiVersion = 'v1', kind }: Pick<ObjectName, 'apiVersion' | 'kind'>): ResourceDefinition {
  const definition =
    resourceOf(apiVersion, kind) ?? (apiVersion === 'v1' ? resources.find((one) => one.kind === kind) : undefined);
  if (definition === undefined) throw new Error(`The simulator does not serve ${kind} of ${apiVersion}`);
  return definition;
}

/** A copy, so that a caller who changes it does not change what everybody else reads. */
function snapshot(definition: ResourceDefinition, object: KubernetesObject): KubernetesObject {
  return JSON.parse(objectJson(definition, object, 'whole')) as KubernetesObject;
}
