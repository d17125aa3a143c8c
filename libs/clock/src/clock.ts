/** A timer that runs. Stopping it again, or after it has rung, changes nothing. */
export interface Timer extends Disposable {
  /** Keeps the timer from ringing. */
  stop(): void;
}

/** How a timer is kept. */
export interface TimerOptions {
  /** Whether the process stays alive for it. Default true. */
  readonly keepsProcessAlive?: boolean;
}

/** Where a program has its time from. */
export interface Clock {
  /** The wall clock, in milliseconds since the epoch: for moments that come from outside or go there, as it may be set at any time. */
  now(): number;
  /** Milliseconds since some fixed moment, never set: for intervals. */
  monotonic(): number;
  /** Calls back once, after so many milliseconds, however many they are; 0 or fewer: in a later turn of the event loop. */
  startTimer(afterMs: number, onRing: () => void, options?: TimerOptions): Timer;
}

/**
 * The longest wait that a timer of Node takes, in milliseconds: 24.8 days. A longer one would ring at once.
 *
 * @see https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
 */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  startTimer(afterMs, onRing, { keepsProcessAlive = true } = {}) {
    let timer: NodeJS.Timeout;
    const startSlice = (leftMs: number): void => {
      const sliceMs = Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > sliceMs ? startSlice(leftMs - sliceMs) : onRing()), sliceMs);
      if (!keepsProcessAlive) timer.unref();
    };
    startSlice(afterMs);
    const stop = (): void => clearTimeout(timer);
    return { stop, [Symbol.dispose]: stop };
  },
};
