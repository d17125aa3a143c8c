import type { Clock, Timer } from '@node-termination-handler/clock';

/** The longest pause after failures, in milliseconds: a Spot notice leaves two minutes. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * What is due so soon after the rest is done together with it, in milliseconds. A process that wakes from idle pays far more for the
 * first request than for those that follow at once.
 */
const TOGETHER_MS = 20;

/** Something to do again and again. */
export interface Task {
  /** Tells whether it went well. Must not reject but for a fault in the program. */
  readonly poll: () => Promise<boolean>;
  /** The time from one start to the next, in milliseconds. */
  readonly intervalMs: number | (() => number);
}

/** Tasks that are being done. */
export interface Schedule {
  /** Starts no task again. */
  readonly stop: () => void;
}

interface Slot {
  readonly task: Task;
  /** When it starts next; `Infinity` while it runs. */
  dueMs: number;
  failures: number;
}

/**
 * Does each task at once and then at its own pace; a task that takes long holds up no other.
 *
 * A task that goes wrong waits longer and longer, with jitter.
 *
 * @param onFault - Called when a task or its interval throws; all tasks have stopped then.
 */
export function createSchedule(clock: Clock, tasks: readonly Task[], onFault: (error: unknown) => void): Schedule {
  const slots = tasks.map((task): Slot => ({ task, dueMs: -Infinity, failures: 0 }));
  let timer: Timer | undefined;
  let wakesAtMs = Infinity;
  let stopped = false;

  function stop(): void {
    stopped = true;
    timer?.stop();
  }

  function startDue(): void {
    wakesAtMs = Infinity;
    const nowMs = clock.monotonic();
    for (const slot of slots) if (slot.dueMs <= nowMs + TOGETHER_MS) void run(slot, nowMs);
    sleep();
  }

  async function run(slot: Slot, startedMs: number): Promise<void> {
    const { task } = slot;
    slot.dueMs = Infinity;
    try {
      slot.failures = (await task.poll()) ? 0 : slot.failures + 1;
      const intervalMs = Math.max(1, typeof task.intervalMs === 'number' ? task.intervalMs : task.intervalMs());
      const nowMs = clock.monotonic();
      slot.dueMs =
        slot.failures > 0
          ? nowMs + pauseAfterMs(intervalMs, slot.failures)
          : // A service that takes as long as the interval is not asked all the time.
            Math.max(startedMs + intervalMs, nowMs + intervalMs / 2);
    } catch (error) {
      stop();
      onFault(error);
      return;
    }
    sleep();
  }

  function sleep(): void {
    let dueMs = Infinity;
    for (const slot of slots) dueMs = Math.min(dueMs, slot.dueMs);
    if (stopped || dueMs >= wakesAtMs) return;
    timer?.stop();
    wakesAtMs = dueMs;
    timer = clock.startTimer(dueMs - clock.monotonic(), startDue);
  }

  startDue();
  return { stop };
}

function pauseAfterMs(intervalMs: number, failures: number): number {
  const longestMs = Math.max(intervalMs, LONGEST_PAUSE_MS);
  return Math.min(intervalMs * 2 ** failures, longestMs) * (0.5 + Math.random() / 2);
}
