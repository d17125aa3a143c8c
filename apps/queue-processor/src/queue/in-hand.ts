import type { QueueMessage } from './queue.ts';

/** A message in hand: everything that is written about it to the queue goes through here, one write after the other. */
interface InHand {
  /** The newest delivery, whose receipt is the one that still counts. */
  delivery: QueueMessage;
  /** The write under way. Never rejects. */
  writing: Promise<unknown>;
  /** What is decided of it, is being done: nothing extends its visibility any more. */
  isSettling: boolean;
  /** Its delivery no longer counts, and there is none yet that does. */
  isLost: boolean;
}

/** The messages this process has received and not yet finished with. */
export class MessagesInHand {
  readonly #messages = new Map<string, InHand>();
  readonly #onEmpty = new Set<() => void>();

  get size(): number {
    return this.#messages.size;
  }

  /** Takes a delivery in; a second delivery of a message that is in hand replaces the first one's receipt. */
  add(delivery: QueueMessage): { readonly isNew: boolean } {
    const known = this.#messages.get(delivery.id);
    if (known === undefined) {
      this.#messages.set(delivery.id, { delivery, writing: Promise.resolve(), isSettling: false, isLost: false });
      return { isNew: true };
    }
    known.delivery = delivery;
    known.isLost = false;
    return { isNew: false };
  }

  /**
   * Writes something about every message that is in hand and stays there, each after what is being written about it, and ends with all of
   * it. What is lost is passed over until it is delivered again.
   *
   * @param write - Its `'lost'`: the delivery no longer counts.
   * @returns what failed.
   */
  async writeAll(write: (delivery: QueueMessage) => Promise<'kept' | 'lost'>): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    const writes = [...this.#messages.values()].map((one) =>
      chain(one, async () => {
        const { delivery } = one;
        if (one.isSettling || one.isLost) return;
        const end = await write(delivery);
        if (end === 'lost' && one.delivery === delivery) one.isLost = true;
      }).catch((error: unknown) => void failures.push(error)),
    );
    await Promise.all(writes);
    return failures;
  }

  /**
   * Does what was decided of a message with its newest delivery, after what is being written about it, and lets go of it. A delivery that
   * comes meanwhile has it done once more.
   *
   * @throws what the writing throws; the message is let go of all the same.
   */
  async settle({ id }: QueueMessage, write: (delivery: QueueMessage) => Promise<void>): Promise<void> {
    const one = this.#messages.get(id);
    if (one === undefined) return;
    one.isSettling = true;
    try {
      await chain(one, async () => {
        let written: QueueMessage | undefined;
        while (written !== one.delivery) {
          written = one.delivery;
          await write(written);
        }
      });
    } finally {
      this.#messages.delete(id);
      if (this.#messages.size === 0) for (const wake of this.#onEmpty) wake();
    }
  }

  /** Resolves when nothing is in hand any more. */
  async empty(): Promise<void> {
    if (this.#messages.size === 0) return;
    const empty = Promise.withResolvers<undefined>();
    const wake = (): void => empty.resolve(undefined);
    this.#onEmpty.add(wake);
    await empty.promise;
    this.#onEmpty.delete(wake);
  }
}

function chain(one: InHand, write: () => Promise<void>): Promise<void> {
  const written = one.writing.then(write);
  one.writing = written.catch(() => undefined);
  return written;
}
