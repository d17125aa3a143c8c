import type { Clock } from '../time/clock.ts';

interface Sleeper {
  atMs: number;
  wake: () => void;
}

/** A clock that jumps to the next sleeper when nothing else is left to do, so that hours pass in no time. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs = Date.parse('2026-01-02T03:04:05Z')) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        atMs: this.#now + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets time pass until the work is done, or until nothing sleeps that could wake it. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const watched = work.finally(() => (state.isDone = true));
    watched.catch(() => undefined);
    await settle();
    while (!state.isDone) {
      if (!this.#wakeNext()) throw new Error('nothing sleeps, and the work is not done');
      await settle();
    }
    return watched;
  }

  /** Lets so much time pass. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    while (this.#next() <= until) {
      this.#wakeNext();
      await settle();
    }
    this.#now = until;
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }

  #next(): number {
    return Math.min(Infinity, ...[...this.#sleepers].map(({ atMs }) => atMs));
  }

  #wakeNext(): boolean {
    const next = this.#next();
    const sleeper = [...this.#sleepers].find(({ atMs }) => atMs === next);
    if (sleeper === undefined) return false;
    this.#sleepers.delete(sleeper);
    this.#now = Math.max(this.#now, next);
    sleeper.wake();
    return true;
  }
}

/** Everything that follows from what has happened, without time passing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
