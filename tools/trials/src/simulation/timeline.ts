/** Something that will happen. */
export interface Planned {
  readonly atMs: number;
  readonly number: number;
  isCancelled: boolean;
  readonly happen: () => void;
}

/** Taken before anything is patched: the only real time in a play is a turn of the event loop. */
const turn = setImmediate;

/** How many turns of the event loop one moment may take. */
const MOST_TURNS = 10_000;

/** What a play may not exceed. Default: nothing. */
interface PlayLimits {
  readonly untilMs?: number;
  readonly maxSteps?: number;
}

/** The time of everything in a play: it stands while anything is left to do, and then jumps to what comes next. */
export class Timeline {
  #nowMs = 0;
  #count = 0;
  /** A binary heap: the first is the next; among equals, the one that was planned first. */
  readonly #heap: Planned[] = [];
  /** Turns of the event loop that somebody waits for. */
  #turns = 0;
  /** Nothing of a play that is over goes on. */
  #isOver = false;

  /** Milliseconds since the play began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many things have been planned so far. */
  get steps(): number {
    return this.#count;
  }

  /** Plans something for so many milliseconds from now. */
  plan(afterMs: number, happen: () => void): Planned {
    // NaN and negative ones count as none, as with setTimeout.
    const atMs = this.#nowMs + (afterMs > 0 ? afterMs : 0);
    const planned: Planned = { atMs, number: this.#count++, isCancelled: false, happen };
    this.#push(planned);
    return planned;
  }

  /** Plans something for a later turn of the event loop, at the same moment. */
  planTurn(happen: () => void): { isCancelled: boolean } {
    const planned = { isCancelled: false };
    this.#turns += 1;
    turn(() => {
      this.#turns -= 1;
      if (!planned.isCancelled && !this.#isOver) happen();
    });
    return planned;
  }

  /**
   * Lets time pass until the work is done.
   *
   * @throws what the work rejects with; an error when nothing is planned that could bring it on, or a limit is reached.
   */
  async play<T>(work: Promise<T>, { untilMs = Infinity, maxSteps = Infinity }: PlayLimits = {}): Promise<T> {
    const state = { isDone: false };
    const watched = work.finally(() => (state.isDone = true));
    watched.catch(() => undefined);
    try {
      await this.#playOn(state, { untilMs, maxSteps });
    } finally {
      this.#isOver = true;
    }
    return watched;
  }

  async #playOn(state: { readonly isDone: boolean }, limits: Required<PlayLimits>): Promise<void> {
    const { untilMs, maxSteps } = limits;
    await this.#settle();
    while (!state.isDone) {
      const next = this.#pop();
      if (next === undefined) throw new Error('nothing is planned, and the play is not over');
      if (next.atMs > untilMs) throw new Error(`the play is not over after ${untilMs} ms`);
      if (this.#count > maxSteps) throw new Error(`the play is not over after ${maxSteps} steps, at ${this.#nowMs} ms`);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.happen();
      await this.#settle();
    }
  }

  /** Everything that follows from what has happened: promises and ticks are done after one turn, further turns are counted. */
  async #settle(): Promise<void> {
    let turns = 0;
    do {
      await new Promise<void>((resolve) => void turn(resolve));
      turns += 1;
      if (turns > MOST_TURNS) throw new Error(`the play goes in circles at ${this.#nowMs} ms, and time does not pass`);
    } while (this.#turns > 0);
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above];
      if (other === undefined || isBefore(other, planned)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = planned;
  }

  #pop(): Planned | undefined {
    for (;;) {
      const first = this.#take();
      if (first?.isCancelled !== true) return first;
    }
  }

  #take(): Planned | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let other = heap[below];
      const right = heap[below + 1];
      if (other !== undefined && right !== undefined && isBefore(right, other)) {
        below += 1;
        other = right;
      }
      if (other === undefined || isBefore(last, other)) break;
      heap[at] = other;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}
