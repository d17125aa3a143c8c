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

/** What the demo knows enough of to judge, in words for whoever sees it for the first time: what holds, and what for. */
const CLAIMS: readonly { readonly name: InvariantName; readonly claim: string }[] = [
  { name: 'node cordoned', claim: 'every node is cordoned: no new pod is put on it' },
  { name: 'node drained', claim: 'every node is empty before its instance goes' },
  { name: 'hook completed', claim: 'every hook is completed: Auto Scaling need not wait longer' },
  { name: 'hook early', claim: 'no hook is completed before its node is empty' },
  { name: 'message deleted', claim: 'every message is deleted, also the one that is no event' },
  { name: 'event lost', claim: 'and not before its work is done, or on record on its node' },
  { name: 'marks and record agree', claim: 'each node carries the marks that its record asks for, no other' },
  { name: 'evicted twice', claim: 'no pod is evicted twice: an eviction under way is seen' },
  { name: 'done twice', claim: 'no hook is completed and no message worked on twice' },
  { name: 'pods that stay', claim: 'pods of DaemonSets are left alone: they end with the instance' },
  { name: 'nodes that stay', claim: 'nodes that nothing was said about stay in service' },
  { name: 'marks of others', claim: 'taints that others have put on a node are still there' },
  { name: 'unknown call', claim: 'the sandbox could answer whatever it was asked' },
];

/** Tells what holds at the end and what does not; what nothing was judged by does not hold. */
export function judge(evidence: Evidence): Finding[] {
  return CLAIMS.map(({ name, claim }) => {
    const { count, check } = invariant(name);
    const exceptions = check(evidence, {});
    const counted = count?.(evidence);
    return {
      claim,
      holds: exceptions.length === 0 && counted !== 0,
      evidence:
        exceptions.length > 0
          ? `not: ${exceptions.join(', ')}`
          : counted === undefined
            ? 'no exception'
            : `${counted} of ${counted}`,
    };
  });
}

function invariant(name: InvariantName): Invariant {
  const found = INVARIANTS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`There is no invariant "${name}"`);
  return found;
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
