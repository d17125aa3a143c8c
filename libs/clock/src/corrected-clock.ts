import type { Clock, Timer, TimerOptions } from './clock.ts';

/** A `Date` header has whole seconds. */
const DATE_PRECISION_MS = 1_000;

/** A clock that is off by no more than this is taken as it is, in milliseconds. */
const TOLERANCE_MS = 2_000;

/** An answer that contradicts those before it by no more shows that the machine's clock runs too fast or too slow, in milliseconds. */
const DRIFT_MS = 1_000;

/** Between which the service's clock stands, less the monotonic one. */
interface Ahead {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * The machine's clock, put right by the least that a service's answers prove of the service's own.
 *
 * When an answer comes, the service's clock stands between its `Date` and a second and the time of the answer later. Several answers narrow
 * that down; it is reckoned by the monotonic clock, so that to set the machine's changes nothing. One that contradicts all before it by a
 * moment shows by how much that has run wrong since. By more, it may be that of a proxy, whose clock is wrong: it counts when the next one,
 * or the machine's clock, bears it out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-date
 */
export class CorrectedClock implements Clock {
  readonly #own: Clock;
  #ahead: Ahead | undefined;
  /** What the newest answer told, where nothing bears that out. */
  #doubted: Ahead | undefined;
  readonly #onAnswer: ((aheadMs: number) => void) | undefined;

  /** @param onAnswer - Told after each answer by how many milliseconds the service's clock is proved to be ahead; negative: behind. */
  constructor(own: Clock, onAnswer?: (aheadMs: number) => void) {
    this.#own = own;
    this.#onAnswer = onAnswer;
  }

  /**
   * Takes in what an answer says of the time.
   *
   * @param date - The `Date` header of an answer; one that is none tells nothing.
   * @param askedAtMs - When the service was asked, by the monotonic clock.
   */
  answered(date: string | undefined, askedAtMs: number): void {
    const dateMs = Date.parse(date ?? '');
    if (Number.isNaN(dateMs)) return;
    const nowMs = this.monotonic();
    const told = { leastMs: dateMs - nowMs, mostMs: dateMs + DATE_PRECISION_MS - askedAtMs };
    // Where it can't be reconciled, one of the clocks was set, or stood still with the machine.
    const ahead = this.#ahead ?? told;
    const drifted = { leastMs: ahead.leastMs - DRIFT_MS, mostMs: ahead.mostMs + DRIFT_MS };
    const news =
      bothOf(ahead, told) ?? bothOf(drifted, told) ?? (this.#isOwn(told) ? told : bothOf(this.#doubted, told));
    this.#doubted = news === undefined ? told : undefined;
    this.#ahead = news ?? this.#ahead;
    this.#onAnswer?.(this.now() - this.#own.now());
  }

  /** Whether the machine's own clock says the same. */
  #isOwn({ leastMs, mostMs }: Ahead): boolean {
    const ownMs = this.#own.now() - this.monotonic();
    return ownMs >= leastMs - TOLERANCE_MS && ownMs <= mostMs + TOLERANCE_MS;
  }

  now(): number {
    const ownMs = this.#own.now();
    if (this.#ahead === undefined) return ownMs;
    const nowMs = this.monotonic();
    const nearestMs = Math.min(Math.max(ownMs, this.#ahead.leastMs + nowMs), this.#ahead.mostMs + nowMs);
    // The monotonic clock counts parts of milliseconds, of which no moment has any: who reads one from a record takes it for broken.
    return Math.abs(nearestMs - ownMs) > TOLERANCE_MS ? Math.round(nearestMs) : ownMs;
  }

  monotonic(): number {
    return this.#own.monotonic();
  }

  startTimer(afterMs: number, onRing: () => void, options?: TimerOptions): Timer {
    return this.#own.startTimer(afterMs, onRing, options);
  }
}

/** Where both are true; `undefined` where they can't be, or there is but one. */
function bothOf(one: Ahead | undefined, other: Ahead): Ahead | undefined {
  if (one === undefined) return undefined;
  const leastMs = Math.max(one.leastMs, other.leastMs);
  const mostMs = Math.min(one.mostMs, other.mostMs);
  return leastMs <= mostMs ? { leastMs, mostMs } : undefined;
}
