import type * as v from 'valibot';

import type { Envelope, EnvelopeReader } from '../envelope.ts';
import { withFields } from '../fields.ts';
import type { ParseOutcome } from '../outcome.ts';

/** Reads the notices of one source and detail-type. */
export interface QueueParser extends EnvelopeReader {
  readonly source: string;
  readonly detailType: string;
}

/** What a kind of message has to say about itself. */
export interface QueueParserDefinition<T> {
  readonly source: string;
  readonly detailType: string;
  /** The fields of `detail` that are read. */
  readonly detail: v.GenericSchema<unknown, T>;
  readonly toOutcome: (detail: T, envelope: Envelope) => ParseOutcome;
}

/** Makes a parser that checks `detail` against its schema before it reads it. */
export function defineQueueParser<T>(definition: QueueParserDefinition<T>): QueueParser {
  const { source, detailType, detail: schema, toOutcome } = definition;
  return {
    source,
    detailType,
    parse: (envelope) => withFields(schema, envelope.detail, 'detail', (detail) => toOutcome(detail, envelope)),
  };
}
