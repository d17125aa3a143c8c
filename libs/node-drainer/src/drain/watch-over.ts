import type { DrainRun } from './drain-run.ts';
import { queuePod } from './eviction/evict.ts';
import type { PodWatch } from './pods/pod-watch.ts';
import { tellRisks } from './risk.ts';

/** A pod that should be gone for so long, and of which the watch says nothing, makes the watch doubtful. */
const OVERDUE_MS = 5000;
/** A watch that says nothing for so long, while pods are on their way, is doubtful too. */
const SILENT_MS = 10_000;
const MAX_CHECK_MS = 60_000;

/** A tighter deadline: pods that are on their way may have to hurry, and others may no longer fit. */
export function followDeadline(run: DrainRun): () => void {
  return run.settings.deadline.onTighten(() => {
    const pods = run.pods.pods();
    tellRisks(run, pods);
    for (const pod of pods) if (run.released.has(pod.group)) queuePod(run, pod);
  });
}

/**
 * Doubts a watch that says nothing, less and less often: of pods whose grace has run out, or while pods are on their way. A connection that
 * a load balancer has forgotten stays silent for ever, and a pod that ends in a second should not be waited for until its grace is over.
 */
export async function doubtSilence(run: DrainRun, watch: PodWatch): Promise<void> {
  const { clock } = run.settings;
  let checkMs = OVERDUE_MS;
  for (;;) {
    try {
      await clock.sleep(checkMs, run.signal);
    } catch {
      return;
    }
    const now = clock.now();
    const going = run.pods.pods().filter(({ slim }) => slim.terminatesAtMs !== undefined);
    const isOverdue = going.some(({ slim }) => (slim.terminatesAtMs ?? Infinity) + OVERDUE_MS < now);
    const isSilent = going.length > 0 && now - watch.heardAtMs >= SILENT_MS;
    if (isOverdue || isSilent) {
      watch.relist();
      checkMs = Math.min(checkMs * 2, MAX_CHECK_MS);
    }
  }
}
