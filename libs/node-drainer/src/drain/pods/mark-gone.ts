import type { DrainRun } from '../drain-run.ts';
import type { TrackedPod } from './tracked-pod.ts';

/** How long a pod that is gone waits for the answer to the request that made it go. */
const ANSWER_WITHIN_MS = 1000;

/**
 * The pod is gone, whoever was first to notice. The watch is often quicker than the answer to the eviction; that is
 * waited for, so that what is told comes in the order in which it happened, and the connection stays whole.
 */
export function markGone(run: DrainRun, pod: TrackedPod): void {
  if (!pod.isAsking) {
    takeOut(run, pod);
    return;
  }
  if (pod.isSeenGone) return;
  pod.isSeenGone = true;
  run.settings.clock.sleep(ANSWER_WITHIN_MS, run.signal).then(
    () => takeOut(run, pod),
    () => undefined,
  );
}

function takeOut(run: DrainRun, pod: TrackedPod): void {
  const { ref } = pod.slim;
  if (run.pods.remove(ref.uid)) run.emit({ type: 'gone', pod: ref, podsLeft: run.pods.size });
}
