import { systemClock } from './clock.ts';

/**
 * The moment by which some work must have ended.
 *
 * It can be moved, but only to an earlier time, and the work that follows it hears of that: a Spot notice that comes
 * after a rebalance recommendation tightens the drain that already runs.
 */
export class Deadline {
  #at: number;
  readonly #listeners = new Set<() => void>();

  /** @param at - the moment, as a date or in milliseconds since the epoch. */
  constructor(at: Date | number) {
    const ms = typeof at === 'number' ? at : at.getTime();
    if (Number.isNaN(ms)) throw new RangeError('a deadline must be a valid date');
    this.#at = ms;
  }

  /** A deadline `ms` milliseconds from `now` (default: the machine's time). */
  static after(ms: number, now: number = systemClock.now()): Deadline {
    return new Deadline(now + ms);
  }

  /** The moment itself. */
  get at(): Date {
    return new Date(this.#at);
  }

  /** The moment in milliseconds since the epoch. */
  get atMs(): number {
    return this.#at;
  }

  /** Milliseconds left, never below 0. */
  remainingMs(now: number = systemClock.now()): number {
    return Math.max(0, this.#at - now);
  }

  /** Moves the deadline to an earlier moment; a later one changes nothing. Returns whether it moved. */
  tighten(to: Date | number): boolean {
    const ms = typeof to === 'number' ? to : to.getTime();
    if (!(ms < this.#at)) return false;
    this.#at = ms;
    for (const listener of [...this.#listeners]) listener();
    return true;
  }

  /** Calls `listener` each time the deadline moves; returns the function that ends this. */
  onTighten(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
