import { backoffMs, linkSignals, onAbort } from '@node-termination-handler/clock';
import type { Timer } from '@node-termination-handler/clock';
import { KubernetesConnectionError } from '../../connection/errors.ts';
import type { Decision } from '../decide.ts';
import { decide, lastGracefulMoment, mustHurry } from '../decide.ts';
import type { Hold } from '../hold.ts';
import { noteHold } from '../pods/tracked-pod.ts';
import type { TrackedPod } from '../pods/tracked-pod.ts';
import type { PodEnding } from '../progress.ts';
import type { DrainRun } from '../run.ts';
import { lookAt, markGone, tellPodsAtRisk } from '../run.ts';
import { sayDisrupted, takeBackDisrupted } from './disruption-target.ts';
import { askAgain, followAnswer } from './follow-answer.ts';
import type { Request } from './follow-answer.ts';
import { readPod } from './look-for-pod.ts';
import type { NextLook } from './queue.ts';
import { deletePod, LONGEST_ANSWER_MS, requestEviction } from './request.ts';

/** Puts a pod on the eviction queue, unless it is there, or there is nothing to do but wait. */
export function queuePod(run: DrainRun, pod: TrackedPod): void {
  const { signal } = pod.over;
  if (pod.isQueued || signal.aborted || run.signal.aborted || (pod.comesBack && !pod.seen.isCompleted)) return;
  if (decide(lookAt(run, pod)).do === 'wait' && waitForHurry(run, pod).next === 'done') return;
  pod.isQueued = true;
  const listener = onAbort(signal, () => waitForNoBudget(pod));
  run.settings.evictions.add({
    uid: pod.ref.uid,
    node: run.node,
    deadline: run.settings.deadline,
    leadMs: run.settings.marginMs + pod.graceSeconds * 1000,
    signal,
    look: async () => {
      waitForNoBudget(pod);
      const next = await lookAtPod(run, pod, signal);
      if (next.next === 'done') {
        pod.isQueued = false;
        listener[Symbol.dispose]();
      }
      return next;
    },
  });
}

function waitForNoBudget(pod: TrackedPod): void {
  pod.budgetWait?.[Symbol.dispose]();
  pod.budgetWait = undefined;
}

/** Decides about the pod from what is known now, makes the one request that follows, and reads the answer. */
async function lookAtPod(run: DrainRun, pod: TrackedPod, ended: AbortSignal): Promise<NextLook> {
  if (pod.isUncertain) {
    const after = await lookBeforeAskingAgain(run, pod, ended);
    if (after !== 'ask') return after;
  }
  tellPodsAtRisk(run, [pod]);
  const decision = await decideAndSay(run, pod, ended);
  if (decision.do === 'wait') return waitForHurry(run, pod);
  if (decision.do === 'give-up') return { next: 'done' };
  // A deadline that has moved away gives those who held the pod their word back.
  if (!isHurried(decision)) pod.hurryBy = 'evict';
  pod.attempts += 1;
  if (pod.state === 'waiting') pod.state = 'evicting';
  const { graceSeconds } = decision;
  const said = graceSeconds === undefined ? undefined : { graceSeconds };
  run.emit({ type: 'evicting', pod: pod.ref, how: decision.do, attempt: pod.attempts, ...said });
  pod.isRequestUnderWay = true;
  try {
    await send(run, pod, decision, ended);
    pod.isRequestUnderWay = false;
    return accept(run, pod, decision);
  } catch (error) {
    pod.isRequestUnderWay = false;
    if (decision.do === 'delete' && decision.why === 'completed') letGo(run, pod);
    if (ended.aborted) return { next: 'done' };
    if (pod.isSeenGone) {
      markGone(run, pod);
      return { next: 'done' };
    }
    const next = await followAnswer(run, pod, decision, error, ended);
    // What may have been done all the same was not refused.
    if (next.next !== 'done' && !pod.isUncertain) await takeBackDisrupted(run, pod, hurriedWith(decision), ended);
    return next;
  }
}

/** The clock may be set while a pod waits for its last graceful moment. */
const LONGEST_WAIT_MS = 60_000;

