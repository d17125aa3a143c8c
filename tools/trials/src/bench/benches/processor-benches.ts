import { sleep, systemClock } from '@node-termination-handler/clock';
import { spotInterruptionEvent } from '@node-termination-handler/sandbox';
import { waitUntil } from '../../wait.ts';
import { makeNodes, openWorld, startProcessor } from '../arena.ts';
import type { Side } from '../arena.ts';
import { figure } from '../bench.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { totalOf } from '../cluster.ts';
import { median, quantile } from '../figures.ts';

const MESSAGES = 5_000;
const OWN = 250;
const DUPLICATES = 1_750;

/** A shared queue: of 5,000 messages one in twenty is news, the others are somebody else's or said twice. */
export const foreignMessages: Bench = {
  name: 'foreign',
  title: '5,000 messages, 95 % foreign or duplicates',
  async run(context) {
    await using cluster = await context.openCluster();
    const nodes = makeNodes(OWN);
    await using aws = await openWorld(cluster, nodes);
    const own = nodes.map(({ instanceId }) => JSON.stringify(spotInterruptionEvent(instanceId)));
    // Another cluster's instances in the same region: EC2 describes them, without our tag.
    const foreign = Array.from({ length: MESSAGES - OWN - DUPLICATES }, (_, index) => {
      const { instanceId } = aws.ec2.put({ instanceId: `i-${index.toString(16).padStart(17, 'f')}` });
      return JSON.stringify(spotInterruptionEvent(instanceId));
    });
    const duplicates = Array.from({ length: DUPLICATES }, (_, index) => own[index % OWN] ?? '');
    for (const body of shuffled([...own, ...foreign, ...duplicates])) await aws.sqs.send(body);

    const beganAt = systemClock.monotonic();
    await using program = startProcessor('ours', cluster, aws);
    const rss: number[] = [];
    const messagesLeft = async () => {
      const { visible, inFlight } = await aws.sqs.depth();
      return visible + inFlight;
    };
    const isEmpty = async () => {
      rss.push(program.residentMiB);
      return (await messagesLeft()) === 0;
    };
    const ended = await program.during(waitUntil(isEmpty, 180_000, 100));
    const rate = MESSAGES / ((systemClock.monotonic() - beganAt) / 1000);
    await sleep(systemClock, 2_000);
    context.report(ended ? 'the queue is empty' : `${await messagesLeft()} messages are left`);
    const describes = aws.calls('ec2', 'DescribeInstances').length;
    return {
      figures: [
        figure('foreign.rate', '5,000 messages, 95 % foreign or duplicates', 'messages/s', rate),
        figure('foreign.peak', '… most memory', 'MiB', program.peakMiB, { target: 256 }),
        figure('foreign.rss', '… memory 2 s after', 'MiB', program.residentMiB),
        figure('foreign.describes', '… DescribeInstances', 'calls', describes),
      ],
      samples: { rssMiB: rss },
    };
  },
};

function shuffled(bodies: readonly string[]): readonly string[] {
  const ordered = bodies.map((body) => ({ body, order: Math.random() })).sort((a, b) => a.order - b.order);
  return ordered.map(({ body }) => body);
}

const HANGING_PODS = 30;
const NOTICES = { ours: 20, baseline: 3 };
/** By then each hanging pod has been told to end, and the drain does nothing but wait. */
const SETTLE_MS = { ours: 3_000, baseline: 12_000 };

/** One node's pods never end; how long does the next node wait for its cordon? */
export const hangingPods: Bench = {
  name: 'hanging',
  title: 'pods that never end hold one drain: the next notice → cordoned',
  async run(context) {
    const ours = await measureHanging(context, 'ours');
    const baseline = await measureHanging(context, 'baseline');
    const title = 'a drain hangs: the next notice → cordoned';
    const p50 = { baseline: median(baseline.latencies), target: 250 };
    const waiting = { baseline: baseline.requests };
    return {
      figures: [
        figure('hanging.p50', `${title}, p50`, 'ms', median(ours.latencies), p50),
        figure('hanging.p99', `${title}, p99`, 'ms', quantile(ours.latencies, 0.99)),
        figure('hanging.requests', 'requests while the drain only waits, in 5 s', 'requests', ours.requests, waiting),
      ],
      samples: { ours: ours.latencies, baseline: baseline.latencies },
    };
  },
};

async function measureHanging(context: BenchContext, side: Side) {
  await using cluster = await context.openCluster();
  const stuck = makeNodes(1, { pods: HANGING_PODS, hangs: true });
  const others = makeNodes(NOTICES[side]);
  await using aws = await openWorld(cluster, [...stuck, ...others]);
  await using program = startProcessor(side, cluster, aws);
  const timeCordons = async (nodes: typeof others): Promise<number[]> => {
    const latencies: number[] = [];
    for (const { name, instanceId } of nodes) {
      const sentAt = systemClock.monotonic();
      await aws.sendSpotInterruption(instanceId);
      await program.during(cluster.whenCordoned([name], 120_000));
      latencies.push((cluster.cordonedAt.get(name) ?? Number.NaN) - sentAt);
    }
    return latencies;
  };
  await timeCordons(stuck);
  await program.during(sleep(systemClock, SETTLE_MS[side]));
  await cluster.takeRequests();
  await program.during(sleep(systemClock, 5_000));
  const requests = totalOf(await cluster.takeRequests());
  const latencies = await timeCordons(others);
  context.report(`${side}: ${others.length} notices while a drain hangs`);
  return { latencies, requests };
}

const NODES = 5_000;
const DRAINED = 10;

/** A cluster of 5,000 nodes and 50,000 pods, of which ten nodes go away just when the program starts. */
export const largeCluster: Bench = {
  name: 'large',
  title: '5,000 nodes, 50,000 pods, 10 drains',
  async run(context) {
    await using cluster = await context.openSimulatedCluster();
    const nodes = makeNodes(NODES, { pods: 10 });
    await using aws = await openWorld(cluster, nodes);
    const leaving = nodes.slice(0, DRAINED);
    const names = leaving.map(({ name }) => name);
    for (const { instanceId } of leaving) await aws.sendSpotInterruption(instanceId);
    await using program = startProcessor('ours', cluster, aws);
    await program.during(cluster.whenCordoned(names, 120_000));
    const cordonedMs = Math.max(...names.map((name) => cluster.cordonedAt.get(name) ?? NaN)) - program.startedAt;
    const requests = await cluster.takeRequests();
    return {
      figures: [
        figure('large.cordoned', '5,000 nodes: process start → 10 nodes cordoned', 'ms', cordonedMs),
        figure('large.peak', '… most memory', 'MiB', program.peakMiB, { target: 256 }),
      ],
      tables: {
        'requests until then': [
          ['verb', 'resource', 'requests'],
          ...requests.map(({ verb, resource, count }) => [verb, resource, String(count)]),
        ],
      },
    };
  },
};
