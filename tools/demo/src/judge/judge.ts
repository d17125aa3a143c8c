import type {
  KubernetesRequest,
  LifecycleAction,
  QueueMessage,
  RefusedLifecycleCall,
} from '@node-termination-handler/sandbox';
import { isAccepted } from '../observe/timeline.ts';
import type { NodeTimeline } from '../observe/timeline.ts';

/** One thing that must be so at the end, and whether it is. */
export interface Finding {
  /** What must be so, as a sentence: `every node is drained`. */
  readonly claim: string;
  readonly holds: boolean;
  /** What was counted. */
  readonly evidence: string;
}

/** What the verdict is made from: the sandbox's records of what was done, and nothing that a program says. */
export interface Evidence {
  readonly timelines: readonly NodeTimeline[];
  readonly actions: readonly LifecycleAction[];
  /** Completions and heartbeats for actions that were not (or no longer) waiting. */
  readonly refusedCalls: readonly RefusedLifecycleCall[];
  readonly messages: readonly QueueMessage[];
  /** Messages still in the queue, in flight or not. */
  readonly messagesInQueue: number;
  readonly redeliveriesInWork: number;
  readonly requests: readonly KubernetesRequest[];
  /** Pods that had to be left alone and are gone, as `namespace/name`. */
  readonly lostDaemonPods: readonly string[];
  /** Nodes that had to stay and are cordoned. */
  readonly cordonedBystanders: readonly string[];
  /** Nodes that lost the taint that their user had set. */
  readonly lostUserTaints: readonly string[];
  /** What the sandbox was asked for and does not simulate. */
  readonly unknown: readonly string[];
}

function all(claim: string, count: number, exceptions: readonly string[]): Finding {
  const holds = exceptions.length === 0;
  return {
    claim,
    holds: holds && count > 0,
    evidence: holds ? `${count} of ${count}` : `not: ${exceptions.join(', ')}`,
  };
}

function none(claim: string, exceptions: readonly string[]): Finding {
  return { claim, holds: exceptions.length === 0, evidence: exceptions.length === 0 ? 'none' : exceptions.join(', ') };
}

function isEviction({ subresource, code, dryRun }: KubernetesRequest): boolean {
  return subresource === 'eviction' && isAccepted({ code }) && !dryRun;
}

/** Pods whose eviction was accepted more than once. */
function evictedTwice(requests: readonly KubernetesRequest[]): string[] {
  const byPod = Map.groupBy(requests.filter(isEviction), ({ namespace, name }) => `${namespace}/${name}`);
  return [...byPod].filter(([, evictions]) => evictions.length > 1).map(([pod]) => `${pod} evicted twice`);
}

function doneTwice(evidence: Evidence): string[] {
  const { redeliveriesInWork, refusedCalls, messages } = evidence;
  return [
    ...evictedTwice(evidence.requests),
    ...(redeliveriesInWork === 0 ? [] : [`${redeliveriesInWork} messages received again while in work`]),
    ...refusedCalls.map(({ call, instanceId }) => `${call} again for ${instanceId ?? '?'}`),
    ...messages
      .filter(({ deletionCalls }) => deletionCalls > 1)
      .map(({ messageId }) => `message ${messageId} deleted twice`),
  ];
}

function isEarly(action: LifecycleAction, timelines: readonly NodeTimeline[]): boolean {
  const node = timelines.find(
    ({ hookCompletedAt }) => hookCompletedAt !== undefined && hookCompletedAt === action.endedAt,
  );
  return node?.drainedAt === undefined || (action.endedAt ?? 0) < node.drainedAt;
}

/** Tells what holds at the end and what does not. */
export function judge(evidence: Evidence): Finding[] {
  const { timelines, actions, messages, messagesInQueue } = evidence;
  const uncordoned = timelines.filter(({ cordonedAt }) => cordonedAt === undefined);
  const undrained = timelines.filter(
    ({ drainedAt, podsLeft, deadlineAt = 0 }) => drainedAt === undefined || podsLeft > 0 || drainedAt > deadlineAt,
  );
  const uncompleted = actions.filter(({ state, result }) => state !== 'completed' || result !== 'CONTINUE');
  const early = actions.filter((action) => action.state === 'completed' && isEarly(action, timelines));
  const undeleted = messages.flatMap(({ deletedAt, messageId }) =>
    deletedAt === undefined || messagesInQueue > 0 ? messageId : [],
  );
  const nodes = (some: readonly NodeTimeline[]): string[] => some.map(({ node }) => node);
  const instances = (some: readonly LifecycleAction[]): string[] => some.map((one) => `${one.instanceId} ${one.state}`);
  return [
    all('every node is cordoned', timelines.length, nodes(uncordoned)),
    all('every node is drained before its deadline', timelines.length, nodes(undrained)),
    all('every lifecycle hook is completed with CONTINUE', actions.length, instances(uncompleted)),
    none('no hook is completed before its node is drained', instances(early)),
    all('every message is deleted', messages.length, undeleted),
    none('nothing is done twice', doneTwice(evidence)),
    none('pods of DaemonSets are left alone', evidence.lostDaemonPods),
    none('other nodes are left alone', evidence.cordonedBystanders),
    none('taints of the user are kept', evidence.lostUserTaints),
    none('nothing was asked that the sandbox does not know', evidence.unknown),
  ];
}
