import type { GoesLast, PodGroup } from '../order.ts';
import { groupOf } from '../order.ts';
import type { Hold } from '../hold.ts';
import type { LeftPod, PodEnding, PodRef } from '../progress.ts';
import type { PodSummary } from './pod-summary.ts';

/** A pod that must go, and how far it has come. */
export interface TrackedPod {
  readonly ref: PodRef;
  /** As last seen. */
  seen: PodSummary;
  readonly group: PodGroup;
  /** The grace that counts for this drain. */
  readonly graceSeconds: number;
  /** Whether it stays, unless it is hurried; `message` says why. */
  readonly isKept: boolean;
  /** Whether it comes again each time that it is evicted, so that it is not even hurried. */
  readonly comesBack: boolean;
  /** Whether it came to the node after the cordon. */
  readonly cameAfterCordon: boolean;
  /** Whether it has ended and its deletion was asked for: no more is waited for. */
  isLetGo: boolean;
  state: LeftPod['state'];
  /** Whether it is on the eviction queue. */
  isQueued: boolean;
  /** Whether a request for it is under way. */
  isRequestUnderWay: boolean;
  /** Whether it was seen to be gone while its request was under way. */
  isSeenGone: boolean;
  /** Whether it must be read before it is asked again: its eviction was accepted, or the answer said nothing of what was done. */
  isUncertain: boolean;
  /** When its grace ends by the request that was accepted last; it counts before the pod is seen to be on its way. */
  acceptedEndMs: number | undefined;
  /** What has been accepted last, in words of the final account. */
  ending: PodEnding | undefined;
  /** Requests made for it. */
  attempts: number;
  /** How often in a row the same has held it. */
  failures: number;
  /** What holds it: who said no last. */
  heldBy: Hold | undefined;
  message: string | undefined;
  /** Where it is heard that the budget opens that holds it. */
  budgetWait: Disposable | undefined;
  isNamespaceTerminating: boolean;
  /** By what it is hurried next. */
  hurryBy: 'evict' | 'delete';
  /** Whether the condition `DisruptionTarget` stands on it, as far as this drain knows. */
  isSaidDisrupted: boolean;
  /** How often a request was accepted of which nothing came. */
  emptyAcceptances: number;
  /** Whether it was told that it may not end in time, and still may not. */
  isToldAtRisk: boolean;
  /** Aborts when the pod is gone, or the drain has ended. */
  readonly over: AbortController;
}

/** What the rules say of a pod that is to be followed. */
export interface TrackOptions {
  /** −1 is the pod's own. */
  readonly podGracePeriodSeconds: number;
  /** Why it stays. */
  readonly keptBecause?: string | undefined;
  readonly comesBack?: boolean | undefined;
  readonly cameAfterCordon?: boolean | undefined;
  readonly goesLast?: GoesLast | undefined;
}

/** Begins to follow a pod. */
export function trackPod(pod: PodSummary, options: TrackOptions): TrackedPod {
  const { podGracePeriodSeconds, keptBecause, comesBack = false, cameAfterCordon = false } = options;
  const isKept = keptBecause !== undefined;
  return {
    ref: pod.ref,
    seen: pod,
    group: groupOf(pod, options.goesLast),
    // A grace of 0 would remove the pod from the API server while its containers still run.
    graceSeconds: Math.max(1, podGracePeriodSeconds < 0 ? pod.graceSeconds : podGracePeriodSeconds),
    isKept,
    comesBack,
    cameAfterCordon,
    isLetGo: false,
    state: pod.terminatesAtMs !== undefined ? 'terminating' : isKept ? 'kept' : 'waiting',
    isQueued: false,
    isRequestUnderWay: false,
    isSeenGone: false,
    isUncertain: false,
    acceptedEndMs: undefined,
    ending: undefined,
    attempts: 0,
    failures: 0,
    heldBy: isKept ? { kind: 'rule' } : undefined,
    message: keptBecause,
    budgetWait: undefined,
    isNamespaceTerminating: false,
    hurryBy: 'evict',
    isSaidDisrupted: false,
    emptyAcceptances: 0,
    isToldAtRisk: false,
    over: new AbortController(),
  };
}

/**
 * Takes in how the pod is seen now. It ends no later than was known before, whatever a list from the cache or another
 * clock says.
 */
export function observe(pod: TrackedPod, now: PodSummary): void {
  if (now.terminatesAtMs !== undefined) pod.isUncertain = false;
  pod.seen = { ...now, terminatesAtMs: earliest(pod.seen.terminatesAtMs, now.terminatesAtMs) };
}

/** When the pod is on its way: the moment at which its grace ends, as it is seen or as was accepted. */
export function terminatesAt(pod: TrackedPod): number | undefined {
  return earliest(pod.seen.terminatesAtMs, pod.acceptedEndMs);
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** Whether nothing more is waited for: it has ended, or nobody can end it. */
export function isSettled({ seen, state, isLetGo, acceptedEndMs }: TrackedPod): boolean {
  if (state === 'out-of-reach') return true;
  return seen.isCompleted && (isLetGo || seen.terminatesAtMs !== undefined || acceptedEndMs !== undefined);
}

/** Remembers what held the pod this time, and counts how often in a row that was the same. */
export function noteHold(pod: TrackedPod, heldBy: Hold, message: string): void {
  const isSame = pod.heldBy?.kind === heldBy.kind && pod.heldBy.name === heldBy.name;
  pod.failures = isSame ? pod.failures + 1 : 1;
  pod.heldBy = heldBy;
  pod.message = message;
}

/** A pod that is still there when the drain ends, for people. */
export function leftPod(pod: TrackedPod, nowMs: number): LeftPod {
  return {
    pod: pod.ref,
    state: pod.state,
    ...((terminatesAt(pod) ?? 0) > nowMs && { isInGrace: true }),
    ...(pod.ending !== undefined && { ending: pod.ending }),
    ...(pod.heldBy !== undefined && { heldBy: pod.heldBy }),
    ...(pod.message !== undefined && { message: pod.message }),
  };
}
