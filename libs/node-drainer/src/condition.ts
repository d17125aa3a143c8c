import { abortable } from '@node-termination-handler/clock';
import type { OptionalSignal } from '@node-termination-handler/clock';

/** A condition variable: who waits for something to become true looks again after each change. */
export class Condition {
  readonly #looks = new Set<() => void>();

  /** To be called when something has changed that may be waited for. */
  changed(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Resolves with the first value that `find` finds, now or after a change. @throws the signal's reason. */
  async until<T>(find: () => T | undefined, signal: OptionalSignal): Promise<T> {
    const found = Promise.withResolvers<T>();
    const look = () => {
      const value = find();
      if (value !== undefined) found.resolve(value);
    };
    this.#looks.add(look);
    try {
      look();
      return await abortable(found.promise, signal);
    } finally {
      this.#looks.delete(look);
    }
  }
}
