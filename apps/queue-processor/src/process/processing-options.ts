import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { Logger } from '@node-termination-handler/logger';
import { completeLifecycleAction } from '@node-termination-handler/runtime/lifecycle';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { setTimeout as delay } from 'node:timers/promises';
import { completeOnce } from '../lifecycle/complete-once.ts';
import type { Complete } from '../lifecycle/complete-once.ts';
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
    complete: completeOnce(completion(settings, parts.autoScaling)),
    dryRun: settings.dryRun,
    onInstance: (event, verdict) => teller.instance(event, verdict),
    onCompletion: (event, end) => teller.lifecycle(event, end),
    ...(intervalSeconds === undefined
      ? {}
      : { heartbeat: { intervalSeconds, untilSeconds, onWarning: (message: string) => log.warn(message) } }),
  };
}

/** The drain is done: what is left is a matter of moments, and goes on while the process stops. */
function completion(settings: QueueProcessorSettings, autoScaling: AutoScalingClient): Complete {
  const { completeLifecycleActionDelaySeconds: delaySeconds = 0 } = settings;
  return async (hook, instanceId) => {
    if (delaySeconds > 0) await delay(delaySeconds * 1000);
    return completeLifecycleAction(autoScaling, { ...hook, instanceId }, AbortSignal.timeout(60_000));
  };
}
