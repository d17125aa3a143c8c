import type {
  KubernetesRequest,
  LifecycleAction,
  QueueMessage,
  RefusedLifecycleCall,
} from '@node-termination-handler/sandbox';
import { isAccepted } from '../observe/blocked-spans.ts';
import type { NodeTimeline } from '../observe/timeline.ts';
import type { Finding } from './finding.ts';

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

function all<Item>(
  claim: string,
  items: readonly Item[],
  holds: (item: Item) => boolean,
  name: (item: Item) => string,
): Finding {
  const failing = items.filter((item) => !holds(item));
  const evidence = failing.length === 0 ? `${items.length} of ${items.length}` : `not: ${failing.map(name).join(', ')}`;
  return { claim, holds: failing.length === 0 && items.length > 0, evidence };
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
  const { timelines, actions, messages } = evidence;
  return [
    all(
      'every node is cordoned',
      timelines,
      ({ cordonedAt }) => cordonedAt !== undefined,
      ({ node }) => node,
    ),
    all(
      'every node is drained before its deadline',
      timelines,
      ({ drainedAt, podsLeft, deadlineAt }) =>
        drainedAt !== undefined && podsLeft === 0 && drainedAt <= (deadlineAt ?? 0),
      ({ node }) => node,
    ),
    all(
      'every lifecycle hook is completed with CONTINUE',
      actions,
      ({ state, result }) => state === 'completed' && result === 'CONTINUE',
      ({ instanceId, state }) => `${instanceId} ${state}`,
    ),
    none(
      'no hook is completed before its node is drained',
      actions
        .filter((action) => action.state === 'completed' && isEarly(action, timelines))
        .map(({ instanceId }) => instanceId),
    ),
    all(
      'every message is deleted',
      messages,
      ({ deletedAt }) => deletedAt !== undefined && evidence.messagesInQueue === 0,
      ({ messageId }) => messageId,
    ),
    none('nothing is done twice', doneTwice(evidence)),
    none('pods of DaemonSets are left alone', evidence.lostDaemonPods),
    none('other nodes are left alone', evidence.cordonedBystanders),
    none('taints of the user are kept', evidence.lostUserTaints),
    none('nothing was asked that the sandbox does not know', evidence.unknown),
  ];
}
