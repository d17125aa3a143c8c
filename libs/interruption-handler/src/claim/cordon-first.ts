import { pause } from '../handler/pause.ts';

/** How long drains wait for a burst of cordons to end. */
export interface CordonFirstOptions {
  /** Without a new cordon for so long, the burst is over. Default 100 ms: longer than the gap between two batches of messages. */
  readonly quietMs?: number;
  /** No drain waits longer than this, however many nodes are still being cordoned. Default 5000 ms. */
  readonly longestWaitMs?: number;
}

/**
 * Holds drains back while other nodes are being cordoned.
 *
 * Pods evicted while a burst of nodes goes away would otherwise be scheduled onto nodes that are cordoned a moment
 * later, and be evicted again.
 */
export interface CordonFirst {
  /** Runs one cordon; drains wait for it. */
  cordon<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when no cordon is running or has just begun; rejects when `signal` aborts. */
  quiet(signal: AbortSignal): Promise<void>;
}

/** Makes the gate that one process shares between all its nodes. */
export function createCordonFirst(options: CordonFirstOptions = {}): CordonFirst {
  const { quietMs = 100, longestWaitMs = 5000 } = options;
  let running = 0;
  let lastBegan = -Infinity;
  return {
    async cordon(work) {
      running += 1;
      lastBegan = performance.now();
      try {
        return await work();
      } finally {
        running -= 1;
      }
    },
    async quiet(signal) {
      const giveUpAt = performance.now() + longestWaitMs;
      for (;;) {
        signal.throwIfAborted();
        const now = performance.now();
        const left = running > 0 ? quietMs : quietMs - (now - lastBegan);
        if (left <= 0 || now >= giveUpAt) return;
        await pause(Math.min(left, giveUpAt - now), signal);
      }
    },
  };
}
