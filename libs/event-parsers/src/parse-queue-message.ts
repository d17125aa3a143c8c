import { openEnvelope } from './envelope.ts';
import type { ParseOutcome } from './outcome.ts';
import { findQueueParser } from './registry.ts';

/**
 * Reads the body of a queue message, whatever way the notice in it was delivered.
 *
 * @param body - The message's body, as received.
 * @param now - The clock: the start of events that begin at once, and the time of a notice that does not say when it was sent.
 */
export function parseQueueMessage(body: string, now: Date): ParseOutcome {
  return openEnvelope(body, now, findQueueParser);
}
