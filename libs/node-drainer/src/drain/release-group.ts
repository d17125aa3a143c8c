import type { DrainRun } from './drain-run.ts';
import { queuePod } from './eviction/evict.ts';
import type { PodGroup } from './order.ts';

/** A group's turn has come: its pods go on the eviction queue, those that come later too. */
export function releaseGroup(run: DrainRun, group: PodGroup): void {
  run.released.add(group);
  for (const pod of run.pods.pods()) if (pod.group === group) queuePod(run, pod);
}
