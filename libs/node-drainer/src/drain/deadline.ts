import { sleepUntilOrMoved } from '@node-termination-handler/clock';
import { queuePod } from './eviction/evict.ts';
import type { DrainRun } from './run.ts';
import { DrainStopped, tellPodsAtRisk } from './run.ts';

/** Ends the drain when its deadline has come, wherever it is moved meanwhile. */
export async function stopAtDeadline(run: DrainRun): Promise<void> {
  const { clock, deadline } = run.settings;
  while (deadline.remainingMs(clock.now()) > 0) {
    try {
      await sleepUntilOrMoved(clock, deadline, deadline.atMs, run.signal);
    } catch {
      return;
    }
  }
  run.stop(new DrainStopped('deadline', 'the deadline has come'));
}

/**
 * When the deadline moves, what was decided about each pod is decided again. Nearer, pods that are being ended may have to
 * end sooner, and others may no longer fit; farther, budgets hold again for pods that were to be deleted. A pod that is
 * being ended keeps the grace that it was given: Kubernetes does not lengthen one.
 */
export function decideAgainWhenMoved(run: DrainRun): () => void {
  return run.settings.deadline.onMove(() => {
    const pods = run.pods.pods();
    tellPodsAtRisk(run, pods);
    for (const pod of pods) if (run.released.has(pod.group)) queuePod(run, pod);
    run.pods.changed();
  });
}
