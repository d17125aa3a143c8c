import { linkSignals, sleepUntilOrMoved } from '@node-termination-handler/clock';
import { queuePod } from './eviction/evict.ts';
import { latestStartMs } from './order.ts';
import type { PodGroup } from './order.ts';
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

/** Resolves when pods of a group must start to go though it is the turn of others. @throws the signal's reason. */
export async function untilPodsMustStart(run: DrainRun, turn: PodGroup, signal: AbortSignal): Promise<void> {
  const { clock, deadline, marginMs } = run.settings;
  for (;;) {
    const waiting = run.pods.pods().filter(({ group }) => group === turn);
    const graces = waiting.map(({ graceSeconds }) => graceSeconds);
    const startMs = waiting.length === 0 ? Infinity : latestStartMs(graces, deadline.atMs, marginMs);
    if (startMs <= clock.now()) return;
    using wait = linkSignals([signal]);
    try {
      // One that comes late may have a longer grace than all others.
      await Promise.race([
        sleepUntilOrMoved(clock, deadline, startMs, wait.signal),
        run.pods.untilOneCame(wait.signal),
      ]);
    } finally {
      wait.abort();
    }
  }
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
