import { sleep, systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../../wait.ts';
import { makeNodes, openWorld, startProcessor } from '../arena.ts';
import type { Side } from '../arena.ts';
import type { BenchContext } from '../bench.ts';
import type { Cluster, RequestCount } from '../cluster.ts';

/** Pods of a node. */
export const PODS = 10;

/** What is put through. */
export interface BurstOptions {
  /** So many nodes are terminated at once. */
  readonly nodes: number;
  /** So many more are in the cluster. Default: none. */
  readonly staying?: number;
  /** How many queue-processors work together. Default: 1. */
  readonly replicas?: number;
  /** Requests of the floor that are under way at once. Default: 32. */
  readonly concurrency?: number;
  /** Default: the context's cluster. */
  readonly openCluster?: () => Promise<Cluster>;
  /** It is stopped after so long, in ms. Default: 5 minutes. */
  readonly limitMs?: number;
}

/** How a burst of terminations went. */
export interface Burst {
  /** From the first message until all nodes were cordoned, in ms; `Infinity` when not all were. */
  readonly cordonedMs: number;
  /** … until all hooks were completed and all messages deleted. */
  readonly completedMs: number;
  /** Messages that came again while they were worked on. */
  readonly redeliveries: number;
  /** Calls of DescribeInstances. */
  readonly describes: number;
  readonly requests: readonly RequestCount[];
  /** Memory before the first message, and the most of any replica. */
  readonly idleMiB: number;
  readonly peakMiB: number;
  /** CPU time, user and system, of all replicas with their start, for each pod that was evicted. */
  readonly cpuMsPerPod: number;
}

const SETTLE_MS = 3_000;

/** Begins so many terminations at once, and follows them to their end. */
export async function measureBurst(context: BenchContext, side: Side, options: BurstOptions): Promise<Burst> {
  const { nodes: count, staying = 0, replicas = 1, concurrency = 32, limitMs = 300_000 } = options;
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await (options.openCluster ?? context.openCluster)());
  const nodes = makeNodes(count + staying, { pods: PODS });
  const leaving = nodes.slice(0, count);
  const aws = stack.use(await openWorld(cluster, nodes));
  await cluster.takeRequests();
  const programs = Array.from({ length: replicas }, (_, index) => {
    const settings = { POD_NAME: `queue-processor-${index}`, FLOOR_CONCURRENCY: String(concurrency) };
    return stack.use(startProcessor(side, cluster, aws, settings));
  });
  const during = async <T>(work: Promise<T>): Promise<T> => Promise.race(programs.map((one) => one.during(work)));
  const isPolling = () => aws.calls('sqs', 'ReceiveMessage').length >= replicas;
  await during(waitUntil(isPolling, 60_000));
  await during(sleep(systemClock, SETTLE_MS));
  const idleMiB = Math.max(...programs.map(({ residentMiB }) => residentMiB));
  const beganAt = systemClock.monotonic();
  await Promise.all(leaving.map(({ instanceId }) => aws.sendLifecycleTermination(instanceId)));
  const completed = () => aws.autoScaling.actions().filter(({ state }) => state === 'completed').length;
  const isOver = () => completed() === count && aws.sqs.messages().every(({ deletedAt }) => deletedAt !== undefined);
  const ended = await during(waitUntil(isOver, limitMs, 10));
  const completedMs = ended ? systemClock.monotonic() - beganAt : Infinity;
  const cordonedAt = leaving.map(({ name }) => cluster.cordonedAt.get(name) ?? Infinity);
  const burst = {
    cordonedMs: Math.max(...cordonedAt) - beganAt,
    completedMs,
    redeliveries: aws.sqs.redeliveriesInWork(),
    describes: aws.calls('ec2', 'DescribeInstances').length,
    requests: await cluster.takeRequests(),
    idleMiB,
    peakMiB: Math.max(...programs.map(({ peakMiB }) => peakMiB)),
    cpuMsPerPod: programs.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / (count * PODS),
  };
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const { cordonedMs, cpuMsPerPod } = burst;
  context.report(
    `${side}: ${completed()} of ${count} completed; cordoned ${seconds(cordonedMs)}, completed ${seconds(completedMs)}, ${cpuMsPerPod.toFixed(2)} ms a pod`,
  );
  return burst;
}
