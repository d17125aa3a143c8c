import { messageOf } from '../connection/errors.ts';
import { leftPod } from './pods/tracked-pod.ts';
import type { DrainFinished, LeftPod } from './progress.ts';
import type { DrainRun } from './run.ts';
import { DrainStopped } from './run.ts';

/** The last word on a drain that ran through all its steps, or that `error` ended. */
export function finish(run: DrainRun, error?: unknown): DrainFinished {
  const { clock, deadline, dryRun } = run.settings;
  const now = clock.now();
  const left = run.pods.left().map((pod) => leftPod(pod, now));
  const podsOutOfReach = left.filter(({ state }) => state === 'out-of-reach').length;
  return {
    type: 'finished',
    at: new Date(now),
    node: run.node,
    ...ending(run, error, left),
    ended: { ...run.ended },
    podsLeft: left.length,
    left,
    podsOutOfReach,
    durationMs: Math.round(clock.monotonic() - run.startedAtMs),
    msToDeadline: deadline.atMs - now,
    dryRun,
  };
}

type Ending = Pick<DrainFinished, 'outcome' | 'reason' | 'message' | 'error'>;

function ending(run: DrainRun, error: unknown, left: readonly LeftPod[]): Ending {
  if (error === undefined) {
    if (run.settings.dryRun) {
      const evicted = left.filter(({ state }) => state !== 'kept').length;
      return { outcome: 'drained', message: `${evicted} pods would be evicted` };
    }
    const silent = `no pod is left but ${left.length} that nobody can end: the kubelet is silent`;
    return { outcome: 'drained', message: left.length === 0 ? 'no pod is left that should go' : silent };
  }
  if (!(error instanceof DrainStopped)) {
    return { outcome: 'failed', reason: 'unreachable', message: messageOf(error), error };
  }
  const { message, cause, reason } = error;
  const withCause = cause === undefined ? undefined : { error: cause };
  if (reason === 'cancelled') return { outcome: 'cancelled', message, ...withCause };
  // Out of time without ever having seen the pods: what kept it from that says more than the clock.
  if (reason === 'deadline' && run.released.size === 0 && run.lastWatchError !== undefined) {
    const { lastWatchError } = run;
    return { outcome: 'failed', reason: 'unreachable', message: 'the pods could not be listed', error: lastWatchError };
  }
  return { outcome: 'failed', reason, message: reason === 'deadline' ? message + saidOf(left) : message, ...withCause };
}

/** More reasons than these say nothing more to a person. */
const MOST_REASONS = 3;

function saidOf(left: readonly LeftPod[]): string {
  const reasons = [...new Set(left.flatMap(({ message }) => message ?? []))];
  const more = reasons.length > MOST_REASONS ? '; and others' : '';
  const why = reasons.length === 0 ? '' : `: ${reasons.slice(0, MOST_REASONS).join('; ')}${more}`;
  return `, ${left.length} pods are left${why}`;
}
