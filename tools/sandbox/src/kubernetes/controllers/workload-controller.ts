import { readAt, readList, readNumber, readRecord, readString } from '../../json-value.ts';
import { controllerOf } from '../object/object.ts';
import type { KubernetesObject, OwnerReference } from '../object/object.ts';
import { isFinished } from '../object/pod.ts';
import { randomSuffix } from '../registry/registry.ts';
import type { Registry } from '../registry/registry.ts';
import { builtIn } from '../resources/resources.ts';
import { keyOf, objectKey } from '../store/store.ts';
import type { Change, Store } from '../store/store.ts';

/**
 * A small stand-in for the controllers and the scheduler: pods of a ReplicaSet are replaced as soon as they begin to
 * end, those of a StatefulSet (same name) and of a DaemonSet (same node) once they are gone, and pods without a node
 * go where there is room. Pods are copies of those that they replace.
 */
export class WorkloadController {
  readonly #registry: Registry;
  readonly #pending: (() => void)[] = [];
  /** The keys of pods that have no node yet. */
  readonly #waiting = new Set<string>();
  readonly #unsubscribe: () => void;
  #isScheduled = false;
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
  }

  close(): void {
    this.#unsubscribe();
    this.#isEnabled = false;
  }

  #note(change: Change): void {
    if (change.storage === builtIn.nodes.storage) {
      for (const key of this.#waiting) this.#later(() => this.#place(key));
    }
    if (change.storage !== builtIn.pods.storage) return;
    const owner = controllerOf(change.object);
    if (change.type !== 'DELETED' && !isBound(change.object)) {
      const key = objectKey(change.object);
      this.#waiting.add(key);
      this.#later(() => this.#place(key));
    }
    if (owner === undefined || change.type === 'ADDED') return;
    const wasActive = isActive(change.previous);
    const isGone = change.type === 'DELETED';
    switch (owner.kind) {
      case 'ReplicaSet':
        if (wasActive && (isGone || !isActive(change.object))) this.#later(() => this.#replace(change.object, owner));
        return;
      case 'StatefulSet':
        if (isGone) this.#later(() => this.#recreate(change.object, change.object.metadata.name, undefined));
        return;
      case 'DaemonSet':
        if (isGone) {
          const node = readString(change.object, 'spec', 'nodeName');
          this.#later(() => this.#recreate(change.object, `${owner.name}-${randomSuffix()}`, node));
        }
        return;
      default:
        return;
    }
  }

  /** Acts after the current write is told to everybody, so that nobody hears of two changes in the wrong order. */
  #later(act: () => void): void {
    this.#pending.push(act);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      for (const next of this.#pending.splice(0)) if (this.#isEnabled) next();
    }).unref();
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
    const { namespace, labels, annotations, ownerReferences } = pod.metadata;
    const { store } = this.#registry;
    if (store.get(builtIn.pods.storage, keyOf(namespace, name)) !== undefined) return;
    if (nodeName !== undefined && store.get(builtIn.nodes.storage, nodeName) === undefined) return;
    const { nodeName: _, ...spec } = readRecord(pod, 'spec');
    this.#registry.create(builtIn.pods, {
      kind: pod.kind,
      apiVersion: pod.apiVersion,
      metadata: {
        name,
        uid: '',
        resourceVersion: '',
        creationTimestamp: '',
        ...(namespace === undefined ? {} : { namespace }),
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
        ...(ownerReferences === undefined ? {} : { ownerReferences }),
      },
      spec: { ...spec, ...(nodeName === undefined ? {} : { nodeName }) },
    });
  }

  #place(key: string): void {
    const { store } = this.#registry;
    const pod = store.get(builtIn.pods.storage, key);
    if (pod === undefined || isBound(pod)) {
      this.#waiting.delete(key);
      return;
    }
    const nodeName = placeFor(store);
    if (nodeName === undefined) return;
    this.#waiting.delete(key);
    store.put(builtIn.pods.storage, { ...pod, spec: { ...readRecord(pod, 'spec'), nodeName } });
  }
}

function isBound(pod: KubernetesObject): boolean {
  return (readString(pod, 'spec', 'nodeName') ?? '') !== '';
}

function isActive(pod: KubernetesObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isFinished(pod);
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
  const isUnready = readList(node, 'status', 'conditions').some(
    (condition) => readString(condition, 'type') === 'Ready' && readString(condition, 'status') !== 'True',
  );
  return !isCordoned && !isRepelling && !isUnready && node.metadata.deletionTimestamp === undefined;
}
