import type * as v from 'valibot';
import type { InstanceId } from './event.ts';
import { withFields, withJson } from './fields.ts';
import type { ParseOutcome } from './outcome.ts';

/** One notice, whichever way it came into the queue. */
export interface Envelope {
  /** EventBridge's `id` or Auto Scaling's `RequestId`; without one the action's token, or what else tells it from others. */
  readonly id: string;
  /** When the service sent it; when it was put into the queue where it does not say. */
  readonly time: Date;
  readonly detail: unknown;
  /** The clock handed in. */
  readonly now: Date;
}

/** Reads the notices of one source and detail-type. */
export interface QueueParser {
  readonly source: string;
  readonly detailType: string;
  /** EventBridge's version of the sample. A notice of another version is read as far as it fits: no notice may be lost for a number. */
  readonly version: string;
  readonly parse: (envelope: Envelope) => ParseOutcome;
}

/** What a kind of message has to say about itself. */
export interface QueueFormat<T> {
  /** A message as EventBridge delivers it: its source, detail-type and version are the parser's. */
  readonly sample: Readonly<Record<'source' | 'detail-type' | 'version', string>>;
  /** The fields of `detail` that are read. */
  readonly detail: v.GenericSchema<unknown, T>;
  readonly toOutcome: (detail: T, envelope: Envelope) => ParseOutcome;
}

/** Makes a parser that checks `detail` against its schema before it reads it. */
export function defineQueueParser<T>({ sample, detail: schema, toOutcome }: QueueFormat<T>): QueueParser {
  const { source, version, 'detail-type': detailType } = sample;
  return {
    source,
    detailType,
    version,
    parse: (envelope) => withFields(schema, envelope.detail, 'detail', (detail) => toOutcome(detail, envelope)),
  };
}

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

/** What a document of JSON has to say about itself. */
export interface ImdsFormat<T> {
  /** Where it is, below `/latest/meta-data/`; also what reasons call it. */
  readonly name: string;
  /** The fields that are read. */
  readonly document: v.GenericSchema<unknown, T>;
  readonly toOutcome: (document: T, context: ImdsContext) => ParseOutcome;
}

/** Makes a parser that checks a document against its schema before it reads it. */
export function defineImdsParser<T>({ name, document: schema, toOutcome }: ImdsFormat<T>): ImdsParser {
  return {
    path: `/latest/meta-data/${name}`,
    parse: (body, context) =>
      withJson(body, name, (value) => withFields(schema, value, name, (document) => toOutcome(document, context))),
  };
}
