import type { InstanceId } from '../event.ts';
import type { ParseOutcome } from '../outcome.ts';

/** What a document does not say itself. */
export interface ImdsContext {
  /** The instance whose metadata the document is. */
  readonly instanceId: InstanceId;
  /** The clock. */
  readonly now: Date;
}

/** Reads one document of the instance metadata service. */
export interface ImdsParser {
  /** Where the document is, with a leading slash. */
  readonly path: string;
  readonly parse: (body: string, context: ImdsContext) => ParseOutcome;
}
