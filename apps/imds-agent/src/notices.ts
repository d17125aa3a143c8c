import type { EventId, ImdsDocumentName, InterruptionEvent } from '@node-termination-handler/event-parsers';
import { decide, DEFAULT_POLICY, isNodeInterruption } from '@node-termination-handler/interruption-handler';

/** What a new version of a document says against the one before. */
export interface NoticeChanges {
  /** In the document now; those seen before are among them, because their state may have changed. */
  readonly present: readonly InterruptionEvent[];
  /** In the document before, and no longer. */
  readonly gone: readonly EventId[];
}

/** Knows which notices the documents hold, to see the ones that are taken back. */
export class Notices {
  readonly #byDocument = new Map<ImdsDocumentName, readonly InterruptionEvent[]>();

  /** Takes in what a document holds now. */
  update(document: ImdsDocumentName, present: readonly InterruptionEvent[]): NoticeChanges {
    const ids = new Set(present.map(({ id }) => id));
    const before = this.#byDocument.get(document) ?? [];
    this.#byDocument.set(document, present);
    return { present, gone: before.map(({ id }) => id).filter((id) => !ids.has(id)) };
  }

  /** Whether a document holds any notice at all. */
  isAny(document: ImdsDocumentName): boolean {
    return (this.#byDocument.get(document)?.length ?? 0) > 0;
  }

  /** Whether any document still holds the notice. */
  has(id: EventId): boolean {
    return this.#byDocument.values().some((events) => events.some((event) => event.id === id));
  }

  /** The notices that still ask for something: a scheduled event that is completed or cancelled stays in its document for a while. */
  active(now: Date): EventId[] {
    return [...this.#byDocument.values()]
      .flat()
      .filter((event) => isNodeInterruption(event) && decide(event, DEFAULT_POLICY, now).action !== 'release')
      .map(({ id }) => id);
  }
}
