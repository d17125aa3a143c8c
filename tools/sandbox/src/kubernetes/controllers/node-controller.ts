import { readAt, readList, readRecord, readString } from '../../json-value.ts';
import { timestamp } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { Registry } from '../registry/registry.ts';
import { builtIn } from '../resources/resources.ts';

const cordonTaint = 'node.kubernetes.io/unschedulable';

/**
 * Taints nodes that are unschedulable, as the node lifecycle controller of a control plane does a moment after a
 * cordon; see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions.
 */
export class NodeController {
  readonly #registry: Registry;
  readonly #waiting = new Set<string>();
  readonly #unsubscribe: () => void;

  constructor(registry: Registry, options: { readonly enabled: boolean }) {
    this.#registry = registry;
    this.#unsubscribe = !options.enabled
      ? () => undefined
      : registry.store.onChange((change) => {
          if (change.storage === builtIn.nodes.storage && change.type !== 'DELETED')
            this.#later(change.object.metadata.name);
        });
  }

  close(): void {
    this.#unsubscribe();
    this.#waiting.clear();
  }

  #later(name: string): void {
    if (this.#waiting.has(name)) return;
    this.#waiting.add(name);
    setImmediate(() => {
      if (this.#waiting.delete(name)) this.#sync(name);
    }).unref();
  }

  #sync(name: string): void {
    const { store, now } = this.#registry;
    const node = store.get(builtIn.nodes.storage, name);
    if (node === undefined) return;
    const taints = readList(node, 'spec', 'taints');
    const others = taints.filter((taint) => readString(taint, 'key') !== cordonTaint);
    const isCordoned = readAt(node, 'spec', 'unschedulable') === true;
    if (isCordoned === others.length < taints.length) return;
    const taint = { key: cordonTaint, effect: 'NoSchedule', timeAdded: timestamp(now()) };
    this.#registry.update(builtIn.nodes, undefined, name, (existing) =>
      withTaints(existing, isCordoned ? [...others, taint] : others),
    );
  }
}

function withTaints(node: KubernetesObject, taints: readonly unknown[]): KubernetesObject {
  return { ...node, spec: { ...readRecord(node, 'spec'), taints } };
}
