import { messageOf } from '../../../message-of.ts';
import type { DrainRun } from '../../drain-run.ts';
import { markGone } from '../../pods/mark-gone.ts';
import type { TrackedPod } from '../../pods/tracked-pod.ts';
import type { NextLook } from '../eviction-queue.ts';
import { stillExists } from '../pod-requests.ts';
import { onFault } from './fault.ts';

/** HTTP 409: another pod of the name, or a conflict inside the server; only reading the pod tells which. */
export async function onPreconditionFailed(
  run: DrainRun,
  pod: TrackedPod,
  error: unknown,
  ended: AbortSignal,
): Promise<NextLook> {
  try {
    if (await stillExists(run.client, pod.slim.ref, ended)) return onFault(run, pod, messageOf(error), error);
    markGone(run, pod);
    return { next: 'done' };
  } catch (readError) {
    if (ended.aborted) return { next: 'done' };
    return onFault(run, pod, messageOf(readError), readError);
  }
}
