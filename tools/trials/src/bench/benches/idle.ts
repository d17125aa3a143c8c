import { sleep, systemClock } from '@node-termination-handler/clock';
import { startImds } from '@node-termination-handler/sandbox';
import type { Bench, BenchContext } from '../bench.ts';
import { makeNodes } from '../programs/instance.ts';
import { startAgent } from '../programs/start.ts';
import { waitUntil } from '../../wait.ts';

const SETTLE_MS = 10_000;
const WATCH_MS = 15_000;
const EVENTS = 1_000;
const SAMPLE_EVERY = 50;

/** What an agent costs that has nothing to do, and whether a thousand events leave anything behind. */
export const idle: Bench = {
  name: 'idle',
  title: 'agent idle, and after 1,000 events',
  async run(context) {
    const atRest = await measureIdle(context);
    const rss = await measureEvents(context);
    const quarter = rss[Math.floor(rss.length / 4)] ?? Number.NaN;
    const last = rss.at(-1) ?? Number.NaN;
    return {
      figures: [
        { id: 'idle.rss', title: 'agent idle: memory', unit: 'MiB', ours: atRest.rss, target: 60 },
        { id: 'idle.cpu', title: 'agent idle: CPU', unit: 'CPU ms/s', ours: atRest.cpu, target: 3 },
        { id: 'idle.imds', title: 'agent idle: metadata requests in 10 s', unit: 'requests', ours: atRest.requests },
        { id: 'events.rss', title: 'memory after 1,000 events', unit: 'MiB', ours: last, target: 68 },
        { id: 'events.growth', title: 'growth from event 250 to 1,000', unit: 'MiB', ours: last - quarter },
      ],
      samples: { rssMiB: rss },
    };
  },
};

async function measureIdle(context: BenchContext) {
  await using cluster = await context.openCluster();
  const [node] = makeNodes(1);
  if (node === undefined) throw new RangeError('no node');
  await cluster.add([node]);
  await using imds = await startImds({ instance: { instanceId: node.instanceId, localHostname: node.name } });
  await using program = startAgent('ours', cluster, node.name, imds);
  await program.during(waitUntil(() => imds.requests().length > 3, 60_000));
  await program.during(sleep(systemClock, SETTLE_MS));
  const [cpuBefore, requestsBefore] = [program.cpuMs, imds.requests().length];
  await program.during(sleep(systemClock, WATCH_MS));
  return {
    rss: program.residentMiB,
    cpu: (program.cpuMs - cpuBefore) / (WATCH_MS / 1000),
    requests: (imds.requests().length - requestsBefore) / (WATCH_MS / 10_000),
  };
}

async function measureEvents(context: BenchContext): Promise<number[]> {
  await using cluster = await context.openCluster();
  const [node] = makeNodes(1);
  if (node === undefined) throw new RangeError('no node');
  await cluster.add([node]);
  await using imds = await startImds({ instance: { instanceId: node.instanceId, localHostname: node.name } });
  await using program = startAgent('ours', cluster, node.name, imds, { METADATA_POLL_INTERVAL_MS: '50' });
  const rss: number[] = [];
  for (let event = 0; event < EVENTS; event += 1) {
    imds.setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000 + event * 1000) });
    await program.during(cluster.whenCordoned([node.name], 60_000));
    imds.setSpotInterruption(undefined);
    await program.during(waitUntil(() => !cluster.cordonedAt.has(node.name), 60_000, 5));
    if (event % SAMPLE_EVERY === SAMPLE_EVERY - 1) rss.push(program.residentMiB);
  }
  return rss;
}
