import { IMDS_DOCUMENT_PATHS } from '@node-termination-handler/event-parsers';
import type { ImdsDocumentName, MonitorName } from '@node-termination-handler/event-parsers';
import type { WatchedDocument } from '@node-termination-handler/imds-client';
import type { Policy } from '@node-termination-handler/interruption-handler';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/**
 * How many times longer than the shortest interval each document can wait: a Spot notice leaves two minutes and a
 * lifecycle action has begun already, a rebalance recommendation comes early, and scheduled events come days ahead.
 */
const INTERVAL_FACTORS: Readonly<Record<ImdsDocumentName, number>> = {
  'spot-instance-action': 1,
  'target-lifecycle-state': 1,
  'rebalance-recommendation': 3,
  'scheduled-events': 10,
};

/** What the Go handler calls the part of the program that watches each document. */
export const MONITORS: Readonly<Record<ImdsDocumentName, MonitorName>> = {
  'spot-instance-action': 'SPOT_ITN_MONITOR',
  'target-lifecycle-state': 'ASG_LIFECYCLE_MONITOR',
  'rebalance-recommendation': 'REBALANCE_RECOMMENDATION_MONITOR',
  'scheduled-events': 'SCHEDULED_EVENT_MONITOR',
};

/** What a rebalance recommendation leads to under these settings. */
export function rebalanceAction(settings: ImdsAgentSettings): Policy['rebalanceAction'] {
  if (settings.rebalanceAction !== undefined) return settings.rebalanceAction;
  if (settings.enableRebalanceDraining) return 'drain';
  return settings.enableRebalanceMonitoring ? 'cordon' : 'none';
}

/** How many times more often the urgent documents are polled while a rebalance recommendation stands. */
const FASTER = 3;

/** A document to watch. */
export type Document = WatchedDocument & { readonly name: ImdsDocumentName };

/** The time between two polls of a document as it is now, in milliseconds. */
export function intervalOf({ intervalMs }: Document): number {
  return typeof intervalMs === 'number' ? intervalMs : intervalMs();
}

/**
 * The documents to watch under these settings.
 *
 * @param isRebalanceAdvised - Whether a rebalance recommendation stands: a Spot notice often follows, and is then looked for more often.
 */
export function watchedDocuments(
  settings: ImdsAgentSettings,
  isRebalanceAdvised: () => boolean = () => false,
): Document[] {
  const wanted: Readonly<Record<ImdsDocumentName, boolean>> = {
    'spot-instance-action': settings.enableSpotInterruptionDraining,
    'target-lifecycle-state': settings.enableAsgLifecycleDraining,
    'rebalance-recommendation': rebalanceAction(settings) !== 'none',
    'scheduled-events': settings.enableScheduledEventDraining,
  };
  return Object.entries(INTERVAL_FACTORS)
    .map(([key, factor]) => ({ name: key as ImdsDocumentName, factor }))
    .filter(({ name }) => wanted[name])
    .map(({ name, factor }) => ({
      name,
      path: IMDS_DOCUMENT_PATHS[name],
      intervalMs: () =>
        factor === 1 && isRebalanceAdvised()
          ? settings.metadataPollIntervalMs / FASTER
          : settings.metadataPollIntervalMs * factor,
    }));
}
