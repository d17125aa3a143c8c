import { sleep, systemClock } from '@node-termination-handler/clock';

/** How {@link waitFor} waits. */
interface WaitOptions {
  /** What is waited for, in the error's words. */
  readonly what: string;
  /** Default 60,000. */
  readonly timeoutMs?: number;
  /** Default 50. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Something did not happen in time. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
}

/**
 * Looks again and again until the look gives a value; a look that throws counts as "not yet".
 *
 * @throws {@link WaitTimeoutError} with the last look's error as its cause; the signal's reason when it aborts.
 */
export async function waitFor<T>(look: () => Promise<T | undefined>, options: WaitOptions): Promise<T> {
  const { what, timeoutMs = 60_000, intervalMs = 50, signal } = options;
  const untilMs = systemClock.monotonic() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await look();
      if (value !== undefined) return value;
    } catch (error) {
      cause = error;
    }
    signal?.throwIfAborted();
    if (systemClock.monotonic() > untilMs) throw new WaitTimeoutError(`timed out waiting for ${what}`, { cause });
    await sleep(systemClock, intervalMs, signal);
  }
}
