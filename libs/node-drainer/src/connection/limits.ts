import { abortReason, onAbort, sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';

export type Gate = ReturnType<typeof createGate>;
export type RateLimit = ReturnType<typeof createRateLimit>;

/** Lets so many in at once; the others wait in the order they came. */
export function createGate(places: number) {
  let free = places;
  const waiting = new Set<() => void>();

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  function enterNow(): (() => void) | undefined {
    if (free === 0) return undefined;
    free -= 1;
    return leave;
  }

  return {
    /** Gives a place where one is free: the function that gives it back. */
    enterNow,
    /** Resolves with the function that gives the place back. @throws the signal's reason. */
    async enter(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      const entered = enterNow();
      if (entered !== undefined) return entered;
      return new Promise((resolve, reject) => {
        const admit = () => {
          listener[Symbol.dispose]();
          resolve(leave);
        };
        waiting.add(admit);
        const listener = onAbort(signal, () => {
          waiting.delete(admit);
          reject(abortReason(signal));
        });
      });
    },
  };
}

/** A token bucket: `burst` calls at once, `qps` a second from then on, in the order they came. */
export function createRateLimit(limit: { qps: number; burst: number }, clock: Clock) {
  let tokens = limit.burst;
  let filledAtMs = clock.monotonic();
  return {
    /** Resolves when the caller may go. @throws the signal's reason. */
    async take(signal: AbortSignal): Promise<void> {
      const nowMs = clock.monotonic();
      tokens = Math.min(limit.burst, tokens + ((nowMs - filledAtMs) * limit.qps) / 1000);
      filledAtMs = nowMs;
      // Below zero it is a queue: each caller takes the next free place and waits for it.
      tokens -= 1;
      if (tokens >= 0) return;
      try {
        await sleep(clock, (-tokens * 1000) / limit.qps, signal);
      } catch (error) {
        tokens += 1;
        throw error;
      }
    },
  };
}
