import { sleep, systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../../wait.ts';
import { makeNodes, openWorld, startProcessor } from '../arena.ts';
import type { Side } from '../arena.ts';
import { figure } from '../bench.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { totalOf } from '../cluster.ts';
import type { RequestCount } from '../cluster.ts';

/** Long enough to be sure that the baseline does not end soon; waiting for its end would take many minutes. */
const LIMIT_MS = { ours: 240_000, baseline: 40_000 };
const PODS = 10;

/** How a burst of terminations went. */
interface Burst {
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

/** Begins so many terminations at once, and follows them to their end. */
async function measureBurst(context: BenchContext, side: Side, count: number): Promise<Burst> {
  await using cluster = await context.openCluster();
  const nodes = makeNodes(count, { pods: PODS });
  await using aws = await openWorld(cluster, nodes);
  await using program = startProcessor(side, cluster, aws);
  await program.during(waitUntil(() => aws.calls('sqs', 'ReceiveMessage').length > 0, 60_000));
  await sleep(systemClock, 1_000);
  await cluster.takeRequests();
  const beganAt = systemClock.monotonic();
  await Promise.all(nodes.map(({ instanceId }) => aws.sendLifecycleTermination(instanceId)));
  const completed = () => aws.autoScaling.actions().filter(({ state }) => state === 'completed').length;
  const isOver = () => completed() === count && aws.sqs.messages().every(({ deletedAt }) => deletedAt !== undefined);
  const ended = await program.during(waitUntil(isOver, LIMIT_MS[side], 10));
  const completedMs = ended ? systemClock.monotonic() - beganAt : undefined;
  const cordonedAt = nodes.flatMap(({ name }) => cluster.cordonedAt.get(name) ?? []);
  context.report(`${side}: ${cordonedAt.length} of ${count} nodes cordoned, ${completed()} completed`);
  return {
    cordonedMs: cordonedAt.length === count ? Math.max(...cordonedAt) - beganAt : undefined,
    nodesCordoned: cordonedAt.length,
    completedMs,
    nodesCompleted: completed(),
    redeliveries: aws.sqs.redeliveriesInWork(),
    describes: aws.calls('ec2', 'DescribeInstances').length,
    requests: await cluster.takeRequests(),
    peakMiB: program.peakMiB,
    cpuMs: program.cpuMs,
  };
}

/** A hundred lifecycle terminations at the same time, ten pods on each node. */
export const burst: Bench = {
  name: 'burst',
  title: '100 lifecycle terminations at once, 10 pods a node',
  async run(context) {
    const ours = await measureBurst(context, 'ours', 100);
    const baseline = await measureBurst(context, 'baseline', 100);
    const cutOff = (value: number | undefined) => ({
      baseline: value ?? LIMIT_MS.baseline,
      isBaselineCutOff: value === undefined,
    });
    const { cordonedMs = Infinity, completedMs = Infinity, requests, redeliveries, describes } = ours;
    const cordoned = { target: 1_000, ...cutOff(baseline.cordonedMs) };
    const completed = { target: 3_500, ...cutOff(baseline.completedMs) };
    const perNode = { baseline: totalOf(baseline.requests) / Math.max(1, baseline.nodesCompleted), target: 14 };
    const received = { baseline: baseline.redeliveries, target: 0 };
    const described = { baseline: baseline.describes, target: 10 };
    return {
      figures: [
        figure('burst.cordoned', '100 terminations: all cordoned', 'ms', cordonedMs, cordoned),
        figure('burst.completed', '… all drained, completed, deleted', 'ms', completedMs, completed),
        figure('burst.redeliveries', '… messages received again while in work', 'times', redeliveries, received),
        figure('burst.describes', '… DescribeInstances', 'calls', describes, described),
        figure('burst.requests', '… requests to the API server a node', 'requests', totalOf(requests) / 100, perNode),
        figure('burst.peak', '… most memory', 'MiB', ours.peakMiB),
        figure('burst.cpu', '… CPU time, start included', 'ms', ours.cpuMs),
      ],
      tables: {
        'requests to the API server': [
          ['verb', 'resource', 'a node'],
          ...requests.map(({ verb, resource, count }) => [verb, resource, (count / 100).toFixed(2)]),
        ],
      },
    };
  },
};

const SIZES = [100, 300, 1_000];

/** The same burst with more and more nodes, up to a thousand. */
export const scaling: Bench = {
  name: 'thousand',
  title: '1,000 lifecycle terminations at once, 10 pods a node',
  async run(context) {
    const bursts: Burst[] = [];
    for (const size of SIZES) bursts.push(await measureBurst(context, 'ours', size));
    const cordonedMs = bursts.map((one) => one.cordonedMs ?? Number.NaN);
    const completedMs = bursts.map((one) => one.completedMs ?? Number.NaN);
    const last = <Value>(values: readonly Value[]) => values.at(-1);
    const [cordoned = NaN, completed = NaN, peak = NaN] = [last(cordonedMs), last(completedMs), last(bursts)?.peakMiB];
    return {
      figures: [
        figure('thousand.cordoned', '1,000 terminations: all cordoned', 'ms', cordoned, { target: 10_000 }),
        figure('thousand.completed', '… all drained, completed, deleted', 'ms', completed),
        figure('thousand.peak', '… most memory', 'MiB', peak, { target: 256 }),
      ],
      samples: { nodes: SIZES, cordonedMs, completedMs },
    };
  },
};

const NODES = 20;
const SEATS = 8;

/** An API server that lets few requests in at once and tells the others to come again. */
export const flowControl: Bench = {
  name: 'flow-control',
  title: `20 terminations, an API server with ${SEATS} seats`,
  async run(context) {
    const openTight = async () => {
      const cluster = await context.openSimulatedCluster();
      cluster.setSeats(SEATS);
      return cluster;
    };
    const free = await measureBurst({ ...context, openCluster: context.openSimulatedCluster }, 'ours', NODES);
    const tight = await measureBurst({ ...context, openCluster: openTight }, 'ours', NODES);
    const requests = totalOf(tight.requests) / NODES;
    return {
      figures: [
        figure('flow-control.free', '20 terminations, no limit', 'ms', free.completedMs ?? Infinity),
        figure('flow-control.tight', `20 terminations, ${SEATS} seats`, 'ms', tight.completedMs ?? Infinity),
        figure('flow-control.requests', '… requests a node, refused ones among them', 'requests', requests),
        figure('flow-control.completed', '… nodes completed', 'nodes', tight.nodesCompleted),
      ],
    };
  },
};
