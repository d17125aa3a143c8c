import { IMDS_DOCUMENT_PATHS } from '@node-termination-handler/event-parsers';
import type { ImdsDocumentName } from '@node-termination-handler/event-parsers';
import type { WatchedDocument } from '@node-termination-handler/imds-client';
import type { Policy } from '@node-termination-handler/interruption-handler';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/**
 * How many times longer than the shortest interval each document can wait: a Spot notice leaves two minutes and a
 * lifecycle action has begun already, a rebalance recommendation comes early, and scheduled events come days ahead.
 */
const PATIENCE: Readonly<Record<ImdsDocumentName, number>> = {
  'spot-instance-action': 1,
  'target-lifecycle-state': 1,
  'rebalance-recommendation': 3,
  'scheduled-events': 10,
};

/** What a rebalance recommendation leads to under these settings. */
export function rebalanceAction(settings: ImdsAgentSettings): Policy['rebalanceAction'] {
  if (settings.rebalanceAction !== undefined) return settings.rebalanceAction;
  if (settings.enableRebalanceDraining) return 'drain';
  return settings.enableRebalanceMonitoring ? 'cordon' : 'none';
}

/** The documents to watch under these settings. */
export function watchedDocuments(
  settings: ImdsAgentSettings,
): (WatchedDocument & { readonly name: ImdsDocumentName })[] {
  const wanted: Readonly<Record<ImdsDocumentName, boolean>> = {
    'spot-instance-action': settings.enableSpotInterruptionDraining,
    'target-lifecycle-state': settings.enableAsgLifecycleDraining,
    'rebalance-recommendation': rebalanceAction(settings) !== 'none',
    'scheduled-events': settings.enableScheduledEventDraining,
  };
  return Object.entries(PATIENCE)
    .map(([key, patience]) => ({ name: key as ImdsDocumentName, patience }))
    .filter(({ name }) => wanted[name])
    .map(({ name, patience }) => ({
      name,
      path: IMDS_DOCUMENT_PATHS[name],
      intervalMs: settings.metadataPollIntervalMs * patience,
    }));
}
