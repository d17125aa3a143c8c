import type { ImdsDocumentName } from '@node-termination-handler/event-parsers';

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
