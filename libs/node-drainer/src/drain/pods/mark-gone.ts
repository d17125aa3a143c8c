import type { DrainRun } from '../drain-run.ts';
import type { TrackedPod } from './tracked-pod.ts';

/** The pod is gone, whoever was first to notice. */
export function markGone(run: DrainRun, pod: TrackedPod): void {
  const { ref } = pod.slim;
  if (run.pods.remove(ref.uid)) run.emit({ type: 'gone', pod: ref, podsLeft: run.pods.size });
}
