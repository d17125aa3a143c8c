import { queuePod } from './eviction/evict.ts';
import { GROUPS, latestStartMs } from './order.ts';
import type { PodGroup } from './order.ts';
import { isSettled } from './pods/tracked-pod.ts';
import type { TrackedPod } from './pods/tracked-pod.ts';
import type { DrainRun } from './run.ts';

/** The clock may be set while pods wait for their turn. */
const LONGEST_WAIT_MS = 60_000;

/**
 * A group's turn comes when those before it are gone, or when its own pods can wait no longer: then they go on the eviction queue, and
 * those that come later at once.
 *
 * @throws the reason of the run's signal.
 */
export async function evictInTurns(run: DrainRun): Promise<void> {
  const { clock } = run.settings;
  const waiting = new Set<PodGroup>(GROUPS);
  const startMsOf = (pods: readonly TrackedPod[]) =>
    Math.min(...[...waiting].map((group) => startMs(run, group, pods)));
  for (;;) {
    for (const group of waiting) {
      if (!isTurnOf(run, group, run.pods.pods())) continue;
      waiting.delete(group);
      run.released.add(group);
      for (const pod of run.pods.pods()) if (pod.group === group) queuePod(run, pod);
    }
    if (waiting.size === 0) return;
    const nextMs = startMsOf(run.pods.pods());
    let hasRung = false;
    const ring = (): void => {
      hasRung = true;
      run.pods.changed();
    };
    const afterMs = Math.min(LONGEST_WAIT_MS, nextMs - clock.now());
    using _alarm = nextMs === Infinity ? undefined : clock.startTimer(afterMs, ring);
    const mayGoOn = (pods: readonly TrackedPod[]): boolean =>
      // One that comes late may have a longer grace than all others.
      hasRung || startMsOf(pods) !== nextMs || [...waiting].some((group) => isTurnOf(run, group, pods));
    await run.pods.until(mayGoOn, run.signal);
  }
}

function isTurnOf(run: DrainRun, group: PodGroup, pods: readonly TrackedPod[]): boolean {
  const before: readonly PodGroup[] = GROUPS.slice(0, GROUPS.indexOf(group));
  const areGone = pods.every((pod) => !before.includes(pod.group) || pod.isKept || isSettled(pod));
  return areGone || startMs(run, group, pods) <= run.settings.clock.now();
}

/** When pods of a group must start to go though it is the turn of others. */
function startMs(run: DrainRun, group: PodGroup, pods: readonly TrackedPod[]): number {
  const { deadline, marginMs } = run.settings;
  const graces = pods.filter((pod) => pod.group === group).map(({ graceSeconds }) => graceSeconds);
  return graces.length === 0 ? Infinity : latestStartMs(graces, deadline.atMs, marginMs);
}
