import type { Clock, Timer } from './clock.ts';

/** How a virtual clock begins. */
export interface VirtualClockOptions {
  /** The wall clock at the start, in milliseconds since the epoch. Default: 2026-01-02T03:04:05Z. */
  readonly startMs?: number;
  /** Turns of Node's event loop that pass before time does. Default 3, enough for streams and sockets in the process; 1 where all is promises. */
  readonly turns?: number;
}

interface Ring {
  readonly atMs: number;
  readonly number: number;
  readonly onRing: () => void;
}

/** A clock that jumps to its next timer when nothing else is left to do, so that hours pass in no time. For tests. */
export class VirtualClock implements Clock {
  readonly #turns: number;
  #wallAheadMs: number;
  #elapsedMs = 0;
  #started = 0;
  /** In the order in which they ring; among equals, in that in which they were started. */
  readonly #rings: Ring[] = [];

  constructor({ startMs = Date.parse('2026-01-02T03:04:05Z'), turns = 3 }: VirtualClockOptions = {}) {
    this.#wallAheadMs = startMs;
    this.#turns = turns;
  }

  now(): number {
    return this.#wallAheadMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  startTimer(afterMs: number, onRing: () => void): Timer {
    const ring: Ring = { atMs: this.#elapsedMs + Math.max(0, afterMs), number: this.#started++, onRing };
    this.#rings.splice(this.#placeOf(ring), 0, ring);
    const stop = (): void => {
      const place = this.#placeOf(ring);
      if (this.#rings[place] === ring) this.#rings.splice(place, 1);
    };
    return { stop, [Symbol.dispose]: stop };
  }

  /** How many timers run. */
  get timers(): number {
    return this.#rings.length;
  }

  /** Sets the wall clock, by so many milliseconds forward or, where negative, back; the monotonic clock does not care. */
  setWallClock(byMs: number): void {
    this.#wallAheadMs += byMs;
  }

  /** Lets time pass until the work is done. @throws what it rejects with; an error when no timer runs that could bring it on. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const watched = work.finally(() => (state.isDone = true));
    watched.catch(() => undefined);
    await this.#settle();
    while (!state.isDone) {
      if (!this.#ringNext()) throw new Error('no timer runs, and the work is not done');
      await this.#settle();
    }
    return watched;
  }

  /** Lets so many milliseconds pass. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await this.#settle();
    while ((this.#rings[0]?.atMs ?? Infinity) <= untilMs) {
      this.#ringNext();
      await this.#settle();
    }
    this.#elapsedMs = untilMs;
  }

  #ringNext(): boolean {
    const next = this.#rings.shift();
    if (next === undefined) return false;
    this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
    next.onRing();
    return true;
  }

  #placeOf({ atMs, number }: Ring): number {
    let low = 0;
    let high = this.#rings.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#rings[middle];
      if (other !== undefined && (other.atMs < atMs || (other.atMs === atMs && other.number < number)))
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Everything that follows from what has happened, without time passing. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < this.#turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
