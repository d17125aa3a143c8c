import type { KubernetesChange, KubernetesObject, Sandbox } from '@node-termination-handler/sandbox';
import { RecordHistory } from '../node-record.ts';

/** What happened to one pod. Times in ms since the epoch. */
interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** Of a DaemonSet that is there. */
  readonly isDaemon: boolean;
  /** Whether it had ended by itself before it was told to: nothing runs in it. */
  readonly hasEnded: boolean;
  /** Its own grace, in seconds. */
  readonly graceSeconds: number;
  readonly cameAt: number;
  /** Whether it came to a node that a person had given back, which nobody has taken away since: nobody has to move it. */
  isInvited: boolean;
  /** Whether it came to a node that took no pods any more, for which its scheduler had chosen it before. */
  readonly isLate: boolean;
  goneAt: number | undefined;
  /** When it was first told to end, and with which grace. */
  signal: { readonly at: number; readonly graceSeconds: number } | undefined;
  /** Whether it went with its instance. */
  isLost: boolean;
}

/** What the sandbox itself saw happen to nodes and pods, whatever the programs say of it. */
export interface WorldRecord {
  readonly pods: readonly PodRecord[];
  /** Jobs of which a pod was ended that ran and was not said to be disrupted. */
  readonly failedJobs: readonly string[];
  /** When a node was first seen cordoned. */
  readonly cordonedAt: (node: string) => number | undefined;
  /** When the last pod that a drain takes away had left the node, of those that had come by a moment; undefined while one is there. Without those that came late. */
  readonly emptyAt: (node: string, by?: number) => number | undefined;
  /** When a person last made a node schedulable. */
  readonly releasedAt: (node: string) => number | undefined;
  /** Whether a node was cordoned after a person had made it schedulable, and nothing had named it since. */
  readonly isTakenAgain: (node: string) => boolean;
  /** A person makes a node schedulable. */
  readonly release: (node: string) => void;
  /** An event names a node. */
  readonly told: (node: string) => void;
  /** What the nodes' own records said. */
  readonly history: RecordHistory;
  /** A node's kubelet falls silent: nobody can end its pods, and a minute past their grace they count as gone. */
  readonly silence: (node: string) => void;
  /** A node's instance goes, and what runs there with it. */
  readonly lose: (node: string) => void;
}

/**
 * Within how long it must be noticed that a person has made a node schedulable, in ms: a node is looked at each minute, and read where nobody
 * watches it, or the watch has fallen silent.
 */
const NOTICED_WITHIN_MS = 75_000;

/** How long past its grace a pod is waited for that only a silent kubelet could end, in ms. */
const OUT_OF_REACH_MS = 60_000;

interface PodSpec {
  readonly nodeName?: string;
  readonly terminationGracePeriodSeconds?: number;
}

function isUnschedulable({ spec }: KubernetesObject): boolean {
  return (spec as { readonly unschedulable?: boolean }).unschedulable === true;
}

