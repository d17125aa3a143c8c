import { openEnvelope } from './envelope.ts';
import { rebalanceRecommendationDocument } from './imds/rebalance-recommendation.ts';
import { scheduledEvents } from './imds/scheduled-events.ts';
import { spotInstanceAction } from './imds/spot-instance-action.ts';
import { targetLifecycleState } from './imds/target-lifecycle-state.ts';
import type { ParseOutcome } from './outcome.ts';
import type { ImdsContext, QueueParser } from './parser.ts';
import {
  capacityReservationInterruption,
  interruptibleCapacityReservationInterruption,
} from './queue/capacity-reservation-interruption.ts';
import { healthScheduledChange } from './queue/health-scheduled-change.ts';
import { lifecycleLaunch, lifecycleTermination } from './queue/lifecycle-action.ts';
import { rebalanceRecommendation } from './queue/rebalance-recommendation.ts';
import { spotInterruption } from './queue/spot-interruption.ts';
import { stateChange } from './queue/state-change.ts';

/** The documents of instance metadata that are read, one line each. */
const imdsParsers = {
  'spot-instance-action': spotInstanceAction,
  'rebalance-recommendation': rebalanceRecommendationDocument,
  'scheduled-events': scheduledEvents,
  'target-lifecycle-state': targetLifecycleState,
};

/** The kinds of queue messages that are read, one line each. */
export const queueParsers: readonly QueueParser[] = [
  spotInterruption,
  rebalanceRecommendation,
  stateChange,
  lifecycleTermination,
  lifecycleLaunch,
  capacityReservationInterruption,
  interruptibleCapacityReservationInterruption,
  healthScheduledChange,
];

/** Names a document of the instance metadata service that can hold notices. */
export type ImdsDocumentName = keyof typeof imdsParsers;

/** Where the documents are, relative to the service's endpoint. */
export const IMDS_DOCUMENT_PATHS: Readonly<Record<ImdsDocumentName, string>> = {
  'spot-instance-action': spotInstanceAction.path,
  'rebalance-recommendation': rebalanceRecommendationDocument.path,
  'scheduled-events': scheduledEvents.path,
  'target-lifecycle-state': targetLifecycleState.path,
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

/**
 * Reads the body of a queue message, whatever way the notice in it was delivered.
 *
 * @param body - The message's body, as received.
 * @param now - The clock: the start of events that begin at once.
 * @param sentAt - When the message was put into the queue (`SentTimestamp`): the time of a notice that does not say when it was given. Default:
 *   `now`.
 */
export function parseQueueMessage(body: string, now: Date, sentAt: Date = now): ParseOutcome {
  return openEnvelope(body, { now, sentAt }, (source, detailType) =>
    queueParsers.find((parser) => parser.source === source && parser.detailType === detailType),
  );
}
