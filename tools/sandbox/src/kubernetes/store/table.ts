import { readString } from '../../json-value.ts';
import type { KubernetesObject } from '../object/object.ts';
import { objectKey } from './store.ts';

/** Which part of a table a reader wants; both undefined for all of it. */
export interface Slice {
  readonly namespace?: string | undefined;
  /** Pods of one node, found by an index. */
  readonly nodeName?: string | undefined;
}

/** The objects of one resource, indexed by namespace and by the node they run on. */
export class Table {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #byNamespace = new Map<string, Set<string>>();
  readonly #byNode = new Map<string, Set<string>>();
  #sorted: readonly string[] | undefined;

  get(key: string): KubernetesObject | undefined {
    return this.#objects.get(key);
  }

  get size(): number {
    return this.#objects.size;
  }

  set(object: KubernetesObject): void {
    const key = objectKey(object);
    const previous = this.#objects.get(key);
    if (previous === undefined) this.#sorted = undefined;
    else this.#unindex(key, previous);
    this.#objects.set(key, object);
    addTo(this.#byNamespace, object.metadata.namespace ?? '', key);
    addTo(this.#byNode, readString(object, 'spec', 'nodeName') ?? '', key);
  }

  delete(key: string): void {
    const previous = this.#objects.get(key);
    if (previous === undefined) return;
    this.#unindex(key, previous);
    this.#objects.delete(key);
    this.#sorted = undefined;
  }

  /** The objects of a slice, in the order of their keys as etcd has them. */
  list(slice: Slice = {}): readonly KubernetesObject[] {
    return this.#keys(slice).flatMap((key) => this.#objects.get(key) ?? []);
  }

  #keys({ namespace, nodeName }: Slice): readonly string[] {
    if (nodeName !== undefined && nodeName !== '') {
      const keys = [...(this.#byNode.get(nodeName) ?? [])].sort(byCodePoint);
      return namespace === undefined ? keys : keys.filter((key) => key.startsWith(`${namespace}/`));
    }
    if (namespace !== undefined) return [...(this.#byNamespace.get(namespace) ?? [])].sort(byCodePoint);
    this.#sorted ??= [...this.#objects.keys()].sort(byCodePoint);
    return this.#sorted;
  }

  #unindex(key: string, object: KubernetesObject): void {
    removeFrom(this.#byNamespace, object.metadata.namespace ?? '', key);
    removeFrom(this.#byNode, readString(object, 'spec', 'nodeName') ?? '', key);
  }
}

function byCodePoint(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function addTo(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys === undefined) index.set(value, new Set([key]));
  else keys.add(key);
}

function removeFrom(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(value);
}
