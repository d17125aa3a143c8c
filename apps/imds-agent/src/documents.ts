import { IMDS_DOCUMENT_PATHS } from '@node-termination-handler/event-parsers';
import type { ImdsDocumentName, MonitorName } from '@node-termination-handler/event-parsers';
import type { WatchedDocument } from '@node-termination-handler/imds-client';
import type { Cause, Policy } from '@node-termination-handler/interruption-handler';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/** What a rebalance recommendation leads to under these settings. */
export function rebalanceAction(settings: ImdsAgentSettings): Policy['rebalanceAction'] {
  if (settings.rebalanceAction !== undefined) return settings.rebalanceAction;
  if (settings.enableRebalanceDraining) return 'drain';
  return settings.enableRebalanceMonitoring ? 'cordon' : 'none';
}

/** How many times more often the urgent documents are polled while a rebalance recommendation stands. */
const FASTER = 3;

/** A document to watch, and what there is to know of it. */
export interface Document extends WatchedDocument {
  readonly name: ImdsDocumentName;
  readonly intervalMs: () => number;
  /** What the Go handler calls the part of the program that watches it. */
  readonly monitor: MonitorName;
  /** What it would tell of. What earlier programs have left on the node is of any of them. */
  readonly causes: readonly Cause[];
}

/**
 * How many times longer than the shortest interval each document can wait: a Spot notice leaves two minutes and a
 * lifecycle action has begun already, a rebalance recommendation comes early, and scheduled events come days ahead.
 */
const DOCUMENTS: readonly (Pick<Document, 'name' | 'monitor' | 'causes'> & {
  readonly factor: number;
  readonly isWanted: (settings: ImdsAgentSettings) => boolean;
})[] = [
  {
    ...{ name: 'spot-instance-action', monitor: 'SPOT_ITN_MONITOR', causes: ['spot'], factor: 1 },
    isWanted: (settings) => settings.enableSpotInterruptionDraining,
  },
  {
    ...{ name: 'target-lifecycle-state', monitor: 'ASG_LIFECYCLE_MONITOR', causes: ['target'], factor: 1 },
    isWanted: (settings) => settings.enableAsgLifecycleDraining,
  },
  {
    ...{
      name: 'rebalance-recommendation',
      monitor: 'REBALANCE_RECOMMENDATION_MONITOR',
      causes: ['rebalance'],
      factor: 3,
    },
    isWanted: (settings) => rebalanceAction(settings) !== 'none',
  },
  {
    ...{ name: 'scheduled-events', monitor: 'SCHEDULED_EVENT_MONITOR', causes: ['scheduled', 'label'], factor: 10 },
    isWanted: (settings) => settings.enableScheduledEventDraining,
  },
];

/**
 * The documents to watch under these settings.
 *
 * @param isRebalanceAdvised - Whether a rebalance recommendation stands: a Spot notice often follows, and is then looked for more often.
 */
export function watchedDocuments(
  settings: ImdsAgentSettings,
  isRebalanceAdvised: () => boolean = () => false,
): Document[] {
  const { metadataPollIntervalMs: shortestMs } = settings;
  return DOCUMENTS.filter(({ isWanted }) => isWanted(settings)).map(({ factor, isWanted: _isWanted, ...document }) => ({
    ...document,
    path: IMDS_DOCUMENT_PATHS[document.name],
    intervalMs: () => (factor === 1 && isRebalanceAdvised() ? shortestMs / FASTER : shortestMs * factor),
  }));
}
