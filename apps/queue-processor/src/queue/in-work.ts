import { abortable } from '@node-termination-handler/clock';
import type { QueueMessage } from './queue.ts';

/** The messages this process has received and not yet finished with. */
export class MessagesInWork {
  readonly #messages = new Map<string, QueueMessage>();
  /** Those who wait for messages to become fewer. */
  readonly #waiting = new Set<() => void>();
  readonly #limit: number;

  /** @param limit how many messages may be in work before no more are asked for. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether no more are to be asked for. */
  get isFull(): boolean {
    return this.#messages.size >= this.#limit;
  }

  /** The deliveries in work. */
  list(): readonly QueueMessage[] {
    return [...this.#messages.values()];
  }

  /** Takes a delivery in; a second delivery of a message that is in work replaces the first one's receipt. */
  add(message: QueueMessage): { readonly isNew: boolean } {
    const isNew = !this.#messages.has(message.id);
    this.#messages.set(message.id, message);
    return { isNew };
  }

  /** The newest delivery of a message, whose receipt is the one that still counts. */
  latest(message: QueueMessage): QueueMessage {
    return this.#messages.get(message.id) ?? message;
  }

  remove(message: QueueMessage): void {
    if (!this.#messages.delete(message.id)) return;
    for (const wake of this.#waiting) wake();
  }

  /** Waits until one of them is done. @throws the signal's reason. */
  async fewer(signal?: AbortSignal): Promise<void> {
    const fewer = Promise.withResolvers<undefined>();
    const wake = (): void => fewer.resolve(undefined);
    this.#waiting.add(wake);
    try {
      await abortable(fewer.promise, signal);
    } finally {
      this.#waiting.delete(wake);
    }
  }

  /** Resolves when nothing is in work any more. */
  async empty(): Promise<void> {
    while (this.#messages.size > 0) await this.fewer();
  }
}
