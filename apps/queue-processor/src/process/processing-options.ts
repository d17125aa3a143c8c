import type { Logger } from '@node-termination-handler/logger';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { Teller } from '../tell.ts';
import type { EventProcessing } from './process-event.ts';

/** What processing needs beside the settings. */
export interface ProcessingParts extends Pick<
  EventProcessing,
  'instances' | 'nodes' | 'handler' | 'autoScaling' | 'signal'
> {
  readonly teller: Teller;
  readonly log: Logger;
}

/** Says how events are processed under these settings. */
export function processingOptions(
  settings: QueueProcessorSettings,
  { teller, log, ...parts }: ProcessingParts,
): EventProcessing {
  const { heartbeatIntervalSeconds: intervalSeconds, heartbeatUntilSeconds: untilSeconds = 172_800 } = settings;
  return {
    ...parts,
    managed: { checkTag: settings.checkTagBeforeDraining, managedTag: settings.managedTag },
    deleteIfNodeNotFound: settings.deleteSqsMsgIfNodeNotFound,
    completeDelaySeconds: settings.completeLifecycleActionDelaySeconds ?? 0,
    dryRun: settings.dryRun,
    onInstance: (event, verdict) => teller.instance(event, verdict),
    onCompletion: (event, end) => teller.lifecycle(event, end),
    ...(intervalSeconds === undefined
      ? {}
      : { heartbeat: { intervalSeconds, untilSeconds, onWarning: (message: string) => log.warn(message) } }),
  };
}
