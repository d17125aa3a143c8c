import { isoSeconds, readAt, readList, readRecord, readString } from '../../json-value.ts';
import type { Registry } from '../registry/registry.ts';
import { builtIn } from '../resources/resources.ts';
import { WorkQueue } from './work-queue.ts';

const cordonTaint = 'node.kubernetes.io/unschedulable';

/**
 * Taints nodes that are unschedulable, as the node lifecycle controller of a control plane does a moment after a
 * cordon; see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions.
 */
export class NodeController implements Disposable {
  readonly #registry: Registry;
  readonly #queue = new WorkQueue();
  readonly #unsubscribe: () => void;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#unsubscribe = registry.store.onChange(({ storage, type, object }) => {
      const { name } = object.metadata;
      if (storage === builtIn.nodes.storage && type !== 'DELETED') this.#queue.add(name, () => this.#sync(name));
    });
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#queue.clear();
  }

  #sync(name: string): void {
    const { store, clock } = this.#registry;
    const node = store.get(builtIn.nodes.storage, name);
    if (node === undefined) return;
    const taints = readList(node, 'spec', 'taints');
    const others = taints.filter((taint) => readString(taint, 'key') !== cordonTaint);
    const isCordoned = readAt(node, 'spec', 'unschedulable') === true;
    if (isCordoned === others.length < taints.length) return;
    const taint = { key: cordonTaint, effect: 'NoSchedule', timeAdded: isoSeconds(clock.now()) };
    this.#registry.update(builtIn.nodes, undefined, name, (existing) => ({
      ...existing,
      spec: { ...readRecord(existing, 'spec'), taints: isCordoned ? [...others, taint] : others },
    }));
  }
}
