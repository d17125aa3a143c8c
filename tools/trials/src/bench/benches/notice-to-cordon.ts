import { sleep, systemClock } from '@node-termination-handler/clock';
import { startImds } from '@node-termination-handler/sandbox';
import type { Bench, BenchContext } from '../bench.ts';
import type { BenchNode, Cluster } from '../cluster/cluster.ts';
import { makeNodes } from '../programs/instance.ts';
import { startAgent } from '../programs/start.ts';
import type { Side } from '../programs/start.ts';
import { waitUntil } from '../../wait.ts';
import { quantile } from '../statistics.ts';

/** Agents that are measured side by side, each on a node of its own. */
const AGENTS = 4;
/** The longest pause before the next notice: several polls of either program, so that no phase is preferred. */
const LONGEST_PAUSE_MS = 500;

const NOTICES = { ours: 200, baseline: 32 };

/** How long it takes from a Spot notice in the metadata to the node being cordoned, whatever the phase of the polling. */
export const noticeToCordon: Bench = {
  name: 'notice',
  title: 'notice visible in the metadata → node cordoned',
  async run(context) {
    const ours = await measureNotices(context, 'ours', NOTICES.ours);
    const baseline = await measureNotices(context, 'baseline', NOTICES.baseline);
    const figure = (id: string, share: number, target: number) => ({
      id: `notice.${id}`,
      title: `notice → cordoned, ${id}`,
      unit: 'ms' as const,
      ours: quantile(ours, share),
      baseline: quantile(baseline, share),
      target,
    });
    return { figures: [figure('p50', 0.5, 250), figure('p99', 0.99, 600)], samples: { ours, baseline } };
  },
};

async function measureNotices(context: BenchContext, side: Side, count: number): Promise<number[]> {
  await using cluster = await context.openCluster();
  const nodes = makeNodes(AGENTS);
  await cluster.add(nodes);
  const latencies = await Promise.all(nodes.map((node) => measureAgent(cluster, node, side, count / AGENTS)));
  context.report(`${side}: ${count} notices`);
  return latencies.flat();
}

async function measureAgent(cluster: Cluster, node: BenchNode, side: Side, count: number): Promise<number[]> {
  await using imds = await startImds({ instance: { instanceId: node.instanceId, localHostname: node.name } });
  await using program = startAgent(side, cluster, node.name, imds);
  const isPolling = () => imds.requests().some(({ path }) => path.endsWith('/spot/instance-action'));
  await program.during(waitUntil(isPolling, 60_000));
  const latencies: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await sleep(systemClock, Math.random() * LONGEST_PAUSE_MS);
    const noticedAt = systemClock.monotonic();
    imds.setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000 + index * 1000) });
    await program.during(cluster.whenCordoned([node.name], 120_000));
    latencies.push((cluster.cordonedAt.get(node.name) ?? Number.NaN) - noticedAt);
    imds.setSpotInterruption(undefined);
    // Ours takes its cordon back with the notice; the other one leaves that to people.
    if (side === 'baseline') await cluster.uncordon(node.name);
    await program.during(waitUntil(() => !cluster.cordonedAt.has(node.name), 60_000));
  }
  return latencies;
}
