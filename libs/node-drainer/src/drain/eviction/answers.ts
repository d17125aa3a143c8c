import { backoffMs } from '@node-termination-handler/clock';
import { KubernetesApiError, KubernetesConnectionError, messageOf } from '../../connection/errors.ts';
import { lastGracefulMoment } from '../decide.ts';
import type { TrackedPod } from '../pods/tracked-pod.ts';
import type { DrainRun } from '../run.ts';
import { markGone, tellPodsAtRisk } from '../run.ts';
import type { NextLook } from './queue.ts';
import { stillExists } from './request.ts';

/** What an answer that is not a success means for the pod. */
export type EvictionAnswer =
  /** There is no such pod. */
  | { kind: 'gone' }
  /** A precondition failed: it may be another pod of the same name. */
  | { kind: 'uncertain' }
  /** A PodDisruptionBudget says no, or can't say yes. */
  | { kind: 'blocked'; budget: string | undefined; message: string; retryAfterMs: number | undefined }
  /** The server asks everybody to slow down. */
  | { kind: 'throttled'; message: string; retryAfterMs: number }
  /** The server had a fault, or did not answer. */
  | { kind: 'unanswered'; message: string }
  /** Trying again won't help. */
  | { kind: 'refused'; message: string };

/** By this cause the server tells a budget's 429 from its flow control's. */
const BUDGET_CAUSE = 'DisruptionBudget';
/** The server marks this by its sentence alone. */
const TWO_BUDGETS = 'more than one PodDisruptionBudget';
const DEFAULT_RETRY_AFTER_MS = 1000;

const unanswered = ({ message }: Error): EvictionAnswer => ({ kind: 'unanswered', message });
const refused = ({ message }: Error): EvictionAnswer => ({ kind: 'refused', message });
const blocked = (message: string, budget?: string, retryAfterMs?: number): EvictionAnswer => ({
  kind: 'blocked',
  budget,
  message,
  retryAfterMs,
});

/**
 * What each answer to an eviction or a deletion means; the first row that fits decides.
 *
 * See https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works and, for the
 * 429 that no budget gives, https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
const ANSWERS: readonly {
  readonly fits: (error: KubernetesApiError) => boolean;
  readonly means: (error: KubernetesApiError) => EvictionAnswer;
}[] = [
  // A budget: the pod may go later, when others are healthy. It often has no `Retry-After`.
  { fits: (error) => error.status === 429 && error.hasCause(BUDGET_CAUSE), means: blockedByBudget },
  // Flow control: the server has too much to do.
  { fits: (error) => error.status === 429, means: throttled },
  // A pod under several budgets, which the Eviction API can't serve until one of them is removed: tried like any fault, but said as what it is.
  {
    fits: (error) => error.status === 500 && error.message.includes(TWO_BUDGETS),
    means: () => blocked(`${TWO_BUDGETS} selects this pod, which the Eviction API does not support`),
  },
  // The namespace is being deleted with its pods: that passes by itself.
  { fits: (error) => error.status === 403 && error.hasCause('NamespaceTerminating'), means: unanswered },
  // A budget whose bookkeeping lags behind: that passes by itself.
  {
    fits: (error) => error.status === 403 && error.about === 'poddisruptionbudget',
    means: ({ message }) => blocked(message),
  },
  // A rule is missing from the role.
  { fits: (error) => error.status === 403, means: refused },
  { fits: (error) => error.status === 404, means: () => ({ kind: 'gone' }) },
  // Another pod of the name, or a conflict inside the server.
  { fits: (error) => error.status === 409, means: () => ({ kind: 'uncertain' }) },
  // The client has tried with a fresh token; the next one may be on its way.
  { fits: (error) => error.status === 401, means: unanswered },
  // The server gave up waiting, or had a fault.
  { fits: (error) => error.status === 408 || error.status >= 500, means: unanswered },
  { fits: () => true, means: refused },
];

/** What an error that came back from an eviction or a deletion means for the pod. */
export function readAnswer(error: unknown): EvictionAnswer {
  if (error instanceof KubernetesConnectionError) return unanswered(error);
  const row = error instanceof KubernetesApiError ? ANSWERS.find(({ fits }) => fits(error)) : undefined;
  return row && error instanceof KubernetesApiError ? row.means(error) : { kind: 'refused', message: messageOf(error) };
}

function blockedByBudget(error: KubernetesApiError): EvictionAnswer {
  const message = error.causes.find(({ reason }) => reason === BUDGET_CAUSE)?.message ?? error.message;
  // The name stands in a sentence only; it is for people, nothing depends on it.
  const budget = /^The disruption budget (\S+) /.exec(message)?.[1];
  const seconds = error.retryAfterSeconds;
  return blocked(message, budget, seconds === undefined ? undefined : seconds * 1000);
}

