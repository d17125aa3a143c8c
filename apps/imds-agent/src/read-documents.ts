import { parseImdsDocument } from '@node-termination-handler/event-parsers';
import type { ImdsDocumentName, InstanceId, InterruptionEvent } from '@node-termination-handler/event-parsers';
import { watchDocuments } from '@node-termination-handler/imds-client';
import type { DocumentObservation, ImdsClient } from '@node-termination-handler/imds-client';
import { errorText } from '@node-termination-handler/logger';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import type { Document } from './documents.ts';

/** Without a successful poll of a document for so long, or three of its intervals, the agent is not ready, in milliseconds. */
const READ_WITHIN_MS = 30_000;

/** Without any poll of a document for so long beside its interval its loop is stuck, in milliseconds: a poll has a time limit. */
const TURN_WITHIN_MS = 60_000;

/** What a document says now. */
export interface ReadDocument {
  readonly document: ImdsDocumentName;
  /** Absent where the metadata has no such document now. */
  readonly body?: string;
  readonly events: readonly InterruptionEvent[];
}

/** What reading documents needs. */
export interface ReadDocumentsOptions {
  readonly documents: readonly Document[];
  readonly instanceId: InstanceId;
  readonly firstLook: FirstLook;
  readonly runtime: Pick<Runtime<ImdsAgentSettings>, 'clock' | 'health' | 'log' | 'stop' | 'telling'>;
}

/**
 * Watches the documents, each at its own pace, and gives what one says each time that it changes; until the program stops.
 *
 * Each document has a health of its own: one that cannot be read hides behind no other.
 */
export async function* readDocuments(
  imds: Pick<ImdsClient, 'get'>,
  { documents, instanceId, firstLook, runtime }: ReadDocumentsOptions,
): AsyncGenerator<ReadDocument, void, void> {
  const { clock, stop, telling } = runtime;
  const watched = new Map(documents.map((document) => [document.name as string, watch(document, runtime)]));
  for (const { monitor } of documents) telling.monitors.started(monitor);
  for await (const observation of watchDocuments(imds, { documents, signal: stop, clock })) {
    const document = watched.get(observation.name);
    if (document === undefined) continue;
    document.observed(observation);
    if (observation.type === 'polled') firstLook.polled(document.name);
    if (observation.type !== 'changed') continue;
    const { body } = observation;
    const events = parse(document.name, body, instanceId, runtime);
    firstLook.read(document.name, events !== undefined);
    if (events !== undefined) yield { document: document.name, events, ...(body === undefined ? {} : { body }) };
  }
}

interface Watched {
  readonly name: ImdsDocumentName;
  readonly observed: (observation: DocumentObservation) => void;
}

/** Tells the probes, the log and the metrics how the polls of a document go. */
function watch(document: Document, { health, telling }: ReadDocumentsOptions['runtime']): Watched {
  const { name, monitor } = document;
  const longestMs = document.intervalMs();
  const loop = health.loop(`polls of ${name}`, { withinMs: TURN_WITHIN_MS + 2 * longestMs });
  const metadata = health.dependency(`instance metadata: ${name}`, {
    withinMs: Math.max(READ_WITHIN_MS, 3 * longestMs),
  });
  return {
    name,
    observed(observation) {
      loop.turned();
      if (observation.type === 'polled') {
        metadata.succeeded();
        telling.monitors.succeeded(monitor);
      }
      if (observation.type === 'failed') {
        metadata.failed(errorText(observation.error));
        telling.monitors.failed(monitor, observation.error);
      }
    },
  };
}

/** What a document says; `undefined` when it could not be understood. */
function parse(
  document: ImdsDocumentName,
  body: string | undefined,
  instanceId: InstanceId,
  { clock, log }: Pick<ReadDocumentsOptions['runtime'], 'clock' | 'log'>,
): readonly InterruptionEvent[] | undefined {
  if (body === undefined) return [];
  const outcome = parseImdsDocument(document, body, { instanceId, now: new Date(clock.now()) });
  switch (outcome.status) {
    case 'events':
      for (const reason of outcome.rejected ?? [])
        log.warn({ document, reason }, 'an entry of a metadata document could not be understood');
      return outcome.events;
    case 'not-actionable':
      log.debug({ document, reason: outcome.reason }, 'a metadata document needs no action');
      return [];
    case 'poison':
      log.warn({ document, reason: outcome.reason }, 'a metadata document could not be understood');
      return undefined;
  }
}

/** Knows when every watched document has been seen once: before that, a notice that is not seen may still be there. */
export class FirstLook {
  readonly #unseen: Set<ImdsDocumentName>;
  readonly #unclear = new Set<ImdsDocumentName>();
  readonly #over = Promise.withResolvers<undefined>();

  constructor(documents: Iterable<ImdsDocumentName>) {
    this.#unseen = new Set(documents);
  }

  /** Settles when the first look is over. */
  get over(): Promise<undefined> {
    return this.#over.promise;
  }

  /** The document was read; `clear` when it was also understood. */
  read(document: ImdsDocumentName, clear: boolean): void {
    if (clear) this.#unclear.delete(document);
    else this.#unclear.add(document);
  }

  /** A poll of the document has ended well. */
  polled(document: ImdsDocumentName): void {
    if (this.#unclear.has(document)) return;
    this.#unseen.delete(document);
    if (this.#unseen.size === 0) this.#over.resolve(undefined);
  }
}
