import { sleep, systemClock } from '@node-termination-handler/clock';
import { startImds } from '@node-termination-handler/sandbox';
import type { Bench, BenchContext } from '../bench.ts';
import { makeNodes } from '../programs/instance.ts';
import { startAgent } from '../programs/start.ts';
import { waitUntil } from '../../wait.ts';
import { quantile } from '../statistics.ts';

const INTERVALS_MS = [100, 200, 300, 500];
const WATCH_MS = 8_000;
const NOTICES = 15;

/** What a shorter poll interval costs, and what it gains. */
export const pollInterval: Bench = {
  name: 'interval',
  title: 'poll interval: requests, CPU and latency',
  async run(context) {
    const lines: string[][] = [];
    for (const intervalMs of INTERVALS_MS) lines.push(await measureInterval(context, intervalMs));
    const head = ['interval, ms', 'metadata requests/s', 'CPU ms/s', 'notice → cordoned p50, ms', 'p99, ms'];
    return { figures: [], tables: { 'poll interval': [head, ...lines] } };
  },
};

async function measureInterval(context: BenchContext, intervalMs: number): Promise<string[]> {
  await using cluster = await context.openSimulatedCluster();
  const [node] = makeNodes(1);
  if (node === undefined) throw new RangeError('no node');
  await cluster.add([node]);
  await using imds = await startImds({ instance: { instanceId: node.instanceId, localHostname: node.name } });
  const settings = { METADATA_POLL_INTERVAL_MS: String(intervalMs), ENABLE_ASG_LIFECYCLE_DRAINING: 'true' };
  await using program = startAgent('ours', cluster, node.name, imds, settings);
  await program.during(waitUntil(() => imds.requests().length > 3, 60_000));
  await program.during(sleep(systemClock, 5_000));
  const [cpuBefore, requestsBefore] = [program.cpuMs, imds.requests().length];
  await program.during(sleep(systemClock, WATCH_MS));
  const cpu = (program.cpuMs - cpuBefore) / (WATCH_MS / 1000);
  const requests = (imds.requests().length - requestsBefore) / (WATCH_MS / 1000);
  const latencies: number[] = [];
  for (let index = 0; index < NOTICES; index += 1) {
    await sleep(systemClock, Math.random() * 500);
    const noticedAt = systemClock.monotonic();
    imds.setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000 + index * 1000) });
    await program.during(cluster.whenCordoned([node.name], 60_000));
    latencies.push((cluster.cordonedAt.get(node.name) ?? Number.NaN) - noticedAt);
    imds.setSpotInterruption(undefined);
    await program.during(waitUntil(() => !cluster.cordonedAt.has(node.name), 60_000));
  }
  const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
  return [intervalMs.toString(), requests.toFixed(1), cpu.toFixed(1), p50.toFixed(0), p99.toFixed(0)];
}
