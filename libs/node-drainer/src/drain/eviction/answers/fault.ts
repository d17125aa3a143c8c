import { backoffMs } from '../../../time/backoff.ts';
import type { DrainRun } from '../../drain-run.ts';
import type { TrackedPod } from '../../pods/tracked-pod.ts';
import type { NextLook } from '../eviction-queue.ts';

const BACKOFF = { firstMs: 200, maxMs: 5000 };

/** No answer, or a fault of the server's: the request is safe to repeat, the pod's uid being its precondition. */
export function onFault(run: DrainRun, pod: TrackedPod, message: string, error: unknown): NextLook {
  pod.setbacks += 1;
  pod.message = message;
  const untilMs = run.settings.clock.now() + backoffMs(pod.setbacks, BACKOFF);
  const until = new Date(untilMs);
  run.emit({ type: 'retrying', pod: pod.slim.ref, error, message, until, attempt: pod.attempts });
  return { next: 'again', atMs: untilMs };
}
