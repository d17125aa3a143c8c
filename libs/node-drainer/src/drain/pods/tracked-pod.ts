import type { Look } from '../decide.ts';
import type { PodGroup } from '../order.ts';
import { groupOf } from '../order.ts';
import type { LeftPod } from '../progress.ts';
import type { SlimPod } from './slim-pod.ts';

/** A pod that must go, and how far it has come. */
export interface TrackedPod {
  /** As last seen. */
  slim: SlimPod;
  readonly group: PodGroup;
  /** The grace that counts for this drain. */
  readonly graceSeconds: number;
  state: LeftPod['state'];
  /** Whether it is on the eviction queue. */
  isQueued: boolean;
  /** Whether a request for it is under way. */
  isAsking: boolean;
  /** Whether it was seen to be gone while its request was under way. */
  isSeenGone: boolean;
  /** Requests made for it. */
  attempts: number;
  /** How often in a row a budget has refused it, or the server failed to answer. */
  setbacks: number;
  /** Whether the server has ever refused to evict it. */
  wasRefused: boolean;
  budget: string | undefined;
  message: string | undefined;
  isRiskTold: boolean;
  /** Aborts when the pod is gone. */
  readonly gone: AbortController;
}

/** Begins to follow a pod. */
export function trackPod(slim: SlimPod, podGracePeriodSeconds: number): TrackedPod {
  return {
    slim,
    group: groupOf(slim),
    graceSeconds: podGracePeriodSeconds < 0 ? slim.graceSeconds : podGracePeriodSeconds,
    state: slim.terminatesAtMs === undefined ? 'waiting' : 'terminating',
    isQueued: false,
    isAsking: false,
    isSeenGone: false,
    attempts: 0,
    setbacks: 0,
    wasRefused: false,
    budget: undefined,
    message: undefined,
    isRiskTold: false,
    gone: new AbortController(),
  };
}

/** The pod as it is seen now: it ends no later than was known before, whatever a list from the cache or another clock says. */
export function seenAs(pod: TrackedPod, slim: SlimPod): SlimPod {
  const endsAtMs = Math.min(pod.slim.terminatesAtMs ?? Infinity, slim.terminatesAtMs ?? Infinity);
  return { ...slim, terminatesAtMs: endsAtMs === Infinity ? undefined : endsAtMs };
}

/** Whether nothing more can be done for the pod: it is gone, or the server will not have it evicted. */
export function isSettled(pod: TrackedPod): boolean {
  return pod.gone.signal.aborted || pod.state === 'refused';
}

/** What is known about a pod at one moment, for {@link decide}. */
export function lookAt(
  pod: TrackedPod,
  drain: Pick<Look, 'nowMs' | 'deadlineMs' | 'marginMs' | 'onDeadline' | 'graceIsOverridden'>,
): Look {
  return {
    ...drain,
    graceSeconds: pod.graceSeconds,
    isCompleted: pod.slim.isCompleted,
    terminatesAtMs: pod.slim.terminatesAtMs,
    wasRefused: pod.wasRefused,
  };
}

/** A pod that is still there when the drain ends, for people. */
export function leftPod(pod: TrackedPod): LeftPod {
  return {
    pod: pod.slim.ref,
    state: pod.state,
    ...(pod.budget !== undefined && { budget: pod.budget }),
    ...(pod.message !== undefined && { message: pod.message }),
  };
}
