import type { EventId } from '@node-termination-handler/event-parsers';
import type { HandlingResult } from './result.ts';

/** Remembers events by id, so that a second delivery shares the first one's work and its result. */
export class HandledEvents {
  readonly #results = new Map<EventId, Promise<HandlingResult>>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(id: EventId): Promise<HandlingResult> | undefined {
    return this.#results.get(id);
  }

  /** Remembers an event while it is in work, and after that only when trying it again would do nothing new. */
  remember(id: EventId, result: Promise<HandlingResult>): void {
    this.#results.set(id, result);
    void result.then((end) => {
      if (end.status === 'done' || end.status === 'ignored') this.#forgetOldest();
      else this.forget(id);
    });
  }

  forget(id: EventId): void {
    this.#results.delete(id);
  }

  #forgetOldest(): void {
    for (const id of this.#results.keys()) {
      if (this.#results.size <= this.#limit) return;
      this.#results.delete(id);
    }
  }
}