function throttled({ message, retryAfterSeconds: seconds }: KubernetesApiError): EvictionAnswer {
  const retryAfterMs = seconds === undefined || seconds <= 0 ? DEFAULT_RETRY_AFTER_MS : seconds * 1000;
  return { kind: 'throttled', message, retryAfterMs };
}

/** What follows from the server's answer for the pod. `ended` aborts when the drain or the pod has ended. */
export async function followAnswer(
  run: DrainRun,
  pod: TrackedPod,
  error: unknown,
  ended: AbortSignal,
): Promise<NextLook> {
  const answer = readAnswer(error);
  switch (answer.kind) {
    case 'gone':
      markGone(run, pod);
      return { next: 'done' };
    case 'uncertain':
      return lookForPod(run, pod, error, ended);
    case 'blocked':
      return waitForBudget(run, pod, answer);
    case 'throttled':
      return pauseAll(run, pod, answer);
    case 'unanswered':
      return askAgain(run, pod, answer.message, error);
    case 'refused':
      return leaveOnNode(run, pod, answer.message, error);
  }
}

/** A fault may pass soon. */
const FAULT_BACKOFF = { firstMs: 200, maxMs: 5000 };
/** A budget may open at any time, but each try costs the server a consistent read of the namespace's budgets. */
const BUDGET_BACKOFF = { firstMs: 500, maxMs: 5000 };

/** The request is safe to repeat, the pod's uid being its precondition. */
function askAgain(run: DrainRun, pod: TrackedPod, message: string, error: unknown): NextLook {
  pod.failures += 1;
  pod.message = message;
  const afterMs = backoffMs(pod.failures, FAULT_BACKOFF);
  const until = new Date(run.settings.clock.now() + afterMs);
  run.emit({ type: 'retrying', pod: pod.ref, error, message, until, attempt: pod.attempts });
  return { next: 'again', afterMs };
}

/** Only reading the pod tells whether it is still the one that was to go. */
async function lookForPod(run: DrainRun, pod: TrackedPod, error: unknown, ended: AbortSignal): Promise<NextLook> {
  try {
    if (await stillExists(run.client, pod.ref, ended)) return askAgain(run, pod, messageOf(error), error);
    markGone(run, pod);
    return { next: 'done' };
  } catch (readError) {
    if (ended.aborted) return { next: 'done' };
    return askAgain(run, pod, messageOf(readError), readError);
  }
}

/**
 * Says which budget it is, and looks again after a while – at the latest when the pod's own grace is about to fit no
 * longer, because then there is something new to decide.
 */
function waitForBudget(run: DrainRun, pod: TrackedPod, answer: EvictionAnswer & { kind: 'blocked' }): NextLook {
  const { clock, onDeadline, deadline, marginMs } = run.settings;
  const now = clock.now();
  pod.state = 'blocked';
  pod.wasRefused = true;
  pod.failures += 1;
  pod.budget = answer.budget;
  pod.message = answer.message;
  const wait = backoffMs(pod.failures, BUDGET_BACKOFF);
  const pauseMs = Math.max(wait, Math.min(answer.retryAfterMs ?? 0, BUDGET_BACKOFF.maxMs));
  const { graceSeconds } = pod;
  const gracefulMs = lastGracefulMoment({ deadlineMs: deadline.atMs, marginMs, graceSeconds }) + 1 - now;
  const pauseAfterwardsMs = onDeadline === 'deadline' ? 0 : pauseMs;
  const afterMs = gracefulMs > 0 ? Math.min(pauseMs, gracefulMs) : pauseAfterwardsMs;
  run.emit({
    type: 'blocked',
    pod: pod.ref,
    ...(answer.budget !== undefined && { budget: answer.budget }),
    message: answer.message,
    until: new Date(now + afterMs),
    attempt: pod.attempts,
  });
  tellPodsAtRisk(run, [pod]);
  return { next: 'again', afterMs };
}

/** The whole queue waits: every eviction goes through the same flow control. */
function pauseAll(run: DrainRun, pod: TrackedPod, answer: EvictionAnswer & { kind: 'throttled' }): NextLook {
  const afterMs = answer.retryAfterMs;
  const until = new Date(run.settings.clock.now() + afterMs);
  run.emit({ type: 'throttled', pod: pod.ref, message: answer.message, until });
  return { next: 'pause', afterMs };
}

/** The pod stays, and the drain will fail for it; the others go on. */
function leaveOnNode(run: DrainRun, pod: TrackedPod, message: string, error: unknown): NextLook {
  pod.state = 'refused';
  pod.message = message;
  run.emit({ type: 'refused', pod: pod.ref, error, message });
  run.pods.changed();
  return { next: 'done' };
}
