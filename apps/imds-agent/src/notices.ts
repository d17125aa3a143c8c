import type { EventId, ImdsDocumentName, InterruptionEvent } from '@node-termination-handler/event-parsers';

/** What a new version of a document says against the one before. */
export interface NoticeChanges {
  /** In the document now; those seen before are among them, because their state may have changed. */
  readonly present: readonly InterruptionEvent[];
  /** In the document before, and no longer. */
  readonly gone: readonly EventId[];
}

/** Knows which notices the documents hold, to see the ones that are taken back. */
export class Notices {
  readonly #byDocument = new Map<ImdsDocumentName, ReadonlySet<EventId>>();

  /** Takes in what a document holds now. */
  update(document: ImdsDocumentName, present: readonly InterruptionEvent[]): NoticeChanges {
    const ids = new Set(present.map(({ id }) => id));
    const before = this.#byDocument.get(document) ?? new Set<EventId>();
    this.#byDocument.set(document, ids);
    return { present, gone: [...before].filter((id) => !ids.has(id)) };
  }

  /** Whether any document still holds the notice. */
  has(id: EventId): boolean {
    return this.#byDocument.values().some((ids) => ids.has(id));
  }
}
