import { EventEmitter, once } from 'node:events';
import type { QueueMessage } from './message.ts';

/** The messages this process has received and not yet finished with. */
export class MessagesInWork {
  readonly #messages = new Map<string, QueueMessage>();
  readonly #changed = new EventEmitter<{ less: [] }>().setMaxListeners(0);
  readonly #limit: number;

  /** @param limit how many messages may be in work before no more are asked for. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#messages.size;
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
    if (this.#messages.delete(message.id)) this.#changed.emit('less');
  }

  /** Resolves when there is room for another batch. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#messages.size >= this.#limit) await once(this.#changed, 'less', { signal });
  }

  /** Resolves when nothing is in work any more. */
  async empty(): Promise<void> {
    while (this.#messages.size > 0) await once(this.#changed, 'less');
  }
}
