import type { Timer } from '@node-termination-handler/clock';
import { isoSeconds, readRecord, readString } from '../../json-value.ts';
import { keyOf, objectKey } from '../object/object.ts';
import type { KubernetesObject } from '../object/object.ts';
import { annotatedBehaviour, nodeNameOf } from '../object/pod.ts';
import type { PodBehaviour } from '../object/pod.ts';
import { deleteObject } from '../registry/delete.ts';
import type { Registry } from '../registry/registry.ts';
import { builtIn } from '../resources/resources.ts';
import type { Change } from '../store/store.ts';

interface Ending {
  readonly uid: string;
  readonly graceSeconds: number;
  readonly beganMs: number;
  readonly timer: Timer | undefined;
}

/** The kubelets of all nodes: they start pods that are bound to a node, and remove those that were told to end. */
export class Kubelet implements Disposable {
  readonly #registry: Registry;
  readonly #defaults: Required<PodBehaviour>;
  readonly #behaviours = new Map<string, PodBehaviour>();
  readonly #endings = new Map<string, Ending>();
  readonly #starting = new Map<string, Timer>();
  readonly #unsubscribe: () => void;

  constructor(registry: Registry, defaults: Required<PodBehaviour>) {
    this.#registry = registry;
    this.#defaults = defaults;
    this.#unsubscribe = registry.store.onChange((change) => {
      if (change.storage === builtIn.pods.storage) this.#note(change);
    });
  }

  /** Says how a pod of this name behaves; it goes before annotations and defaults, also for a pod that is ending. */
  setBehaviour(namespace: string, name: string, behaviour: PodBehaviour): void {
    const key = keyOf(namespace, name);
    this.#behaviours.set(key, behaviour);
    const pod = this.#registry.store.get(builtIn.pods.storage, key);
    if (pod?.metadata.deletionTimestamp === undefined) return;
    const ending = this.#endings.get(key);
    this.#cancelEnding(key);
    this.#end(pod, ending?.beganMs ?? this.#registry.clock.now());
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    for (const key of [...this.#endings.keys()]) this.#cancelEnding(key);
    for (const timer of this.#starting.values()) timer.stop();
    this.#starting.clear();
  }

  #note({ type, object: pod }: Change): void {
    const key = objectKey(pod);
    if (type === 'DELETED') {
      this.#cancelEnding(key);
      this.#starting.get(key)?.stop();
      this.#starting.delete(key);
      return;
    }
    if (nodeNameOf(pod) === '') return;
    if (pod.metadata.deletionTimestamp === undefined) {
      if (readString(pod, 'status', 'phase') === 'Pending') this.#start(key, pod);
      return;
    }
    const ending = this.#endings.get(key);
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? 0;
    if (ending?.uid === pod.metadata.uid && ending.graceSeconds === graceSeconds) return;
    this.#cancelEnding(key);
    this.#end(pod, ending?.uid === pod.metadata.uid ? ending.beganMs : this.#registry.clock.now());
  }

  #behaviourOf(pod: KubernetesObject): Required<PodBehaviour> {
    return { ...this.#defaults, ...annotatedBehaviour(pod), ...this.#behaviours.get(objectKey(pod)) };
  }

  #start(key: string, pod: KubernetesObject): void {
    const { startsAfterMs } = this.#behaviourOf(pod);
    const node = this.#registry.store.get(builtIn.nodes.storage, nodeNameOf(pod));
    if (startsAfterMs === 'never' || node === undefined || this.#starting.has(key)) return;
    const start = (): void => {
      this.#starting.delete(key);
      this.#run(key, pod.metadata.uid);
    };
    this.#starting.set(key, this.#registry.clock.startTimer(startsAfterMs, start, { keepsProcessAlive: false }));
  }

  #run(key: string, uid: string): void {
    const pod = this.#registry.store.get(builtIn.pods.storage, key);
    if (pod?.metadata.uid !== uid || pod.metadata.deletionTimestamp !== undefined) return;
    if (readString(pod, 'status', 'phase') !== 'Pending') return;
    const at = isoSeconds(this.#registry.clock.now());
    const types = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
    const conditions = types.map((type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: at }));
    const status = { ...readRecord(pod, 'status'), phase: 'Running', conditions, startTime: at };
    const { namespace, name } = pod.metadata;
    this.#registry.update(builtIn.pods, namespace, name, (existing) => ({ ...existing, status }), { part: 'status' });
  }

  #end(pod: KubernetesObject, beganMs: number): void {
    const key = objectKey(pod);
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? 0;
    const { endsAfterMs } = this.#behaviourOf(pod);
    const { uid } = pod.metadata;
    const graceMs = graceSeconds * 1000;
    const afterMs = typeof endsAfterMs === 'number' ? Math.min(endsAfterMs, graceMs) : graceMs;
    const { clock } = this.#registry;
    const end = (): void => this.#remove(key, uid);
    const timer =
      endsAfterMs === 'never'
        ? undefined
        : clock.startTimer(beganMs + afterMs - clock.now(), end, { keepsProcessAlive: false });
    this.#endings.set(key, { uid, graceSeconds, beganMs, timer });
  }

  #remove(key: string, uid: string): void {
    const pod = this.#registry.store.get(builtIn.pods.storage, key);
    if (pod?.metadata.uid !== uid) return;
    const { namespace, name } = pod.metadata;
    deleteObject(this.#registry, builtIn.pods, namespace, name, { gracePeriodSeconds: 0, uid });
  }

  #cancelEnding(key: string): void {
    this.#endings.get(key)?.timer?.stop();
    this.#endings.delete(key);
  }
}