/** A pod that stays by rule is looked at again when it must be hurried; one that is on its way needs no further look. */
function waitForHurry(run: DrainRun, pod: TrackedPod): NextLook {
  const { nowMs, onDeadline, terminatesAtMs, ...look } = lookAt(run, pod);
  const afterMs = lastGracefulMoment(look) + 1 - nowMs;
  const isDue = pod.isKept && !pod.comesBack && terminatesAtMs === undefined && onDeadline === 'deadline';
  return isDue && afterMs < Infinity
    ? { next: 'again', afterMs: Math.min(Math.max(0, afterMs), LONGEST_WAIT_MS) }
    : { next: 'done' };
}

/** What to do now; what is to be deleted past a refusal is said to be disrupted first, which may take a moment. */
async function decideAndSay(run: DrainRun, pod: TrackedPod, ended: AbortSignal): Promise<Decision> {
  const decision = decide(lookAt(run, pod));
  if (decision.do === 'delete' && decision.why === 'deadline') {
    await sayDisrupted(run, pod, decision.graceSeconds ?? 1, ended);
    return decide(lookAt(run, pod));
  }
  if (decision.do === 'evict') await takeBackDisrupted(run, pod, hurriedWith(decision), ended);
  return decision;
}

/** What has ended does no harm, whatever keeps it from being deleted. */
function letGo(run: DrainRun, pod: TrackedPod): void {
  pod.isLetGo = true;
  run.pods.changed();
}

function isHurried(request: Request): boolean {
  return request.do === 'evict' ? request.hurried : request.why === 'deadline';
}

function hurriedWith(request: Request): number | undefined {
  return isHurried(request) ? request.graceSeconds : undefined;
}

async function send(run: DrainRun, pod: TrackedPod, request: Request, ended: AbortSignal): Promise<void> {
  const { clock, deadline } = run.settings;
  using waited = linkSignals([ended]);
  const giveUp = (): void => waited.abort(new KubernetesConnectionError('no answer, and the end has come nearer'));
  let timer: Timer | undefined;
  // There may be less time for an answer than there was when it was asked for.
  const unfollow = deadline.onMove(() => {
    timer?.stop();
    timer = clock.startTimer(answerWithinMs(run, pod, request), giveUp);
  });
  try {
    const ask = request.do === 'evict' ? requestEviction : deletePod;
    const limits = { limitMs: answerWithinMs(run, pod, request), signal: waited.signal };
    await ask(run.client, pod.ref, request.graceSeconds, limits);
  } finally {
    unfollow();
    timer?.stop();
  }
}

/** An answer is waited for no longer than there is something else to do: to hurry the pod, or to delete what hangs. */
const HURRIED_ANSWER_MS = 2000;
/** A webhook that hangs has this long by default, 10 s, to let a deletion pass; a request that was lost must leave time for another. */
const HURRIED_DELETION_MS = 12_000;
/** What has ended is not waited for longer than this. */
const ENDED_ANSWER_MS = 5000;

function answerWithinMs(run: DrainRun, pod: TrackedPod, request: Request): number {
  const look = lookAt(run, pod);
  if (request.do === 'delete' && request.why === 'completed') return ENDED_ANSWER_MS;
  if (look.onDeadline === 'respect') return LONGEST_ANSWER_MS;
  if (request.do === 'delete') {
    const lessAnotherMs = look.deadlineMs - look.nowMs - HURRIED_DELETION_MS;
    return Math.min(LONGEST_ANSWER_MS, Math.max(HURRIED_DELETION_MS, lessAnotherMs));
  }
  const untilGracefulMs = lastGracefulMoment(look) - look.nowMs;
  return Math.min(LONGEST_ANSWER_MS, Math.max(HURRIED_ANSWER_MS, untilGracefulMs));
}

/** When a pod whose eviction was accepted must have been seen to be on its way. */
const UNDER_WAY_WITHIN = { firstMs: 5000, maxMs: 30_000 };
const HURRIED_UNDER_WAY_MS = 2000;

