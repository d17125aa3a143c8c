import type { Clock } from '../time/clock.ts';

/** A token bucket: `burst` calls at once, `qps` a second from then on, in the order they came. */
export function createRateLimit(limit: { qps: number; burst: number }, clock: Clock) {
  let tokens = limit.burst;
  let filledAt = clock.now();
  return {
    /** Resolves when the caller may go. @throws the signal's reason. */
    async take(signal: AbortSignal): Promise<void> {
      const now = clock.now();
      tokens = Math.min(limit.burst, tokens + ((now - filledAt) * limit.qps) / 1000);
      filledAt = now;
      // Below zero it is a queue: each caller takes the next free place and waits for it.
      tokens -= 1;
      if (tokens >= 0) return;
      try {
        await clock.sleep((-tokens * 1000) / limit.qps, signal);
      } catch (error) {
        tokens += 1;
        throw error;
      }
    },
  };
}
