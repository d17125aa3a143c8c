import { systemClock } from '@node-termination-handler/clock';
import { readAt } from '@node-termination-handler/sandbox';
import type { KubernetesChange, Sandbox } from '@node-termination-handler/sandbox';
import { RecordHistory } from '@node-termination-handler/trials';
import type { Cast, CastNode } from '../play/cast.ts';
import { blockedSpans, isAccepted } from './timeline.ts';
import type { EvictionAnswer, NodeTimeline, PoisonMessage } from './timeline.ts';

/** Writes down what happens in the sandbox, node by node. It asks the sandbox alone, never the programs. */
export interface Recorder extends Disposable {
  /** A notice for the node is visible from this moment on. Times in ms since the epoch. */
  readonly noticed: (node: string, at: number, deadlineAt: number) => void;
  /** The message that nobody understands is in the queue. */
  readonly poisoned: (messageId: string) => void;
  /** What became of that message; undefined before it is sent. */
  readonly poison: () => PoisonMessage | undefined;
  /** What the nodes' own records said. */
  readonly history: RecordHistory;
  /** Where every node stands, in the order of the cast. */
  readonly timelines: () => readonly NodeTimeline[];
}

interface Observed {
  cordonedAt?: number;
  noticeAt?: number;
  deadlineAt?: number;
  drainedAt?: number;
  /** uids of the pods that have to go, and of those that are still there. */
  readonly pods: Set<string>;
  readonly left: Set<string>;
  readonly moments: { at: number; left: number }[];
}

function hasToGo(pod: KubernetesChange['object'] | undefined): boolean {
  return pod?.metadata.ownerReferences?.every(({ kind }) => kind !== 'DaemonSet' && kind !== 'Node') ?? true;
}

/** Begins to write down what happens to the nodes of the cast. */
export function startRecorder(sandbox: Sandbox, cast: Cast): Recorder {
  const observed = new Map<string, Observed>(
    cast.going.map(({ name }) => [name, { pods: new Set(), left: new Set(), moments: [] }]),
  );
  /** `namespace/name` of every pod that ran on a node of the cast, and on which. */
  const nodeOfPod = new Map<string, string>();

  const podSeen = (node: Observed, nodeName: string, pod: KubernetesChange['object']): void => {
    nodeOfPod.set(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, nodeName);
    node.pods.add(pod.metadata.uid);
    node.left.add(pod.metadata.uid);
  };
  const podGone = (node: Observed, uid: string): void => {
    if (!node.left.delete(uid)) return;
    const at = systemClock.now();
    node.moments.push({ at, left: node.left.size });
    if (node.left.size === 0 && node.noticeAt !== undefined) node.drainedAt ??= at;
  };
  const onPod = ({ type, object }: KubernetesChange): void => {
    const nodeName = String(readAt(object, 'spec', 'nodeName'));
    const node = observed.get(nodeName);
    if (node === undefined || !hasToGo(object)) return;
    if (type === 'DELETED') podGone(node, object.metadata.uid);
    else podSeen(node, nodeName, object);
  };
  const history = new RecordHistory();
  const onNode = ({ type, object }: KubernetesChange): void => {
    history.see(object.metadata.name, type === 'DELETED' ? undefined : object, systemClock.now());
    const node = observed.get(object.metadata.name);
    if (node !== undefined && readAt(object, 'spec', 'unschedulable') === true) node.cordonedAt ??= systemClock.now();
  };

  for (const pod of sandbox.kubernetes.list({ kind: 'Pod' })) {
    const nodeName = String(readAt(pod, 'spec', 'nodeName'));
    const node = observed.get(nodeName);
    if (node !== undefined && hasToGo(pod)) podSeen(node, nodeName, pod);
  }
  const stop = sandbox.kubernetes.onChange((change) => {
    if (change.object.kind === 'Pod') onPod(change);
    if (change.object.kind === 'Node') onNode(change);
  });

  const evictionsByNode = (): Map<string | undefined, EvictionAnswer[]> =>
    Map.groupBy(
      sandbox.kubernetes
        .requests()
        .filter(({ subresource, dryRun }) => subresource === 'eviction' && !dryRun)
        .map(({ namespace, name, code, at }) => ({ pod: `${namespace}/${name}`, code, at })),
      ({ pod }) => nodeOfPod.get(pod),
    );
  const timeline = ({ name, scene }: CastNode, answers: readonly EvictionAnswer[], now: number): NodeTimeline => {
    const node = observed.get(name);
    const instanceId = sandbox.instanceIdOf(name);
    const action = sandbox.aws.autoScaling.actions().find((candidate) => candidate.instanceId === instanceId);
    return {
      node: name,
      scene,
      noticeAt: node?.noticeAt,
      cordonedAt: node?.cordonedAt,
      drainedAt: node?.drainedAt,
      hookCompletedAt: action?.state === 'completed' ? action.endedAt : undefined,
      deadlineAt: node?.deadlineAt,
      podsTotal: node?.pods.size ?? 0,
      podsLeft: node?.left.size ?? 0,
      podsEvicted: answers.filter(isAccepted).length,
      podMoments: node?.moments.slice() ?? [],
      blocked: blockedSpans(answers, now),
    };
  };

  let poisonId: string | undefined;
  return {
    poisoned: (messageId) => {
      poisonId = messageId;
    },
    poison: () => {
      const message = poisonId === undefined ? undefined : sandbox.aws.sqs.message(poisonId);
      if (message === undefined) return undefined;
      return { sentAt: message.sentAt, receivedAt: message.receives[0]?.at, deletedAt: message.deletedAt };
    },
    noticed: (name, at, deadlineAt) => {
      const node = observed.get(name);
      if (node !== undefined) Object.assign(node, { noticeAt: at, deadlineAt });
    },
    history,
    timelines: () => {
      const now = systemClock.now();
      const evictions = evictionsByNode();
      return cast.going.map((node) => timeline(node, evictions.get(node.name) ?? [], now));
    },
    [Symbol.dispose]: stop,
  };
}
