import type { DocumentObservation } from './watch.ts';

/** Hands observations from the polls to one consumer. */
export interface Mailbox {
  /** Adds an observation; a poll or failure replaces an older one of the same document that nobody has taken yet. */
  readonly put: (observation: DocumentObservation) => void;
  /** Gives the observations in their order, until the mailbox is closed. */
  readonly take: () => AsyncGenerator<DocumentObservation, void, void>;
  readonly close: () => void;
  /** Closes the mailbox, and has its consumer fail. */
  readonly fail: (error: unknown) => void;
}

/** Makes an empty mailbox. */
export function createMailbox(): Mailbox {
  const waiting: DocumentObservation[] = [];
  let closed = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;

  function put(observation: DocumentObservation): void {
    if (observation.type !== 'changed') removeOlder(observation);
    waiting.push(observation);
    wake?.();
  }

  function removeOlder({ type, name }: DocumentObservation): void {
    const index = waiting.findIndex((other) => other.type === type && other.name === name);
    if (index >= 0) waiting.splice(index, 1);
  }

  async function* take(): AsyncGenerator<DocumentObservation, void, void> {
    while (!closed) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure !== undefined) throw failure.error;
  }

  function close(): void {
    closed = true;
    wake?.();
  }

  function fail(error: unknown): void {
    failure = { error };
    close();
  }

  return { put, take, close, fail };
}
