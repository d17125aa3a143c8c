import { objectKey } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { nodeNameOf } from '../object/pod.ts';
import { SetIndex } from './set-index.ts';

/** Which part of a table a reader wants; both undefined for all of it. */
export interface Slice {
  readonly namespace?: string | undefined;
  /** Pods of one node, found by an index. */
  readonly nodeName?: string | undefined;
}

/** The objects of one resource, indexed by namespace and by the node they run on. */
export class Table {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #byNamespace = new SetIndex<string>();
  readonly #byNode = new SetIndex<string>();
  #sorted: readonly string[] | undefined;

  get(key: string): KubernetesObject | undefined {
    return this.#objects.get(key);
  }

  set(object: KubernetesObject): void {
    const key = objectKey(object);
    const previous = this.#objects.get(key);
    if (previous === undefined) this.#sorted = undefined;
    else this.#unindex(key, previous);
    this.#objects.set(key, object);
    this.#byNamespace.add(object.metadata.namespace ?? '', key);
    this.#byNode.add(nodeNameOf(object), key);
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
      const keys = [...this.#byNode.get(nodeName)].sort(byCodePoint);
      return namespace === undefined ? keys : keys.filter((key) => key.startsWith(`${namespace}/`));
    }
    if (namespace !== undefined) return [...this.#byNamespace.get(namespace)].sort(byCodePoint);
    this.#sorted ??= [...this.#objects.keys()].sort(byCodePoint);
    return this.#sorted;
  }

  #unindex(key: string, object: KubernetesObject): void {
    this.#byNamespace.delete(object.metadata.namespace ?? '', key);
    this.#byNode.delete(nodeNameOf(object), key);
  }
}

function byCodePoint(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
