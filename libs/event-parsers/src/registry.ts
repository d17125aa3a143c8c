import { rebalanceRecommendationDocument } from './imds/rebalance-recommendation.ts';
import { scheduledEvents } from './imds/scheduled-events.ts';
import { spotInstanceAction } from './imds/spot-instance-action.ts';
import { targetLifecycleState } from './imds/target-lifecycle-state.ts';
import { capacityReservationInterruption } from './queue/capacity-reservation-interruption.ts';
import { healthScheduledChange } from './queue/health-scheduled-change.ts';
import { lifecycleLaunch } from './queue/lifecycle-launch.ts';
import { lifecycleTermination } from './queue/lifecycle-termination.ts';
import type { QueueParser } from './queue/queue-parser.ts';
import { rebalanceRecommendation } from './queue/rebalance-recommendation.ts';
import { spotInterruption } from './queue/spot-interruption.ts';
import { stateChange } from './queue/state-change.ts';

/** The documents of instance metadata that are read, one line each. */
export const imdsParsers = {
  'spot-instance-action': spotInstanceAction,
  'rebalance-recommendation': rebalanceRecommendationDocument,
  'scheduled-events': scheduledEvents,
  'target-lifecycle-state': targetLifecycleState,
};

/** The kinds of queue messages that are read, one line each. */
const queueParsers: readonly QueueParser[] = [
  spotInterruption,
  rebalanceRecommendation,
  stateChange,
  lifecycleTermination,
  lifecycleLaunch,
  capacityReservationInterruption,
  healthScheduledChange,
];

/** Finds the parser for a source and detail-type. */
export function findQueueParser(source: string, detailType: string): QueueParser | undefined {
  return queueParsers.find((parser) => parser.source === source && parser.detailType === detailType);
}
