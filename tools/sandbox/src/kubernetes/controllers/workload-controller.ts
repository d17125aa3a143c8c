import { readAt, readList, readNumber, readRecord, readString } from '../../json-value.ts';
import { conditionOf, controllerOf, keyOf, objectKey } from '../object/object.ts';
import type { KubernetesObject, OwnerReference } from '../object/object.ts';
import { isFinished, isTerminating, nodeNameOf } from '../object/pod.ts';
import { randomSuffix } from '../registry/registry.ts';
import type { Registry } from '../registry/registry.ts';
import { builtIn } from '../resources/resources.ts';
import type { Change, Store } from '../store/store.ts';
import { WorkQueue } from './work-queue.ts';

/**
 * A small stand-in for the controllers and the scheduler: pods of a ReplicaSet are replaced as soon as they begin to
 * end, those of a StatefulSet (same name) and of a DaemonSet (same node) once they are gone, and pods without a node
 * go where there is room. Pods are copies of those that they replace.
 */
export class WorkloadController implements Disposable {
  readonly #registry: Registry;
  readonly #queue = new WorkQueue();
  /** The keys of pods that have no node yet. */
  readonly #unbound = new Set<string>();
  readonly #unsubscribe: () => void;
  #isEnabled: boolean;

  constructor(registry: Registry, options: { readonly enabled: boolean }) {
    this.#registry = registry;
    this.#isEnabled = options.enabled;
    this.#unsubscribe = registry.store.onChange((change) => {
      if (this.#isEnabled) this.#note(change);
    });
  }

  /** Switches it on or off; what was missed while it was off is not made up for. */
  setEnabled(enabled: boolean): void {
    this.#isEnabled = enabled;
    if (!enabled) this.#queue.clear();
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.setEnabled(false);
  }

  #note(change: Change): void {
    const { object, storage } = change;
    if (storage === builtIn.nodes.storage) {
      for (const key of this.#unbound) this.#queue.add(key, () => this.#place(key));
    }
    if (storage !== builtIn.pods.storage) return;
    const isGone = change.type === 'DELETED';
    const key = objectKey(object);
    if (!isGone && nodeNameOf(object) === '') {
      this.#unbound.add(key);
      this.#queue.add(key, () => this.#place(key));
    }
    const owner = controllerOf(object);
    if (owner === undefined || change.type === 'ADDED') return;
    const hasEnded = isGone || !isActive(object);
    switch (owner.kind) {
      case 'ReplicaSet':
        if (isActive(change.previous) && hasEnded) this.#queue.add(change, () => this.#replace(object, owner));
        return;
      case 'StatefulSet':
        if (isGone) this.#queue.add(change, () => this.#recreate(object, object.metadata.name, undefined));
        return;
      case 'DaemonSet': {
        const node = nodeNameOf(object) || undefined;
        if (isGone) this.#queue.add(change, () => this.#recreate(object, `${owner.name}-${randomSuffix()}`, node));
        return;
      }
    }
  }

  #replace(pod: KubernetesObject, owner: OwnerReference): void {
    const { store } = this.#registry;
    const set = store.get(builtIn.replicaSets.storage, keyOf(pod.metadata.namespace, owner.name));
    const wanted = readNumber(set, 'spec', 'replicas');
    if (wanted !== undefined) {
      const pods = store.list(builtIn.pods.storage, { namespace: pod.metadata.namespace });
      if (pods.filter((one) => controllerOf(one)?.uid === owner.uid && isActive(one)).length >= wanted) return;
    }
    this.#recreate(pod, `${owner.name}-${randomSuffix()}`, undefined);
  }

  #recreate(pod: KubernetesObject, name: string, nodeName: string | undefined): void {
    const { namespace } = pod.metadata;
    const { store } = this.#registry;
    if (store.get(builtIn.pods.storage, keyOf(namespace, name)) !== undefined) return;
    if (nodeName !== undefined && store.get(builtIn.nodes.storage, nodeName) === undefined) return;
    const { kind, apiVersion } = pod;
    const metadata = { ...pod.metadata, name, resourceVersion: '', finalizers: [] };
    const spec = { ...readRecord(pod, 'spec'), nodeName };
    this.#registry.create(builtIn.pods, { kind, apiVersion, metadata, spec });
  }

  #place(key: string): void {
    const { store } = this.#registry;
    const pod = store.get(builtIn.pods.storage, key);
    if (pod === undefined || nodeNameOf(pod) !== '') {
      this.#unbound.delete(key);
      return;
    }
    const nodeName = placeFor(store);
    if (nodeName === undefined) return;
    this.#unbound.delete(key);
    store.put(builtIn.pods.storage, { ...pod, spec: { ...readRecord(pod, 'spec'), nodeName } });
  }
}

function isActive(pod: KubernetesObject): boolean {
  return !isTerminating(pod) && !isFinished(pod);
}

/** The node with the fewest pods among those that take new ones, if there is any. */
function placeFor(store: Store): string | undefined {
  const candidates = store
    .list(builtIn.nodes.storage)
    .filter(takesPods)
    .map((node) => ({
      name: node.metadata.name,
      load: store.list(builtIn.pods.storage, { nodeName: node.metadata.name }).length,
    }));
  return candidates.sort((left, right) => left.load - right.load || (left.name < right.name ? -1 : 1))[0]?.name;
}

/** Is the node schedulable, ready and free of taints that keep pods away? */
function takesPods(node: KubernetesObject): boolean {
  const isCordoned = readAt(node, 'spec', 'unschedulable') === true;
  const isRepelling = readList(node, 'spec', 'taints').some(
    (taint) => readString(taint, 'effect') !== 'PreferNoSchedule',
  );
  const { status: ready = 'True' } = conditionOf(node, 'Ready');
  return !isCordoned && !isRepelling && ready === 'True' && !isTerminating(node);
}
