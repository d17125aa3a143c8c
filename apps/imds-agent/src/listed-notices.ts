import { abortable, sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { parseImdsDocument } from '@node-termination-handler/event-parsers';
import type { EventId, ImdsDocumentName, InstanceId, InterruptionEvent } from '@node-termination-handler/event-parsers';
import type { ImdsClient } from '@node-termination-handler/imds-client';
import { isNodeInterruption } from '@node-termination-handler/interruption-handler';
import type { InterruptionHandler, NodeInterruption } from '@node-termination-handler/interruption-handler';
import type { Document } from './documents.ts';

/** So many looks in a row … */
const LOOKS = 3;
/** … with such pauses, in milliseconds: a notice that is absent from all of them, over ten seconds, is gone. */
const PAUSE_MS = 5_000;

/** Where the instance says who it is: a look that does not read that says nothing about what it does not find. */
const OWN_ID = '/latest/meta-data/instance-id';

/** Knows which notices the documents hold. */
export class Notices {
  readonly #byDocument = new Map<ImdsDocumentName, readonly InterruptionEvent[]>();

  /** Takes in what a document holds now, and says whether something is there no longer. */
  update(document: ImdsDocumentName, present: readonly InterruptionEvent[]): { readonly isAnyGone: boolean } {
    const ids = new Set(present.map(({ id }) => id));
    const before = this.#byDocument.get(document) ?? [];
    this.#byDocument.set(document, present);
    return { isAnyGone: before.some(({ id }) => !ids.has(id)) };
  }

  /** Whether a document holds any notice at all. */
  isAny(document: ImdsDocumentName): boolean {
    return (this.#byDocument.get(document)?.length ?? 0) > 0;
  }

  /** Whether any document still holds the notice. */
  has(id: EventId): boolean {
    return this.#byDocument.values().some((events) => events.some((event) => event.id === id));
  }
}

/** What listing the notices of the own instance needs. */
export interface ListingParts {
  readonly imds: Pick<ImdsClient, 'get'>;
  readonly documents: readonly Document[];
  readonly instanceId: InstanceId;
  readonly nodeName: string;
  readonly handler: Pick<InterruptionHandler, 'listed'>;
  readonly clock: Clock;
}

/**
 * Tells the engine what the metadata lists, so that what it lists no longer is over. Asked for at the start and whenever a notice is gone.
 * One absence proves nothing: a proxy that filters or a service that restarts answers 404 too.
 */
export class Listing {
  readonly #parts: ListingParts;
  #asked = Promise.withResolvers<undefined>();

  constructor(parts: ListingParts) {
    this.#parts = parts;
  }

  /** Something may be gone. */
  ask(): void {
    this.#asked.resolve(undefined);
  }

  /** Lists whenever it was asked to, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, documents, handler, instanceId, nodeName } = this.#parts;
    const causes = new Set(documents.flatMap((document) => document.causes));
    const isOver = (): boolean => signal.aborted;
    for (;;) {
      await abortable(this.#asked.promise, signal).catch(() => undefined);
      if (isOver()) return;
      this.#asked = Promise.withResolvers();
      try {
        const events = await this.#look(signal);
        await handler.listed({ name: nodeName, instanceId }, { source: 'imds', causes, events });
      } catch {
        // Whoever reads the documents says how that goes; here it only proves nothing.
        this.ask();
        await sleep(clock, PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  /** Everything that any of several looks has found. @throws when one of them is no proof. */
  async #look(signal: AbortSignal): Promise<readonly NodeInterruption[]> {
    const found = new Map<EventId, NodeInterruption>();
    for (let look = 1; look <= LOOKS; look += 1) {
      if (look > 1) await sleep(this.#parts.clock, PAUSE_MS, signal);
      for (const event of await this.#read(signal)) found.set(event.id, event);
    }
    return [...found.values()];
  }

  async #read(signal: AbortSignal): Promise<readonly NodeInterruption[]> {
    const { clock, documents, imds, instanceId } = this.#parts;
    const [own, ...bodies] = await Promise.all([
      imds.get(OWN_ID, { signal }),
      ...documents.map(async ({ name, path }) => ({ name, body: await imds.get(path, { signal }) })),
    ]);
    if (own?.trim() !== instanceId) throw new Error('the metadata does not say that it is of this instance');
    return bodies.flatMap(({ name, body }) => {
      if (body === undefined) return [];
      const outcome = parseImdsDocument(name, body, { instanceId, now: new Date(clock.now()) });
      if (outcome.status === 'poison') throw new Error(outcome.reason);
      return outcome.status === 'events' ? outcome.events.filter(isNodeInterruption) : [];
    });
  }
}
