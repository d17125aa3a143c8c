import { sleep, systemClock } from '@node-termination-handler/clock';
import type { Bench, BenchContext } from '../bench.ts';
import { makeNodes, openWorld } from '../programs/instance.ts';
import { startProcessor } from '../programs/start.ts';
import type { Side } from '../programs/start.ts';
import { median, quantile } from '../statistics.ts';

const HANGING_PODS = 30;
const NOTICES = { ours: 20, baseline: 3 };
/** By then each hanging pod has been told to end, and the drain does nothing but wait. */
const SETTLE_MS = { ours: 3_000, baseline: 12_000 };

/** One node's pods never end; how long does the next node wait for its cordon? */
export const hangingPods: Bench = {
  name: 'hanging',
  title: 'pods that never end hold one drain: the next notice → cordoned',
  async run(context) {
    const ours = await measure(context, 'ours');
    const baseline = await measure(context, 'baseline');
    return {
      figures: [
        {
          id: 'hanging.p50',
          title: 'a drain hangs: the next notice → cordoned, p50',
          unit: 'ms',
          ours: median(ours.latencies),
          baseline: median(baseline.latencies),
          target: 250,
        },
        {
          id: 'hanging.p99',
          title: 'a drain hangs: the next notice → cordoned, p99',
          unit: 'ms',
          ours: quantile(ours.latencies, 0.99),
        },
        {
          id: 'hanging.requests',
          title: 'requests while the drain only waits, in 5 s',
          unit: 'requests',
          ours: ours.requests,
          baseline: baseline.requests,
        },
      ],
      samples: { ours: ours.latencies, baseline: baseline.latencies },
    };
  },
};

async function measure(context: BenchContext, side: Side) {
  await using cluster = await context.openCluster();
  const [stuck] = makeNodes(1, { pods: HANGING_PODS, hangs: true });
  const others = makeNodes(NOTICES[side]);
  if (stuck === undefined) throw new RangeError('no node');
  await using aws = await openWorld(cluster, [stuck, ...others]);
  await using program = startProcessor(side, cluster, aws);
  await aws.sendSpotInterruption(stuck.instanceId);
  await program.during(cluster.whenCordoned([stuck.name], 60_000));
  await program.during(sleep(systemClock, SETTLE_MS[side]));
  await cluster.takeRequests();
  await program.during(sleep(systemClock, 5_000));
  const requests = (await cluster.takeRequests()).reduce((sum, { count }) => sum + count, 0);
  const latencies: number[] = [];
  for (const { name, instanceId } of others) {
    const sentAt = systemClock.monotonic();
    await aws.sendSpotInterruption(instanceId);
    await program.during(cluster.whenCordoned([name], 120_000));
    latencies.push((cluster.cordonedAt.get(name) ?? Number.NaN) - sentAt);
  }
  context.report(`${side}: ${others.length} notices while a drain hangs`);
  return { latencies, requests };
}
