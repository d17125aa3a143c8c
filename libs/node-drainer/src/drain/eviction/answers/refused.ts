import type { DrainRun } from '../../drain-run.ts';
import type { TrackedPod } from '../../pods/tracked-pod.ts';
import type { NextLook } from '../eviction-queue.ts';

/** The pod stays, and the drain will fail for it; the others go on. */
export function onRefused(run: DrainRun, pod: TrackedPod, message: string, error: unknown): NextLook {
  pod.state = 'refused';
  pod.message = message;
  run.emit({ type: 'refused', pod: pod.slim.ref, error, message });
  run.pods.changed();
  return { next: 'done' };
}
