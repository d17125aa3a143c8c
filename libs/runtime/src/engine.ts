import { randomUUID } from 'node:crypto';
import {
  createKubernetesCluster,
  holderName,
  InterruptionHandler,
  watchBeats,
} from '@node-termination-handler/interruption-handler';
import { onAbort } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type {
  InterruptionHandlerOptions,
  InterruptionProgress,
  KubernetesClusterOptions,
  Policy,
  RecordWrite,
} from '@node-termination-handler/interruption-handler';
import {
  createBudgetWatch,
  createDrainMemory,
  createEvictionQueue,
  KubernetesApiError,
} from '@node-termination-handler/node-drainer';
import type { BudgetWatch, NodeIndex } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from '@node-termination-handler/settings';
import { isOfDeployment } from './own-pods.ts';
import type { Runtime } from './runtime.ts';
import { labelOf } from './telling/steps.ts';
import { createLastingFailure } from './telling/lasting-failure.ts';
import type { LastingFailure } from './telling/lasting-failure.ts';

/** How long drains under way may go on from the moment the program is told to stop, in milliseconds; a pod's default grace is 30 s. */
export const DRAINS_END_WITHIN_MS = 20_000;

/** How a program uses the engine. */
export interface EngineOptions {
  readonly rebalanceAction: Policy['rebalanceAction'];
  /** Finds nodes. Default: they are asked for one by one. */
  readonly nodes?: NodeIndex | undefined;
  /** Says on pods that are deleted past what holds them that they were disrupted, where that is allowed. Default false. */
  readonly disruptionCondition?: boolean | undefined;
  /** What becomes of the own pod on a node that is drained. Default `stays`, for a program that nobody takes over from. */
  readonly ownPod?: 'stays' | 'goes-last' | undefined;
  /** Default: the engine's own. */
  readonly concurrentDrains?: number;
  /** How long after its drain a lifecycle hook is completed, in seconds. Default 0. */
  readonly completionDelaySeconds?: number | undefined;
  /** The Lease of the release, in the program's namespace. Default: none. */
  readonly lease?: string | undefined;
  /** When the host has booted, where the program runs on the nodes that it takes out of service. */
  readonly bootedAt?: () => Date;
  /** Told each step as it is done; never waited for. */
  readonly tell: (step: InterruptionProgress) => void;
  /** Waited for at the end, when the drains have ended or were handed back: what is still to be done with their results. */
  readonly untilSettled: () => Promise<void>;
}

/** What of a program the engine works with. */
type EngineParts = Pick<
  Runtime<SharedSettings>,
  'client' | 'clock' | 'log' | 'metrics' | 'opened' | 'settings' | 'stop'
>;

/** Starts the engine; at the end of the program drains under way get some time, and what they still tell is heard. */
export function startEngine(runtime: EngineParts, options: EngineOptions): InterruptionHandler {
  const { client, clock, metrics, opened, settings, stop } = runtime;
  const { nodes, concurrentDrains, completionDelaySeconds = 0, lease, bootedAt } = options;
  // An agent has one node, and no right to see budgets.
  const budgets = nodes === undefined ? undefined : budgetsOf(runtime);
  const cluster = {
    ...clusterOptions(settings, clock, options, budgets),
    conditions: conditionsTold(runtime),
    onWrite: (result: RecordWrite) => metrics.countRecordWrite(labelOf(result)),
  };
  const handler = new InterruptionHandler(createKubernetesCluster(client, cluster), {
    ...handlerOptions(settings, options.rebalanceAction, lease),
    clock,
    beats: beatsIn(runtime, lease),
    onClaim: (result) => metrics.countClaim(labelOf(result)),
    completionDelayMs: completionDelaySeconds * 1000,
    ...(bootedAt === undefined ? {} : { bootedAt }),
    ...(concurrentDrains === undefined ? {} : { concurrentDrains }),
  });
  metrics.measureDrainsOverdue(() => handler.drainsOverdue);
  const over = new AbortController();
  const steps = handler.progress(over.signal);
  const told = (async () => {
    for await (const step of steps) options.tell(step);
  })();
  let stoppedAtMs: number | undefined;
  opened.use(onAbort(stop, () => (stoppedAtMs = clock.monotonic())));
  opened.defer(async () => {
    const now = clock.monotonic();
    await handler.close({ graceMs: Math.max(0, DRAINS_END_WITHIN_MS - (now - (stoppedAtMs ?? now))) });
    await options.untilSettled();
    over.abort();
    await told;
  });
  return handler;
}

