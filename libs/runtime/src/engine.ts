import { randomUUID } from 'node:crypto';
import { createKubernetesCluster, InterruptionHandler } from '@node-termination-handler/interruption-handler';
import type {
  InterruptionHandlerOptions,
  InterruptionProgress,
  KubernetesClusterOptions,
  Policy,
} from '@node-termination-handler/interruption-handler';
import { createDrainMemory, createEvictionQueue } from '@node-termination-handler/node-drainer';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from '@node-termination-handler/settings';
import type { Runtime } from './runtime.ts';

/** How long drains under way may go on when the program is told to stop, in milliseconds; a pod's default grace is 30 s. */
export const DRAINS_END_WITHIN_MS = 20_000;

/** How a program uses the engine. */
export interface EngineOptions {
  readonly rebalanceAction: Policy['rebalanceAction'];
  /** Finds nodes. Default: they are asked for one by one. */
  readonly nodes?: NodeIndex;
  /** Default: the engine's own. */
  readonly concurrentDrains?: number;
  /** Told each step as it is done; never waited for. */
  readonly tell: (step: InterruptionProgress) => void;
  /** Waited for at the end, when the drains have ended or were handed back: what is still to be done with their results. */
  readonly untilSettled: () => Promise<void>;
}

/** Starts the engine; when the program ends, drains under way get some time, and what they still tell is heard. */
export function startEngine(
  { client, opened, settings }: Pick<Runtime<SharedSettings>, 'client' | 'opened' | 'settings'>,
  { rebalanceAction, nodes, concurrentDrains, tell, untilSettled }: EngineOptions,
): InterruptionHandler {
  const handler = new InterruptionHandler(createKubernetesCluster(client, clusterOptions(settings, nodes)), {
    ...handlerOptions(settings, rebalanceAction),
    ...(concurrentDrains === undefined ? {} : { concurrentDrains }),
  });
  const over = new AbortController();
  const steps = handler.progress(over.signal);
  const told = (async () => {
    for await (const step of steps) tell(step);
  })();
  opened.defer(async () => {
    await handler.close({ graceMs: DRAINS_END_WITHIN_MS });
    await untilSettled();
    over.abort();
    await told;
  });
  return handler;
}

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
      memory: createDrainMemory(),
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
