import type { Clock, Timer, TimerOptions } from './clock.ts';

/** A `Date` header has whole seconds. */
const DATE_PRECISION_MS = 1_000;

/** A clock that is off by no more than this is taken as it is, in milliseconds. */
const TOLERANCE_MS = 2_000;

/**
 * A clock whose wall clock is a service's, as far as that is known: the machine's own, put right by the least that the service's answers
 * prove.
 *
 * When an answer comes, the service's clock stands somewhere between its `Date` and, later by a second and the time that the answer took,
 * the same. Several answers narrow that down; it is reckoned by the monotonic clock, so that to set the machine's clock changes nothing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-date
 */
export class CorrectedClock implements Clock {
  readonly #own: Clock;
  /** Between which the service's clock stands, less the monotonic one. */
  #ahead: { readonly leastMs: number; readonly mostMs: number } | undefined;

  /** @param own - The machine's clock. */
  constructor(own: Clock) {
    this.#own = own;
  }

  /**
   * The service has answered.
   *
   * @param date - The answer's `Date` header; one that is none tells nothing.
   * @param askedAtMs - When it was asked, by the monotonic clock.
   */
  answered(date: string | undefined, askedAtMs: number): void {
    const dateMs = Date.parse(date ?? '');
    if (Number.isNaN(dateMs)) return;
    const nowMs = this.monotonic();
    const told = { leastMs: dateMs - nowMs, mostMs: dateMs + DATE_PRECISION_MS - askedAtMs };
    const { leastMs, mostMs } = this.#ahead ?? told;
    const both = { leastMs: Math.max(leastMs, told.leastMs), mostMs: Math.min(mostMs, told.mostMs) };
    // One of the clocks was set, or stood still with the machine: the newest answer tells.
    this.#ahead = both.leastMs <= both.mostMs ? both : told;
  }

  now(): number {
    const ownMs = this.#own.now();
    if (this.#ahead === undefined) return ownMs;
    const nowMs = this.monotonic();
    const nearestMs = Math.min(Math.max(ownMs, this.#ahead.leastMs + nowMs), this.#ahead.mostMs + nowMs);
    return Math.abs(nearestMs - ownMs) > TOLERANCE_MS ? nearestMs : ownMs;
  }

  monotonic(): number {
    return this.#own.monotonic();
  }

  startTimer(afterMs: number, onRing: () => void, options?: TimerOptions): Timer {
    return this.#own.startTimer(afterMs, onRing, options);
  }
}
