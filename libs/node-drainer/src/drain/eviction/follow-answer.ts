import { backoffMs } from '@node-termination-handler/clock';
import type { Backoff } from '@node-termination-handler/clock';
import { messageOf } from '../../connection/errors.ts';
import type { Decision } from '../decide.ts';
import { lastGracefulMoment } from '../decide.ts';
import { noteHold } from '../pods/tracked-pod.ts';
import type { TrackedPod } from '../pods/tracked-pod.ts';
import type { Hold } from '../hold.ts';
import type { DrainRun } from '../run.ts';
import { lookAt, tellPodsAtRisk } from '../run.ts';
import { mayHaveWorked, readAnswer } from './answers.ts';
import { readPod } from './look-for-pod.ts';
import { MAX_PAUSE_MS } from './queue.ts';
import type { NextLook } from './queue.ts';

/** A decision that led to a request. */
export type Request = Extract<Decision, { do: 'evict' | 'delete' }>;

/**
 * How the pauses grow. A budget may open at any time, but each try costs the server a consistent read of the namespace's
 * budgets; a webhook is somebody's decision; a role is corrected by a person, or by the server itself after its start.
 */
const PAUSES: Readonly<Record<Hold['kind'], Backoff>> = {
  budget: { firstMs: 500, maxMs: 30_000 },
  webhook: { firstMs: 1000, maxMs: 30_000 },
  policy: { firstMs: 1000, maxMs: 30_000 },
  role: { firstMs: 1000, maxMs: 30_000 },
  fault: { firstMs: 1000, maxMs: 30_000 },
  rule: { firstMs: 1000, maxMs: 30_000 },
};
/** What broke on the way may be whole again soon. */
const BROKEN_PAUSES: Backoff = { firstMs: 200, maxMs: 5000 };
/** Between a deletion that was refused and the next try, while the seconds run. */
const HURRIED_PAUSE_MS = { least: 1000, spread: 1000 };

/** What follows from the server's answer for the pod. `ended` aborts when the drain or the pod has ended. */
export async function followAnswer(
  run: DrainRun,
  pod: TrackedPod,
  request: Request,
  error: unknown,
  ended: AbortSignal,
): Promise<NextLook> {
  const answer = readAnswer(error, pod.ref);
  switch (answer.kind) {
    case 'held': {
      const isBroken = answer.heldBy.kind === 'fault' && mayHaveWorked(error);
      if (isBroken) pod.isUncertain = true;
      noteHold(pod, answer.heldBy, answer.message);
      const { kind } = answer.heldBy;
      const backoff = backoffMs(pod.failures, isBroken ? BROKEN_PAUSES : PAUSES[kind]);
      const askedMs = Math.min(answer.retryAfterMs ?? 0, MAX_PAUSE_MS);
      return askAgain(run, pod, request, error, Math.max(backoff, askedMs));
    }
    case 'namespace-terminating': {
      const isNews = !pod.isNamespaceTerminating;
      pod.isNamespaceTerminating = true;
      noteHold(pod, { kind: 'fault' }, answer.message);
      return askAgain(run, pod, request, error, isNews ? 0 : backoffMs(pod.failures, PAUSES.fault));
    }
    case 'uncertain': {
      const found = await readPod(run, pod, ended);
      if (found === 'gone') return { next: 'done' };
      // A conflict of the server's own, or an answer that nothing bears out.
      const failure = found === 'there' ? error : found.error;
      noteHold(pod, { kind: 'fault' }, messageOf(failure));
      return askAgain(run, pod, request, failure, backoffMs(pod.failures, BROKEN_PAUSES));
    }
    case 'unauthorized':
      noteHold(pod, { kind: 'fault' }, answer.message);
      return askAgain(run, pod, request, error, pod.failures === 1 ? 0 : backoffMs(pod.failures, BROKEN_PAUSES));
    case 'throttled': {
      noteHold(pod, { kind: 'fault' }, answer.message);
      const afterMs = pauseMs(run, pod, request, Math.min(answer.retryAfterMs, MAX_PAUSE_MS));
      const until = new Date(run.settings.clock.now() + afterMs);
      run.emit({ type: 'throttled', pod: pod.ref, message: answer.message, until });
      return { next: 'pause', afterMs };
    }
  }
}

/** Says what holds the pod, and when it is asked again; each request is safe to repeat, the pod's uid being its precondition. */
export function askAgain(run: DrainRun, pod: TrackedPod, request: Request, error: unknown, wantedMs: number): NextLook {
  const afterMs = pauseMs(run, pod, request, wantedMs);
  const { heldBy = { kind: 'fault' }, message = messageOf(error), attempts: attempt, ref } = pod;
  const isNew = heldBy.kind === 'role' ? !run.isMissingRightTold : pod.failures === 1;
  const told = { pod: ref, message, until: new Date(run.settings.clock.now() + afterMs), attempt, isNew };
  switch (heldBy.kind) {
    case 'budget':
    case 'webhook':
    case 'policy':
      pod.state = 'blocked';
      run.emit({
        type: 'blocked',
        heldBy: { ...heldBy, kind: heldBy.kind },
        ...told,
        advice: adviceFor(pod, heldBy.kind),
      });
      tellPodsAtRisk(run, [pod]);
      waitForBudget(run, pod, heldBy);
      break;
    case 'role':
      pod.state = 'refused';
      run.isMissingRightTold = true;
      run.emit({ type: 'refused', error, ...told });
      break;
    case 'fault':
    case 'rule':
      run.emit({ type: 'retrying', error, ...told });
  }
  return { next: 'again', afterMs };
}

/** A budget that opens is no reason to let its pod wait for the end of a pause. */
function waitForBudget({ settings: { budgets, evictions } }: DrainRun, pod: TrackedPod, { kind, name }: Hold): void {
  if (kind !== 'budget' || name === undefined) return;
  const { namespace, uid } = pod.ref;
  pod.budgetWait = budgets?.whenOpen({ namespace, name }, () => evictions.wake(uid));
}

/** See https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy */
function adviceFor({ seen }: TrackedPod, kind: 'budget' | 'webhook' | 'policy'): string {
  if (kind !== 'budget') return `its owner may exempt evictions by this program from the ${kind}, or mend it`;
  return seen.isReady
    ? 'let the budget open: more replicas, or room for them on other nodes'
    : 'the pod is not ready: a budget with unhealthyPodEvictionPolicy AlwaysAllow would let it go';
}

/**
 * How long to wait: no longer than to the pod's last graceful moment, because then there is something new to decide. From
 * then on eviction and deletion take turns, one right after the other.
 */
function pauseMs(run: DrainRun, pod: TrackedPod, request: Request, wantedMs: number): number {
  const look = lookAt(run, pod);
  const untilGracefulMs = lastGracefulMoment(look) + 1 - look.nowMs;
  if (untilGracefulMs > 0) return Math.min(wantedMs, untilGracefulMs);
  if (look.onDeadline === 'respect') return wantedMs;
  if (request.do === 'evict') {
    if (request.hurried) pod.hurryBy = 'delete';
    return 0;
  }
  pod.hurryBy = 'evict';
  return HURRIED_PAUSE_MS.least + Math.random() * HURRIED_PAUSE_MS.spread;
}
