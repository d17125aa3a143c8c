import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { abortable, abortReason, linkSignals } from './signals.ts';
import { sleepUntil } from './sleep.ts';

/**
 * The moment by which some work must have ended, or `Infinity` for none. It can be moved, as by a Spot notice that comes after a rebalance
 * recommendation, and the work that follows it hears of that.
 */
export class Deadline {
  #at: number;
  readonly #listeners = new Set<() => void>();

  /** @throws RangeError when it is no valid date. */
  constructor(at: Date | number) {
    this.#at = momentOf(at);
  }

  /** A deadline `ms` milliseconds from `now` (default: the machine's time). */
  static after(ms: number, now: number = systemClock.now()): Deadline {
    return new Deadline(now + ms);
  }

  /** The moment itself; `undefined` when there is none. */
  get at(): Date | undefined {
    return Number.isFinite(this.#at) ? new Date(this.#at) : undefined;
  }

  /** The moment in milliseconds since the epoch; `Infinity` when there is none. */
  get atMs(): number {
    return this.#at;
  }

  /** Milliseconds left, never below 0. */
  remainingMs(now: number = systemClock.now()): number {
    return Math.max(0, this.#at - now);
  }

  /** Moves the deadline, to an earlier moment or a later one. Returns whether it moved. @throws RangeError when it is no valid date. */
  moveTo(to: Date | number): boolean {
    const ms = momentOf(to);
    if (ms === this.#at) return false;
    this.#at = ms;
    for (const listener of [...this.#listeners]) listener();
    return true;
  }

  /** Calls `listener` each time the deadline moves; returns the function that ends this. */
  onMove(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/**
 * Waits for a moment, `Infinity` for one that never comes, or for the deadline that it follows from to move.
 *
 * @throws the signal's reason.
 */
export async function sleepUntilOrMoved(
  clock: Clock,
  deadline: Deadline,
  moment: number,
  signal: AbortSignal,
): Promise<void> {
  using wait = linkSignals([signal]);
  const unfollow = deadline.onMove(() => wait.abort());
  try {
    // What never comes needs no timer.
    if (moment === Infinity) await abortable(Promise.withResolvers<never>().promise, wait.signal);
    else await sleepUntil(clock, moment, wait.signal);
  } catch {
    if (signal.aborted) throw abortReason(signal);
  } finally {
    unfollow();
  }
}

function momentOf(at: Date | number): number {
  const ms = Number(at);
  if (Number.isNaN(ms)) throw new RangeError('a deadline must be a valid date');
  return ms;
}
