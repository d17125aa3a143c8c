import type { ImdsContext } from './imds/imds-parser.ts';
import type { ParseOutcome } from './outcome.ts';
import { imdsParsers } from './registry.ts';

/** Names a document of the instance metadata service that can hold notices. */
export type ImdsDocumentName = keyof typeof imdsParsers;

/** Where the documents are, relative to the service's endpoint. */
export const IMDS_DOCUMENT_PATHS: Readonly<Record<ImdsDocumentName, string>> = {
  'spot-instance-action': imdsParsers['spot-instance-action'].path,
  'rebalance-recommendation': imdsParsers['rebalance-recommendation'].path,
  'scheduled-events': imdsParsers['scheduled-events'].path,
  'target-lifecycle-state': imdsParsers['target-lifecycle-state'].path,
};

/**
 * Reads a document of the instance metadata service.
 *
 * A document that is not there (404) is no notice; there is nothing to parse then.
 *
 * @param body - The document, as received.
 */
export function parseImdsDocument(name: ImdsDocumentName, body: string, context: ImdsContext): ParseOutcome {
  return imdsParsers[name].parse(body, context);
}
