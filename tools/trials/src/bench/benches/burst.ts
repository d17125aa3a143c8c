import { sleep, systemClock } from '@node-termination-handler/clock';
import type { AwsSimulator } from '@node-termination-handler/sandbox';
import type { Bench, BenchContext } from '../bench.ts';
import type { Cluster, RequestCount } from '../cluster/cluster.ts';
import { makeNodes, openWorld } from '../programs/instance.ts';
import { startProcessor } from '../programs/start.ts';
import type { Side } from '../programs/start.ts';
import { waitUntil } from '../../wait.ts';

/** Long enough to be sure that the baseline does not end soon; waiting for its end would take many minutes. */
const BASELINE_MS = 40_000;
const OURS_MS = 240_000;
export const PODS = 10;

/** How a burst of terminations went. */
export interface Burst {
  /** Until all nodes were cordoned, in milliseconds; `undefined` when not all were. */
  readonly cordonedMs: number | undefined;
  readonly nodesCordoned: number;
  /** Until all hooks were completed and all messages deleted. */
  readonly completedMs: number | undefined;
  readonly nodesCompleted: number;
  readonly redeliveries: number;
  readonly describes: number;
  readonly requests: readonly RequestCount[];
  readonly peakMiB: number;
  /** CPU time of the program, its start included. */
  readonly cpuMs: number;
}

/** A hundred lifecycle terminations at the same time, ten pods on each node. */
export const burst: Bench = {
  name: 'burst',
  title: '100 lifecycle terminations at once, 10 pods a node',
  async run(context) {
    const ours = await measureBurst(context, 'ours', 100);
    const baseline = await measureBurst(context, 'baseline', 100);
    const cutOff = (value: number | undefined) => ({
      baseline: value ?? BASELINE_MS,
      isBaselineCutOff: value === undefined,
    });
    const total = (counts: readonly RequestCount[]) => counts.reduce((sum, { count }) => sum + count, 0);
    return {
      figures: [
        {
          id: 'burst.cordoned',
          title: '100 terminations: all cordoned',
          unit: 'ms',
          ours: ours.cordonedMs ?? Infinity,
          target: 1_000,
          ...cutOff(baseline.cordonedMs),
        },
        {
          id: 'burst.completed',
          title: '… all drained, completed, deleted',
          unit: 'ms',
          ours: ours.completedMs ?? Infinity,
          target: 3_500,
          ...cutOff(baseline.completedMs),
        },
        {
          id: 'burst.redeliveries',
          title: '… messages received again while in work',
          unit: 'times',
          ours: ours.redeliveries,
          baseline: baseline.redeliveries,
          target: 0,
        },
        {
          id: 'burst.describes',
          title: '… DescribeInstances',
          unit: 'calls',
          ours: ours.describes,
          baseline: baseline.describes,
          target: 10,
        },
        {
          id: 'burst.requests',
          title: '… requests to the API server a node',
          unit: 'requests',
          ours: total(ours.requests) / 100,
          baseline: total(baseline.requests) / Math.max(1, baseline.nodesCompleted),
          target: 14,
        },
        { id: 'burst.peak', title: '… most memory', unit: 'MiB', ours: ours.peakMiB },
        { id: 'burst.cpu', title: '… CPU time, start included', unit: 'ms', ours: ours.cpuMs },
      ],
      tables: {
        'requests to the API server': [
          ['verb', 'resource', 'a node'],
          ...ours.requests.map(({ verb, resource, count }) => [verb, resource, (count / 100).toFixed(2)]),
        ],
      },
    };
  },
};

/** Begins so many terminations at once, and follows them to their end. */
export async function measureBurst(context: BenchContext, side: Side, count: number): Promise<Burst> {
  await using cluster = await context.openCluster();
  const nodes = makeNodes(count, { pods: PODS });
  await using aws = await openWorld(cluster, nodes);
  await using program = startProcessor(side, cluster, aws);
  const isPolling = () => aws.calls('sqs', 'ReceiveMessage').length > 0;
  await program.during(waitUntil(isPolling, 60_000));
  await sleep(systemClock, 1_000);
  await cluster.takeRequests();
  const beganAt = systemClock.monotonic();
  await Promise.all(nodes.map(({ instanceId }) => aws.sendLifecycleTermination(instanceId)));
  const limitMs = side === 'ours' ? OURS_MS : BASELINE_MS;
  await program.during(waitUntil(() => isOver(aws, count), limitMs));
  const completedMs = isOver(aws, count) ? systemClock.monotonic() - beganAt : undefined;
  const result = {
    ...cordons(
      cluster,
      nodes.map(({ name }) => name),
      beganAt,
    ),
    completedMs,
    nodesCompleted: completedActions(aws),
    redeliveries: aws.sqs.redeliveriesInWork(),
    describes: aws.calls('ec2', 'DescribeInstances').length,
    requests: await cluster.takeRequests(),
    peakMiB: program.peakMiB,
    cpuMs: program.cpuMs,
  };
  context.report(`${side}: ${result.nodesCordoned} of ${count} nodes cordoned, ${result.nodesCompleted} completed`);
  return result;
}

function cordons(cluster: Cluster, names: readonly string[], beganAt: number) {
  const times = names.flatMap((name) => cluster.cordonedAt.get(name) ?? []);
  return {
    nodesCordoned: times.length,
    cordonedMs: times.length === names.length ? Math.max(...times) - beganAt : undefined,
  };
}

function completedActions(aws: AwsSimulator): number {
  return aws.autoScaling.actions().filter(({ state }) => state === 'completed').length;
}

function isOver(aws: AwsSimulator, count: number): boolean {
  return completedActions(aws) === count && aws.sqs.messages().every(({ deletedAt }) => deletedAt !== undefined);
}
