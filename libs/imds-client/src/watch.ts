import { onAbort, systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { ImdsClient } from './client.ts';
import { createSchedule } from './schedule.ts';

/** A document to watch. */
export interface WatchedDocument {
  /** What observations of it are called. */
  readonly name: string;
  /** Where it is, such as `/latest/meta-data/spot/instance-action`. */
  readonly path: string;
  /** The time from one poll to the next, in milliseconds; a function is asked after each poll, so that the pace can change. */
  readonly intervalMs: number | (() => number);
}

/** What to watch, and until when. */
export interface WatchOptions {
  readonly documents: readonly WatchedDocument[];
  /** Ends the iteration. */
  readonly signal: AbortSignal;
  /** Where the time comes from. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** What watching a document brings to light. */
export type DocumentObservation =
  /** It is not what it was before; `body` is `undefined` when it is there no longer. */
  | { readonly type: 'changed'; readonly name: string; readonly body: string | undefined; readonly observedAt: Date }
  /** A poll has failed, and will be tried again. */
  | { readonly type: 'failed'; readonly name: string; readonly error: unknown }
  /** A poll has succeeded. */
  | { readonly type: 'polled'; readonly name: string; readonly observedAt: Date };

/**
 * Watches documents of the instance metadata service.
 *
 * Polls each document at once and then at its own pace, and tells when its body differs from the one seen last. A document that is
 * absent from the beginning says nothing. A poll that fails is told and tried again, later and later; it never ends the iteration, and a
 * document that is slow holds up no other. The iteration ends when the signal is aborted or the consumer leaves the loop.
 *
 * A consumer that falls behind misses no change; of polls and failures it sees the newest of each document.
 */
export async function* watchDocuments(
  imds: Pick<ImdsClient, 'get'>,
  options: WatchOptions,
): AsyncGenerator<DocumentObservation, void, void> {
  const { documents, clock = systemClock } = options;
  if (options.signal.aborted) return;
  const mailbox = createMailbox();
  const stop = new AbortController();
  const { signal } = stop;
  const end = () => {
    stop.abort();
    mailbox.close();
  };
  const aborted = onAbort(options.signal, end);

  const schedule = createSchedule(
    clock,
    documents.map((document) => ({ poll: pollerOf(document), intervalMs: document.intervalMs })),
    mailbox.fail,
  );

  function pollerOf({ name, path }: WatchedDocument): () => Promise<boolean> {
    let seen: string | undefined;
    return async () => {
      let body: string | undefined;
      try {
        body = await imds.get(path, { signal });
      } catch (error) {
        mailbox.put({ type: 'failed', name, error });
        return false;
      }
      const observedAt = new Date(clock.now());
      if (body !== seen) {
        seen = body;
        mailbox.put({ type: 'changed', name, body, observedAt });
      }
      mailbox.put({ type: 'polled', name, observedAt });
      return true;
    };
  }

  try {
    yield* mailbox.take();
  } finally {
    schedule.stop();
    stop.abort();
    aborted[Symbol.dispose]();
  }
}

/** Hands observations from the polls to one consumer. */
function createMailbox() {
  const waiting: DocumentObservation[] = [];
  let closed = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;

  /** Adds an observation; a poll or failure replaces an older one of the same document that nobody has taken yet. */
  function put(observation: DocumentObservation): void {
    if (observation.type !== 'changed') removeOlder(observation);
    waiting.push(observation);
    wake?.();
  }

  function removeOlder({ type, name }: DocumentObservation): void {
    const index = waiting.findIndex((other) => other.type === type && other.name === name);
    if (index >= 0) waiting.splice(index, 1);
  }

  /** Gives the observations in their order, until the mailbox is closed. */
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

  /** Closes the mailbox, and has its consumer fail. */
  function fail(error: unknown): void {
    failure = { error };
    close();
  }

  return { put, take, close, fail };
}
