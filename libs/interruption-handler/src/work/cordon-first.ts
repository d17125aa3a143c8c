import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';

/** No drain waits longer than this, however many nodes are still being cordoned, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;

/** How long drains wait for a burst of cordons to end. */
export interface CordonFirstOptions {
  /** Without a new cordon for so long, the burst is over. Default 100 ms: longer than the gap between two batches of messages. */
  readonly quietMs?: number;
}

/**
 * Holds drains back while other nodes are being cordoned; one process shares it between all its nodes.
 *
 * Pods evicted while a burst of nodes goes away would otherwise be scheduled onto nodes that are cordoned a moment
 * later, and be evicted again.
 */
export class CordonFirst {
  readonly #clock: Clock;
  readonly #quietMs: number;
  #running = 0;
  #lastBeganMs = -Infinity;

  constructor(clock: Clock, { quietMs = 100 }: CordonFirstOptions = {}) {
    this.#clock = clock;
    this.#quietMs = quietMs;
  }

  /** Runs one cordon; drains wait for it. */
  async cordon<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    this.#lastBeganMs = this.#clock.monotonic();
    try {
      return await work();
    } finally {
      this.#running -= 1;
    }
  }

  /** Resolves when no cordon is running or has just begun; rejects when `signal` aborts. */
  async quiet(signal: AbortSignal): Promise<void> {
    const giveUpAtMs = this.#clock.monotonic() + LONGEST_WAIT_MS;
    for (;;) {
      signal.throwIfAborted();
      const nowMs = this.#clock.monotonic();
      const leftMs = this.#running > 0 ? this.#quietMs : this.#quietMs - (nowMs - this.#lastBeganMs);
      if (leftMs <= 0 || nowMs >= giveUpAtMs) return;
      await sleep(this.#clock, Math.min(leftMs, giveUpAtMs - nowMs), signal);
    }
  }
}