/** Whether a pod says that the infrastructure ends it, which a Job may forgive. */
function isDisrupted({ status }: KubernetesObject): boolean {
  const { conditions = [] } = status as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.some((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True');
}

function jobsOf({ metadata: { ownerReferences = [] } }: KubernetesObject): readonly string[] {
  return ownerReferences.filter(({ kind }) => kind === 'Job').map(({ name }) => name);
}

/** What a pod is recorded with beside its object. */
type Circumstances = Pick<PodRecord, 'isDaemon' | 'isInvited' | 'isLate'>;

function podRecord(object: KubernetesObject, circumstances: Circumstances): PodRecord {
  const { metadata, spec, status } = object;
  const { nodeName = '', terminationGracePeriodSeconds = 30 } = spec as PodSpec;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    node: nodeName,
    hasEnded: ['Succeeded', 'Failed'].includes((status as { readonly phase?: string }).phase ?? ''),
    graceSeconds: terminationGracePeriodSeconds,
    cameAt: Date.now(),
    ...circumstances,
    goneAt: undefined,
    signal: undefined,
    isLost: false,
  };
}

/**
 * Begins to write down what happens to the sandbox's nodes and pods; those that are there already count.
 *
 * @param daemonsGo - Whether pods of DaemonSets are to go like others. Default: no.
 */
export function startRecord(sandbox: Sandbox, daemonsGo = false): WorldRecord & Disposable {
  const pods = new Map<string, PodRecord>();
  const cordoned = new Map<string, number>();
  const history = new RecordHistory();
  const released = new Map<string, number>();
  /** Nodes that nobody has taken away since a person gave them back. */
  const free = new Set<string>();
  const takenAgain = new Set<string>();
  const silent = new Set<string>();
  const failedJobs = new Set<string>();
  const add = (object: KubernetesObject): void => {
    const { nodeName = '' } = object.spec as PodSpec;
    const isDaemon = (object.metadata.ownerReferences ?? []).some(({ kind, name }) => {
      return (
        !daemonsGo &&
        kind === 'DaemonSet' &&
        sandbox.kubernetes.get({ apiVersion: 'apps/v1', kind, name }) !== undefined
      );
    });
    const node = sandbox.kubernetes.get({ kind: 'Node', name: nodeName });
    const isLate = node !== undefined && isUnschedulable(node);
    pods.set(object.metadata.uid, podRecord(object, { isDaemon, isInvited: free.has(nodeName), isLate }));
  };
  const take = (node: string): void => {
    if (!free.delete(node)) return;
    for (const pod of pods.values()) if (pod.node === node) pod.isInvited = false;
  };
  for (const object of sandbox.kubernetes.list({ kind: 'Pod' })) add(object);

  const onChange = ({ type, object }: KubernetesChange): void => {
    if (object.kind === 'Node') {
      const { name } = object.metadata;
      history.see(name, type === 'DELETED' ? undefined : object, Date.now());
      if (isUnschedulable(object)) {
        if (!cordoned.has(name)) cordoned.set(name, Date.now());
        if (free.has(name)) takenAgain.add(name);
        take(name);
      }
    }
    if (object.kind !== 'Pod') return;
    if (type === 'ADDED') add(object);
    const known = pods.get(object.metadata.uid);
    if (known === undefined) return;
    const { deletionTimestamp, deletionGracePeriodSeconds: graceSeconds = 0 } = object.metadata;
    if (type === 'DELETED') {
      known.goneAt = Date.now();
      if (!known.hasEnded && !known.isLost && !isDisrupted(object))
        jobsOf(object).forEach((job) => failedJobs.add(job));
    } else if (deletionTimestamp !== undefined) {
      known.signal ??= { at: Date.now(), graceSeconds };
      if (silent.has(known.node)) known.goneAt ??= known.signal.at + graceSeconds * 1000 + OUT_OF_REACH_MS;
    }
  };
  const stop = sandbox.kubernetes.onChange(onChange);
  return {
    get pods() {
      return [...pods.values()];
    },
    get failedJobs() {
      return [...failedJobs];
    },
    cordonedAt: (node) => cordoned.get(node),
    releasedAt: (node) => released.get(node),
    isTakenAgain: (node) => takenAgain.has(node),
    release: (name) => {
      const node = sandbox.kubernetes.get({ kind: 'Node', name });
      if (node === undefined || !isUnschedulable(node)) return;
      history.excuse(name, 'the cordon is missing', Date.now() + NOTICED_WITHIN_MS);
      released.set(name, Date.now());
      free.add(name);
      sandbox.kubernetes.put({ ...node, spec: { ...(node.spec as object), unschedulable: false } });
    },
    told: take,
    emptyAt: (node, by = Infinity) => {
      const there = [...pods.values()].filter((pod) => {
        if (pod.node !== node || pod.cameAt > by) return false;
        return !pod.isDaemon && !pod.hasEnded && !pod.isInvited && !pod.isLate;
      });
      if (there.some(({ goneAt }) => goneAt === undefined)) return undefined;
      return Math.max(0, ...there.map(({ goneAt = 0 }) => goneAt));
    },
    history,
    silence: (node) => void silent.add(node),
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