function accept(run: DrainRun, pod: TrackedPod, request: Request): NextLook {
  const { ref } = pod;
  const { graceSeconds } = request;
  // Whatever was done to it before, a pod that was deleted past a refusal is told as that.
  run.account(pod, isPastRefusal(pod.ending) ? pod.ending : endingOf(request, pod.heldBy));
  if (request.do === 'evict' && pod.cameAfterCordon) {
    run.settings.memory.noteEviction(run.node, run.settings.cordonedAt, pod.seen);
  }
  if (request.do === 'evict') {
    run.emit({ type: 'evicted', pod: ref, hurried: request.hurried, graceSeconds: graceSeconds ?? pod.graceSeconds });
  } else {
    const why =
      request.why === 'deadline' && pod.heldBy ? { heldBy: pod.heldBy, message: pod.message ?? '' } : undefined;
    const grace = graceSeconds === undefined ? undefined : { graceSeconds };
    const ending = pod.ending && { ending: pod.ending };
    run.emit({ type: 'deleted', pod: ref, reason: request.why, ...grace, ...why, ...ending });
  }
  pod.failures = 0;
  pod.heldBy = undefined;
  pod.message = undefined;
  if (pod.isSeenGone) {
    markGone(run, pod);
    return { next: 'done' };
  }
  pod.state = 'terminating';
  // Known before the watch brings it, so that the pod is not asked twice.
  const { clock } = run.settings;
  pod.acceptedEndMs = clock.now() + (graceSeconds ?? pod.graceSeconds) * 1000;
  run.pods.changed();
  if (pod.seen.terminatesAtMs !== undefined) return { next: 'done' };
  pod.isUncertain = true;
  return { next: 'again', afterMs: isHurried(request) ? HURRIED_UNDER_WAY_MS : underWayWithinMs(run, pod) };
}

function underWayWithinMs(run: DrainRun, pod: TrackedPod): number {
  const look = lookAt(run, pod);
  const untilGracefulMs = lastGracefulMoment(look) - look.nowMs;
  return Math.min(
    backoffMs(pod.emptyAcceptances + 1, UNDER_WAY_WITHIN),
    Math.max(HURRIED_UNDER_WAY_MS, untilGracefulMs),
  );
}

const PAST_REFUSALS: Readonly<Record<Hold['kind'], PodEnding>> = {
  budget: 'deleted-past-budget',
  webhook: 'deleted-past-admission',
  policy: 'deleted-past-admission',
  role: 'deleted-past-fault',
  fault: 'deleted-past-fault',
  rule: 'deleted-past-fault',
};

function isPastRefusal(ending: PodEnding | undefined): boolean {
  return Object.values(PAST_REFUSALS).some((past) => past === ending);
}

function endingOf(request: Request, heldBy: Hold = { kind: 'fault' }): PodEnding {
  if (request.do === 'evict') return request.hurried ? 'hurried' : 'evicted';
  switch (request.why) {
    case 'completed':
      return 'finished';
    case 'namespace-terminating':
      return 'with-namespace';
    case 'deadline':
      return PAST_REFUSALS[heldBy.kind];
    case 'shortened':
      return 'hurried';
  }
}

/** Nobody knows what the last request has done: the pod is read, unless its seconds are short and nothing was accepted. */
async function lookBeforeAskingAgain(run: DrainRun, pod: TrackedPod, ended: AbortSignal): Promise<NextLook | 'ask'> {
  const wasAccepted = pod.acceptedEndMs !== undefined;
  if (!wasAccepted && mustHurry(lookAt(run, pod))) return 'ask';
  const found = await readPod(run, pod, ended);
  if (ended.aborted || found === 'gone') return { next: 'done' };
  const request: Request = { do: 'evict', hurried: false };
  if (found !== 'there') {
    noteHold(pod, { kind: 'fault' }, 'the pod could not be read');
    return askAgain(run, pod, request, found.error, backoffMs(pod.failures, UNDER_WAY_WITHIN));
  }
  if (!wasAccepted || pod.seen.terminatesAtMs !== undefined) return 'ask';
  pod.acceptedEndMs = undefined;
  pod.emptyAcceptances += 1;
  if (mustHurry(lookAt(run, pod))) pod.hurryBy = 'delete';
  pod.state = 'evicting';
  run.account(pod, undefined);
  const message = 'the server accepted the eviction, and the pod is not being ended';
  noteHold(pod, { kind: 'fault' }, message);
  return askAgain(run, pod, request, new Error(message), 0);
}
