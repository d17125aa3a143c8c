/**
 * Work that waits until the current write is told to everybody, so that nobody hears of two changes in the wrong order. What is asked for
 * again under the same key while it waits is done once.
 */
export class WorkQueue {
  readonly #waiting = new Map<unknown, () => void>();
  #isScheduled = false;

  add(key: unknown, work: () => void): void {
    this.#waiting.set(key, work);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A turn of the loop, not a time: it takes no clock.
    setImmediate(() => {
      this.#isScheduled = false;
      for (const [next, waiting] of [...this.#waiting]) if (this.#waiting.delete(next)) waiting();
    }).unref();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.clear();
  }
}
