import type { PodGroup } from '../order.ts';
import { groupOf } from '../order.ts';
import type { LeftPod, PodRef } from '../progress.ts';
import type { PodSummary } from './pod-summary.ts';

/** A pod that must go, and how far it has come. */
export interface TrackedPod {
  readonly ref: PodRef;
  /** As last seen. */
  seen: PodSummary;
  readonly group: PodGroup;
  /** The grace that counts for this drain. */
  readonly graceSeconds: number;
  state: LeftPod['state'];
  /** Whether it is on the eviction queue. */
  isQueued: boolean;
  /** Whether a request for it is under way. */
  isRequestUnderWay: boolean;
  /** Whether it was seen to be gone while its request was under way. */
  isSeenGone: boolean;
  /** Requests made for it. */
  attempts: number;
  /** How often in a row a budget has refused it, or the server failed to answer. */
  failures: number;
  /** Whether the server has ever refused to evict it. */
  wasRefused: boolean;
  budget: string | undefined;
  message: string | undefined;
  /** Whether it was told that it may not end in time, and still may not. */
  isToldAtRisk: boolean;
  /** Aborts when the pod is gone. */
  readonly gone: AbortController;
}

/** Begins to follow a pod. */
export function trackPod(pod: PodSummary, podGracePeriodSeconds: number): TrackedPod {
  return {
    ref: pod.ref,
    seen: pod,
    group: groupOf(pod),
    graceSeconds: podGracePeriodSeconds < 0 ? pod.graceSeconds : podGracePeriodSeconds,
    state: pod.terminatesAtMs === undefined ? 'waiting' : 'terminating',
    isQueued: false,
    isRequestUnderWay: false,
    isSeenGone: false,
    attempts: 0,
    failures: 0,
    wasRefused: false,
    budget: undefined,
    message: undefined,
    isToldAtRisk: false,
    gone: new AbortController(),
  };
}

/**
 * Takes in how the pod is seen now. It ends no later than was known before, whatever a list from the cache or another
 * clock says.
 */
export function observe(pod: TrackedPod, now: PodSummary): void {
  const endsAtMs = Math.min(pod.seen.terminatesAtMs ?? Infinity, now.terminatesAtMs ?? Infinity);
  pod.seen = { ...now, terminatesAtMs: endsAtMs === Infinity ? undefined : endsAtMs };
}

/** Whether nothing more can be done for the pod: it is gone, or the server will not have it evicted. */
export function isSettled(pod: TrackedPod): boolean {
  return pod.gone.signal.aborted || pod.state === 'refused';
}

/** A pod that is still there when the drain ends, for people. */
export function leftPod(pod: TrackedPod): LeftPod {
  return {
    pod: pod.ref,
    state: pod.state,
    ...(pod.budget !== undefined && { budget: pod.budget }),
    ...(pod.message !== undefined && { message: pod.message }),
  };
}
