import type { KubernetesChange, KubernetesObject, Sandbox } from '@node-termination-handler/sandbox';
import { RecordHistory } from '../node-record.ts';

/** What happened to one pod. Times in ms since the epoch. */
interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly isDaemon: boolean;
  /** Its own grace, in seconds. */
  readonly graceSeconds: number;
  goneAt: number | undefined;
  /** When it was first told to end, and with which grace. */
  signal: { readonly at: number; readonly graceSeconds: number } | undefined;
  /** Whether it went with its instance. */
  isLost: boolean;
}

/** What the sandbox itself saw happen to nodes and pods, whatever the programs say of it. */
export interface WorldRecord {
  readonly pods: readonly PodRecord[];
  /** When a node was first seen cordoned. */
  readonly cordonedAt: (node: string) => number | undefined;
  /** When the last pod that a drain takes away had left the node; undefined while one is there. */
  readonly emptyAt: (node: string) => number | undefined;
  /** What the nodes' own records said. */
  readonly history: RecordHistory;
  /** A node's instance goes, and what runs there with it. */
  readonly lose: (node: string) => void;
}

interface PodSpec {
  readonly nodeName?: string;
  readonly terminationGracePeriodSeconds?: number;
}

function podRecord(object: KubernetesObject): PodRecord {
  const { metadata, spec } = object;
  const { nodeName = '', terminationGracePeriodSeconds = 30 } = spec as PodSpec;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    node: nodeName,
    isDaemon: metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') === true,
    graceSeconds: terminationGracePeriodSeconds,
    goneAt: undefined,
    signal: undefined,
    isLost: false,
  };
}

/** Begins to write down what happens to the sandbox's nodes and pods; those that are there already count. */
export function startRecord(sandbox: Sandbox): WorldRecord & Disposable {
  const pods = new Map<string, PodRecord>();
  const cordoned = new Map<string, number>();
  const history = new RecordHistory();
  const add = (object: KubernetesObject): void => void pods.set(object.metadata.uid, podRecord(object));
  for (const object of sandbox.kubernetes.list({ kind: 'Pod' })) add(object);

  const onChange = ({ type, object }: KubernetesChange): void => {
    if (object.kind === 'Node') {
      const { unschedulable } = object.spec as { unschedulable?: boolean };
      const { name } = object.metadata;
      history.see(name, type === 'DELETED' ? undefined : object, Date.now());
      if (unschedulable === true && !cordoned.has(name)) cordoned.set(name, Date.now());
    }
    if (object.kind !== 'Pod') return;
    if (type === 'ADDED') add(object);
    const known = pods.get(object.metadata.uid);
    if (known === undefined) return;
    const { deletionTimestamp, deletionGracePeriodSeconds: graceSeconds = 0 } = object.metadata;
    if (type === 'DELETED') known.goneAt = Date.now();
    else if (deletionTimestamp !== undefined) known.signal ??= { at: Date.now(), graceSeconds };
  };
  const stop = sandbox.kubernetes.onChange(onChange);
  return {
    get pods() {
      return [...pods.values()];
    },
    cordonedAt: (node) => cordoned.get(node),
    emptyAt: (node) => {
      const there = [...pods.values()].filter((pod) => pod.node === node && !pod.isDaemon);
      if (there.some(({ goneAt }) => goneAt === undefined)) return undefined;
      return Math.max(0, ...there.map(({ goneAt = 0 }) => goneAt));
    },
    history,
    lose: (node) => {
      for (const pod of pods.values()) {
        if (pod.node !== node || pod.goneAt !== undefined) continue;
        pod.isLost = true;
        sandbox.kubernetes.remove({ kind: 'Pod', namespace: pod.namespace, name: pod.name });
      }
    },
    [Symbol.dispose]: stop,
  };
}
