/** One thing to be done to a node. */
export interface StoredEvent {
  readonly id: string;
  readonly node: string;
  readonly done: () => Promise<void>;
}

/** Events wait here until the next tick of a second; so many are worked on at once. */
export class EventStore {
  readonly #waiting = new Map<string, StoredEvent>();
  readonly #known = new Set<string>();
  #running = 0;

  constructor(workers: number, work: (event: StoredEvent) => Promise<void>) {
    setInterval(() => {
      for (const [id, event] of this.#waiting) {
        if (this.#running >= workers) return;
        this.#waiting.delete(id);
        this.#running += 1;
        void work(event)
          .catch(() => this.#known.delete(id))
          .finally(() => (this.#running -= 1));
      }
    }, 1_000);
  }

  /** Takes an event that is not known yet. */
  add(event: StoredEvent): void {
    if (this.#known.has(event.id)) return;
    this.#known.add(event.id);
    this.#waiting.set(event.id, event);
  }
}
