import type { Clock, TimerOptions } from './clock.ts';
import { throwIfAborted } from './signals.ts';
import type { OptionalSignal } from './signals.ts';
import { sleep } from './sleep.ts';

/** How pauses between tries grow. */
export interface Backoff {
  /** The first pause, in milliseconds. */
  readonly firstMs: number;
  /** The longest pause, in milliseconds, before it is spread. */
  readonly maxMs: number;
}

/**
 * The pause after try number `attempt` (from 1), in milliseconds: doubled each time up to a limit, and spread by ±20 %, so that many that
 * failed together don't come back together.
 */
export function backoffMs(attempt: number, { firstMs, maxMs }: Backoff, random: () => number = Math.random): number {
  const plainMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(plainMs * (0.8 + 0.4 * random()));
}

/** How something is tried again; and whether the process stays alive for the pauses in between. */
export interface RetryOptions extends TimerOptions {
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly signal?: OptionalSignal;
  /** How often it is tried, the first time included. Default: without end. */
  readonly tries?: number;
  /** No try begins later than so many milliseconds after the first; where the pause is longer, the last begins just then. Default: without end. */
  readonly giveUpAfterMs?: number;
  /** Whether another try may help. Default: always. */
  readonly isWorthRetrying?: (error: unknown) => boolean;
  /** Told each failure that is followed by another try. */
  readonly onRetry?: (error: unknown, attempt: number) => void;
  /** How long whoever failed asks to be left alone, in milliseconds, on top of the back-off. Default: 0. */
  readonly pauseMs?: (error: unknown) => number;
}

/**
 * Tries until it works.
 *
 * @param attempt - Is told the number of the try, 1 for the first.
 * @throws the last failure, when no other try may follow; the signal's reason, as soon as it aborts in a pause.
 */
export async function retry<T>(options: RetryOptions, attempt: (number: number) => Promise<T>): Promise<T> {
  const { clock, backoff, signal, tries = Infinity, giveUpAfterMs = Infinity } = options;
  const { isWorthRetrying = () => true, onRetry, pauseMs = () => 0 } = options;
  const beganMs = clock.monotonic();
  for (let number = 1; ; number += 1) {
    throwIfAborted(signal);
    try {
      return await attempt(number);
    } catch (error) {
      throwIfAborted(signal);
      const leftMs = giveUpAfterMs - (clock.monotonic() - beganMs);
      if (number >= tries || leftMs <= 0 || !isWorthRetrying(error)) throw error;
      onRetry?.(error, number);
      await sleep(clock, Math.min(leftMs, backoffMs(number, backoff) + pauseMs(error)), signal, options);
    }
  }
}
