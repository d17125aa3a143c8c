import { messageOf } from '../connection/errors.ts';
import { leftPod } from './pods/tracked-pod.ts';
import type { DrainFinished } from './progress.ts';
import type { DrainRun } from './run.ts';
import { DrainStopped } from './run.ts';

/** The last word on a drain that ran through all its steps, or that `error` ended. */
export function finish(run: DrainRun, error?: unknown): DrainFinished {
  const { clock, deadline, dryRun } = run.settings;
  const now = clock.now();
  const left = run.pods.pods().map(leftPod);
  const counts = { podsEvicted: run.counts.evicted, podsDeleted: run.counts.deleted, podsLeft: left.length, left };
  return {
    type: 'finished',
    at: new Date(now),
    node: run.node,
    ...ending(run, error, left.length),
    ...counts,
    durationMs: Math.round(clock.monotonic() - run.startedAtMs),
    msToDeadline: deadline.atMs - now,
    dryRun,
  };
}

type Ending = Pick<DrainFinished, 'outcome' | 'reason' | 'message' | 'error'>;

function ending(run: DrainRun, error: unknown, podsLeft: number): Ending {
  if (error === undefined) {
    const message = run.settings.dryRun ? `${podsLeft} pods would be evicted` : 'no pod is left that should go';
    return { outcome: 'drained', message };
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
  const left = reason === 'deadline' ? `${message}, ${podsLeft} pods are left` : message;
  return { outcome: 'failed', reason, message: left, ...withCause };
}
