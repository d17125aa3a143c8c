import { linkSignals } from '../time/time-limit.ts';
import type { DrainRun } from './drain-run.ts';
import { DrainStopped } from './drain-stopped.ts';

/** The longest wait that a timer of Node's takes. */
const MAX_SLEEP_MS = 2 ** 31 - 1;

/** Ends the drain when its deadline has come, wherever it is moved meanwhile. */
export async function stopAtDeadline(run: DrainRun): Promise<void> {
  const { clock, deadline } = run.settings;
  while (!run.signal.aborted) {
    const remainingMs = deadline.remainingMs(clock.now());
    if (remainingMs === 0) {
      run.stop(new DrainStopped('deadline', 'the deadline has come'));
      return;
    }
    const sleep = linkSignals([run.signal]);
    const unfollow = deadline.onTighten(() => sleep.abort());
    // Woken early it looks again; the drain's end is seen at the top.
    await clock.sleep(Math.min(remainingMs, MAX_SLEEP_MS), sleep.signal).catch(() => undefined);
    unfollow();
    sleep.unlink();
  }
}
