import { readAt, readList } from '@node-termination-handler/sandbox';
import type { KubernetesObject, Sandbox } from '@node-termination-handler/sandbox';
import {
  causeOfMessage,
  INVARIANTS,
  isClaimedForNothing,
  NOTHING,
  sandboxEvidence,
} from '@node-termination-handler/trials';
import type { Evidence, Invariant, InvariantName, RecordHistory } from '@node-termination-handler/trials';
import type { NodeTimeline } from '../observe/timeline.ts';
import { usersTaint } from '../play/cast.ts';
import type { Cast } from '../play/cast.ts';

/** One thing that must be so at the end, and whether it is. */
export interface Finding {
  /** What must be so, as a sentence: `every node is drained`. */
  readonly claim: string;
  readonly holds: boolean;
  /** What was counted. */
  readonly evidence: string;
}

/** What the demo knows enough of to judge. */
const JUDGED: readonly InvariantName[] = [
  'node cordoned',
  'node drained',
  'hook completed',
  'hook early',
  'message deleted',
  'event lost',
  'marks and record agree',
  'evicted twice',
  'done twice',
  'pods that stay',
  'nodes that stay',
  'marks of others',
  'unknown call',
];

/** Tells what holds at the end and what does not; what nothing was judged by does not hold. */
export function judge(evidence: Evidence): Finding[] {
  const chosen: readonly Invariant[] = INVARIANTS.filter(({ name }) => JUDGED.includes(name));
  return chosen.map(({ holds: claim, count, check }) => {
    const exceptions = check(evidence, {});
    const counted = count?.(evidence);
    const good = counted === undefined ? 'none' : `${counted} of ${counted}`;
    return {
      claim,
      holds: exceptions.length === 0 && counted !== 0,
      evidence: exceptions.length === 0 ? good : `not: ${exceptions.join(', ')}`,
    };
  });
}

function hasUsersTaint(node: KubernetesObject | undefined): boolean {
  return readList(node, 'spec', 'taints').some(
    (taint) => readAt(taint, 'key') === usersTaint.key && readAt(taint, 'value') === usersTaint.value,
  );
}

/** Gathers what the sandbox has written down: nothing that a program says. */
export async function gatherEvidence(
  sandbox: Sandbox,
  cast: Cast,
  timelines: readonly NodeTimeline[],
  history: RecordHistory,
): Promise<Evidence> {
  const { aws, kubernetes } = sandbox;
  const byName = new Map(timelines.map((timeline) => [timeline.node, timeline]));
  const byInstance = new Map(cast.going.map(({ name }) => [sandbox.instanceIdOf(name), name]));
  const nodeOf = (text: string): string | undefined => [...byInstance].find(([id]) => text.includes(id))?.[1];
  const { visible, inFlight, delayed } = await aws.sqs.depth();
  const isQueueEmpty = visible + inFlight + delayed === 0;
  const isCordoned = (name: string): boolean =>
    readAt(kubernetes.get({ kind: 'Node', name }), 'spec', 'unschedulable') === true;
  return {
    ...NOTHING,
    ...sandboxEvidence(sandbox),
    interruptions: timelines.map(({ node, scene, deadlineAt = 0 }) => ({ node, way: scene, deadlineAt })),
    cordonedAt: (node) => byName.get(node)?.cordonedAt ?? (isCordoned(node) ? Date.now() : undefined),
    emptyAt: (node) => (byName.get(node)?.podsLeft === 0 ? byName.get(node)?.drainedAt : undefined),
    recordedAt: (node, at) => history.causesAt(node, at),
    disagreements: history.disagreements,
    claimedForNothing: kubernetes
      .list({ kind: 'Node' })
      .filter(isClaimedForNothing)
      .map(({ metadata }) => metadata.name),
    messages: aws.sqs.messages().map(({ body, deletedAt, deletionCalls }) => {
      const cause = causeOfMessage(body);
      return { node: nodeOf(body), cause, deletedAt: isQueueEmpty ? deletedAt : undefined, deletionCalls };
    }),
    actions: aws.autoScaling.actions().map(({ instanceId, state, result, endedAt }) => {
      return { node: nodeOf(instanceId) ?? instanceId, state, result, endedAt };
    }),
    pods: cast.daemonPods.map((pod) => {
      const [namespace = '', name = ''] = pod.split('/');
      const isThere = kubernetes.get({ kind: 'Pod', namespace, name }) !== undefined;
      return { name: pod, node: '', isDaemon: true, goneAt: isThere ? undefined : Date.now() };
    }),
    receivedAgain: aws.sqs.redeliveriesInWork(),
    refused: aws.autoScaling.refused().map(({ call, instanceId = '?' }) => `${call} of ${instanceId}`),
    lostMarks: cast.going
      .filter(({ name }) => !hasUsersTaint(kubernetes.get({ kind: 'Node', name })))
      .map(({ name }) => `the taint of ${name}`),
  };
}
