import type { KubernetesApiError } from '../../../connection/errors.ts';
import { backoffMs } from '../../../time/backoff.ts';
import { lastGracefulMoment } from '../../decide.ts';
import type { DrainRun } from '../../drain-run.ts';
import type { TrackedPod } from '../../pods/tracked-pod.ts';
import { tellRisks } from '../../risk.ts';
import type { NextLook } from '../eviction-queue.ts';
import type { EvictionAnswer } from './answer.ts';

/** By this cause the server tells a budget's 429 from its flow control's. */
const BUDGET_CAUSE = 'DisruptionBudget';
/** A budget may open at any time, but each try costs the server a consistent read of the namespace's budgets. */
const BACKOFF = { firstMs: 500, maxMs: 5000 };

/**
 * HTTP 429 of a PodDisruptionBudget: the pod may go later, when others are healthy. It often has no `Retry-After`.
 *
 * See https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works
 */
export function blockedByBudget(error: KubernetesApiError): EvictionAnswer | undefined {
  if (error.status !== 429 || !error.hasCause(BUDGET_CAUSE)) return undefined;
  const message = error.causes.find(({ reason }) => reason === BUDGET_CAUSE)?.message ?? error.message;
  return { kind: 'blocked', budget: budgetNameIn(message), message, retryAfterMs: inMs(error.retryAfterSeconds) };
}

/**
 * A budget says no: say which one, and look again after a while – at the latest when the pod's own grace is about to
 * fit no longer, because then there is something new to decide.
 */
export function onBlocked(run: DrainRun, pod: TrackedPod, answer: EvictionAnswer & { kind: 'blocked' }): NextLook {
  const { clock, onDeadline, deadline, marginMs } = run.settings;
  const now = clock.now();
  pod.state = 'blocked';
  pod.wasRefused = true;
  pod.setbacks += 1;
  pod.budget = answer.budget;
  pod.message = answer.message;
  const wait = backoffMs(pod.setbacks, BACKOFF);
  const plainMs = now + Math.max(wait, Math.min(answer.retryAfterMs ?? 0, BACKOFF.maxMs));
  const lastMs = lastGracefulMoment({ deadlineMs: deadline.atMs, marginMs, graceSeconds: pod.graceSeconds }) + 1;
  const isOver = lastMs <= now;
  const untilMs = isOver ? (onDeadline === 'deadline' ? now : plainMs) : Math.min(plainMs, lastMs);
  run.emit({
    type: 'blocked',
    pod: pod.slim.ref,
    ...(answer.budget !== undefined && { budget: answer.budget }),
    message: answer.message,
    until: new Date(untilMs),
    attempt: pod.attempts,
  });
  tellRisks(run, [pod]);
  return { next: 'again', atMs: untilMs };
}

/** The name stands in a sentence only; it is for people, nothing depends on it. */
function budgetNameIn(message: string): string | undefined {
  return /^The disruption budget (\S+) /.exec(message)?.[1];
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
