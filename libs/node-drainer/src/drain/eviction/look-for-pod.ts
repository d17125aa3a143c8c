import type { TrackedPod } from '../pods/tracked-pod.ts';
import { observe } from '../pods/tracked-pod.ts';
import { summarizePod } from '../pods/pod-summary.ts';
import type { DrainRun } from '../run.ts';
import { markGone } from '../run.ts';
import { findPod } from './request.ts';

/**
 * Reads the pod and takes in what it is now. An eviction that is asked for once more without a look may fail for another
 * pod of the same name, after it has spent what the budget allows.
 */
export async function readPod(
  run: DrainRun,
  pod: TrackedPod,
  ended: AbortSignal,
): Promise<'there' | 'gone' | { readonly error: unknown }> {
  try {
    const found = await findPod(run.client, pod.ref, ended);
    pod.isUncertain = false;
    if (found === undefined) {
      markGone(run, pod);
      return 'gone';
    }
    observe(pod, summarizePod(found, run.settings.clock.now()));
    return 'there';
  } catch (error) {
    return { error };
  }
}