/** Beats in the release's Lease, where there is one; its trouble is said, and costs nothing but a later takeover. */
function beatsIn(
  { client, clock, log, opened, settings }: EngineParts,
  lease: string | undefined,
): InterruptionHandlerOptions['beats'] {
  const { namespace, dryRun } = settings;
  if (lease === undefined || namespace === undefined || dryRun) return undefined;
  const failure = createLastingFailure({
    log,
    clock,
    failing: `the Lease ${namespace}/${lease} cannot be used, so that a replica that dies is waited for a minute`,
    over: `the Lease ${namespace}/${lease} can be used again`,
    advice: 'the chart makes the Lease and a Role for it: are both there, and bound to this service account?',
  });
  return (self) => {
    const beats = opened.use(
      watchBeats({
        client,
        namespace,
        lease,
        self,
        clock,
        onTrouble: (error) => failure.failed(error),
        onReplaced: () =>
          log.error({ holder: self.holder }, 'another process has the name of this one: it works on no node any more'),
      }),
    );
    beats.onChange(() => {
      if (beats.beats.readableSince !== undefined) failure.succeeded();
    });
    return beats;
  };
}

/** Nothing waits for the conditions of nodes: that they can't be written is said here alone. */
function conditionsTold({ clock, log }: EngineParts): LastingFailure {
  return createLastingFailure({
    log,
    clock,
    failing: 'the conditions of nodes cannot be written; their drains go on all the same',
    over: 'the conditions of nodes can be written again',
    advice: 'allow patch on nodes/status, as the chart does with emitNodeConditions, or set EMIT_NODE_CONDITIONS=false',
    // Once for all nodes, which the answers name.
    reasonOf: (error) =>
      error instanceof KubernetesApiError ? `${error.status} ${error.refusedBy?.name ?? ''}` : undefined,
  });
}

/** Sees when disruption budgets open; its trouble is told once, as it costs half a minute at most. */
function budgetsOf({ client, clock, log, opened }: EngineParts): BudgetWatch {
  let isTold = false;
  const onTrouble = (err: unknown): void => {
    const message =
      'disruption budgets cannot be watched: a pod that one holds is asked again after pauses of up to half a minute';
    log[isTold ? 'debug' : 'info']({ err }, message);
    isTold = true;
  };
  return opened.use(createBudgetWatch(client, { clock, onTrouble }));
}

/** Says how the nodes of the cluster are to be treated. */
export function clusterOptions(
  settings: SharedSettings,
  clock: Clock,
  { nodes, disruptionCondition = false, ownPod = 'stays' }: Partial<EngineOptions> = {},
  budgets?: BudgetWatch,
): KubernetesClusterOptions {
  const { namespace, podName, podTerminationGracePeriodSeconds } = settings;
  const own = podName === undefined || namespace === undefined ? undefined : { namespace, name: podName };
  return {
    dryRun: settings.dryRun,
    evictions: createEvictionQueue({ clock }),
    drain: {
      clock,
      deleteEmptyDirData: settings.deleteLocalData,
      ignoreDaemonSets: settings.ignoreDaemonSets,
      disruptionCondition,
      podGracePeriodSeconds: podTerminationGracePeriodSeconds ?? -1,
      useApiServerCache: settings.useApiserverCache,
      memory: createDrainMemory(),
      budgets,
      skipPods: own === undefined || ownPod === 'goes-last' ? [] : [own],
      ...(own === undefined || ownPod === 'stays' ? {} : { goesLast: isOfDeployment(own) }),
    },
    ...(nodes === undefined ? {} : { nodes }),
  };
}

/** Says what is to be done about each kind of event, and under which name this process claims nodes. */
export function handlerOptions(
  settings: SharedSettings,
  rebalanceAction: Policy['rebalanceAction'],
  lease?: string,
): InterruptionHandlerOptions {
  return {
    policy: {
      cordonOnly: settings.cordonOnly,
      rebalanceAction,
      scheduledEventLeadTimeMs: leadTimeMs(settings),
      podDeadline: settings.podDeadlinePolicy,
      nodeTerminationGracePeriodSeconds: settings.nodeTerminationGracePeriodSeconds,
    },
    marks: {
      taintEffect: settings.taintNode ? settings.taintEffect : false,
      excludeFromLoadBalancers: settings.excludeFromLoadBalancers,
      conditions: settings.emitNodeConditions,
    },
    holder: { name: claimHolder(settings), ...(lease === undefined ? {} : { lease }) },
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
 * What the container of this pod before claimed is the next one's, at once. Without a pod's name nobody knows who was there before, so each
 * process is somebody else.
 */
function claimHolder({ podName, namespace = 'default' }: SharedSettings): ReturnType<typeof holderName> {
  return holderName(namespace, podName ?? `node-termination-handler-${randomUUID().slice(0, 8)}`);
}
