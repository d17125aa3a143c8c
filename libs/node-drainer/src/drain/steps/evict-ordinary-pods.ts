import { linkSignals } from '../../time/time-limit.ts';
import { latestStartMs } from '../order.ts';
import { releaseGroup } from '../release-group.ts';
import type { DrainRun } from '../drain-run.ts';
import type { DrainStep } from './step.ts';

const MAX_SLEEP_MS = 2 ** 31 - 1;

/** Evicts the ordinary pods, and waits for them for as long as the critical ones can wait. */
export const evictOrdinaryPods: DrainStep = {
  name: 'evict-ordinary-pods',
  async run(run) {
    releaseGroup(run, 'ordinary');
    const turn = linkSignals([run.signal]);
    try {
      await Promise.race([
        run.pods.untilSettled(({ group }) => group === 'ordinary', turn.signal),
        untilCriticalMustStart(run, turn.signal),
      ]);
    } finally {
      turn.abort();
      turn.unlink();
    }
    return 'go-on';
  },
};

async function untilCriticalMustStart(run: DrainRun, signal: AbortSignal): Promise<void> {
  const { clock, deadline, marginMs } = run.settings;
  for (;;) {
    const critical = run.pods.pods().filter(({ group }) => group === 'critical');
    const graces = critical.map(({ graceSeconds }) => graceSeconds);
    const startMs = critical.length === 0 ? Infinity : latestStartMs(graces, deadline.atMs, marginMs);
    if (startMs <= clock.now()) return;
    const nap = linkSignals([signal]);
    const unfollow = deadline.onTighten(() => nap.abort());
    try {
      await clock.sleep(Math.min(startMs - clock.now(), MAX_SLEEP_MS), nap.signal);
    } catch {
      signal.throwIfAborted();
    } finally {
      unfollow();
      nap.unlink();
    }
  }
}
