import { randomUUID } from 'node:crypto';
import type {
  InterruptionHandlerOptions,
  KubernetesClusterOptions,
  Policy,
} from '@node-termination-handler/interruption-handler';
import { createEvictionQueue } from '@node-termination-handler/node-drainer';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from './shared-settings.ts';

/** Says how the nodes of the cluster are to be treated. */
export function clusterOptions(settings: SharedSettings, nodes?: NodeIndex): KubernetesClusterOptions {
  const { namespace, podName, podTerminationGracePeriodSeconds } = settings;
  return {
    taintEffect: settings.taintNode ? settings.taintEffect : false,
    excludeFromLoadBalancers: settings.excludeFromLoadBalancers,
    dryRun: settings.dryRun,
    evictions: createEvictionQueue(),
    drain: {
      deleteEmptyDirData: settings.deleteLocalData,
      ignoreDaemonSets: settings.ignoreDaemonSets,
      podGracePeriodSeconds: podTerminationGracePeriodSeconds ?? -1,
      useApiServerCache: settings.useApiserverCache,
      onDeadline: settings.podDeadlinePolicy,
      skipPods: podName === undefined || namespace === undefined ? [] : [{ namespace, name: podName }],
    },
    ...(nodes === undefined ? {} : { nodes }),
  };
}

/** Says what is to be done about each kind of event, and under which name this process claims nodes. */
export function handlerOptions(
  settings: SharedSettings,
  rebalanceAction: Policy['rebalanceAction'],
): InterruptionHandlerOptions {
  return {
    policy: {
      cordonOnly: settings.cordonOnly,
      rebalanceAction,
      scheduledEventLeadTimeMs: leadTimeMs(settings),
      nodeTerminationGracePeriodSeconds: settings.nodeTerminationGracePeriodSeconds,
    },
    holder: claimHolder(settings),
    outOfServiceTaint: settings.enableOutOfServiceTaint && !settings.cordonOnly,
    dryRun: settings.dryRun,
  };
}

function leadTimeMs({
  scheduledEventLeadTime,
  nodeTerminationGracePeriodSeconds,
}: SharedSettings): number | 'immediate' {
  if (scheduledEventLeadTime === 'immediate') return 'immediate';
  return (scheduledEventLeadTime === 'grace' ? nodeTerminationGracePeriodSeconds : scheduledEventLeadTime) * 1000;
}

/**
 * A pod has one container of this program, and its restart follows its end: what the one before claimed is the next one's, at once.
 * Without a pod's name nobody knows who was there before, so each process is somebody else.
 */
function claimHolder({ podName, namespace }: SharedSettings): string {
  if (podName === undefined) return `node-termination-handler-${randomUUID().slice(0, 8)}`;
  return namespace === undefined ? podName : `${namespace}/${podName}`;
}
