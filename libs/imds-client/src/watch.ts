import type { ImdsClient } from './client.ts';
import { createMailbox } from './mailbox.ts';
import { wait } from './wait.ts';

/** The longest pause after failures, in milliseconds: a Spot notice leaves two minutes. */
const MAX_BACK_OFF_MS = 5_000;

/** A document to watch. */
export interface WatchedDocument {
  /** What observations of it are called. */
  readonly name: string;
  /** Where it is, such as `/latest/meta-data/spot/instance-action`. */
  readonly path: string;
  /** The time from one poll to the next, in milliseconds; a function is asked before each wait, so that the pace can change. */
  readonly intervalMs: number | (() => number);
}

/** What to watch, and until when. */
export interface WatchOptions {
  readonly documents: readonly WatchedDocument[];
  /** Ends the iteration. */
  readonly signal: AbortSignal;
  /** Tells the time of an observation. Default: the system's clock. */
  readonly clock?: { readonly now: () => Date };
}

/** A document is not what it was before; `body` is `undefined` when it is there no longer. */
export interface DocumentChanged {
  readonly type: 'changed';
  readonly name: string;
  readonly body: string | undefined;
  readonly observedAt: Date;
}

/** A poll has failed, and will be tried again. */
export interface DocumentPollFailed {
  readonly type: 'failed';
  readonly name: string;
  readonly error: unknown;
}

/** A poll has succeeded. */
export interface DocumentPolled {
  readonly type: 'polled';
  readonly name: string;
  readonly observedAt: Date;
}

/** What watching a document brings to light. */
export type DocumentObservation = DocumentChanged | DocumentPollFailed | DocumentPolled;

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
  const { documents, clock = { now: () => new Date() } } = options;
  const mailbox = createMailbox();
  const stop = new AbortController();
  const onAbort = () => stop.abort(options.signal.reason);
  if (options.signal.aborted) return;
  options.signal.addEventListener('abort', onAbort, { once: true });
  const { signal } = stop;
  signal.addEventListener('abort', () => mailbox.close(), { once: true });
  try {
    const polls = documents.map((document, index) => {
      // After the first poll the documents take turns, so that one connection serves them all.
      const turn = (index + 1) / documents.length;
      return pollForever(imds, document, { turn, clock, signal, tell: mailbox.put });
    });
    // Polls end only with the signal; one that throws does so because of what its owner handed in.
    Promise.all(polls).catch((error: unknown) => mailbox.fail(error));
    yield* mailbox.take();
  } finally {
    stop.abort();
    options.signal.removeEventListener('abort', onAbort);
  }
}

interface Polling {
  /** The part of an interval between the first and the second poll. */
  readonly turn: number;
  readonly clock: { readonly now: () => Date };
  readonly signal: AbortSignal;
  readonly tell: (observation: DocumentObservation) => void;
}

async function pollForever(
  imds: Pick<ImdsClient, 'get'>,
  document: WatchedDocument,
  { turn, clock, signal, tell }: Polling,
): Promise<void> {
  const { name, path } = document;
  let seen: string | undefined;
  let failures = 0;
  let share = turn;
  while (!isAborted(signal)) {
    const startedMs = performance.now();
    try {
      const body = await imds.get(path, { signal });
      const observedAt = clock.now();
      failures = 0;
      if (body !== seen) {
        seen = body;
        tell({ type: 'changed', name, body, observedAt });
      }
      tell({ type: 'polled', name, observedAt });
    } catch (error) {
      // An abort is the end, not a failure.
      if (isAborted(signal)) return;
      failures += 1;
      tell({ type: 'failed', name, error });
    }
    const intervalMs = Math.max(
      1,
      typeof document.intervalMs === 'number' ? document.intervalMs : document.intervalMs(),
    );
    await wait(pauseMs(intervalMs * share, failures, performance.now() - startedMs), signal).catch(() => undefined);
    share = 1;
  }
}

/** Asked anew each time: the type checker would take an answer from before an `await` for good. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** The pause before the next poll. A service that is slow or failing is not hurried. */
function pauseMs(intervalMs: number, failures: number, elapsedMs: number): number {
  if (failures === 0) return Math.max(intervalMs - elapsedMs, intervalMs / 2);
  const backOffMs = Math.min(intervalMs * 2 ** failures, Math.max(intervalMs, MAX_BACK_OFF_MS));
  return backOffMs * (0.5 + Math.random() / 2);
}
