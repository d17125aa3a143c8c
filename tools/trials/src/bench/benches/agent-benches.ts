import { sleep, systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../../wait.ts';
import { addNode, makeNodes, openAgent, restingRates, timeCordon, untilPolling } from '../arena.ts';
import type { Side } from '../arena.ts';
import { figure } from '../bench.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { BenchNode, Cluster } from '../cluster.ts';
import { median, quantile } from '../figures.ts';

const STARTS = { ours: 7, baseline: 3 };

/** From the start of the process to the first look at the Spot notice. */
export const startUp: Bench = {
  name: 'start',
  title: 'process start → first metadata poll',
  async run(context) {
    const ours = await measureStarts(context, 'ours');
    const { pollMs } = await measureStarts(context, 'baseline');
    const beside = { baseline: median(pollMs), target: 350 };
    return {
      figures: [
        figure('start.first-poll', 'process start → first metadata poll', 'ms', median(ours.pollMs), beside),
        figure('start.cpu', 'CPU time until then', 'ms', median(ours.cpuMs)),
      ],
      samples: { ours: ours.pollMs, baseline: pollMs },
    };
  },
};

async function measureStarts(context: BenchContext, side: Side) {
  await using cluster = await context.openCluster();
  const node = await addNode(cluster);
  const pollMs: number[] = [];
  const cpuMs: number[] = [];
  for (let count = STARTS[side]; count > 0; count -= 1) {
    await using arena = await openAgent(cluster, node, { side });
    const { program, imds } = arena;
    const firstPoll = () => imds.requests().find(({ path }) => path.endsWith('/spot/instance-action'));
    await program.during(waitUntil(() => firstPoll() !== undefined, 60_000, 2));
    cpuMs.push(program.cpuMs);
    // The metadata service notes moments of the wall clock.
    const startedAt = Date.now() - (systemClock.monotonic() - program.startedAt);
    pollMs.push((firstPoll()?.at ?? Number.NaN) - startedAt);
  }
  return { pollMs, cpuMs };
}

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
    const ours = await measureNotices(context, 'ours');
    const baseline = await measureNotices(context, 'baseline');
    const share = (id: string, of: number, target: number) => {
      const beside = { baseline: quantile(baseline, of), target };
      return figure(`notice.${id}`, `notice → cordoned, ${id}`, 'ms', quantile(ours, of), beside);
    };
    return { figures: [share('p50', 0.5, 250), share('p99', 0.99, 600)], samples: { ours, baseline } };
  },
};

async function measureNotices(context: BenchContext, side: Side): Promise<number[]> {
  await using cluster = await context.openCluster();
  const nodes = makeNodes(AGENTS);
  await cluster.add(nodes);
  const latencies = await Promise.all(nodes.map((node) => measureAgent(cluster, node, side)));
  context.report(`${side}: ${NOTICES[side]} notices`);
  return latencies.flat();
}

async function measureAgent(cluster: Cluster, node: BenchNode, side: Side): Promise<number[]> {
  await using arena = await openAgent(cluster, node, { side });
  await untilPolling(arena);
  const latencies: number[] = [];
  for (let index = 0; index < NOTICES[side] / AGENTS; index += 1) {
    await sleep(systemClock, Math.random() * LONGEST_PAUSE_MS);
    latencies.push(await timeCordon(cluster, arena, index));
    // Ours takes its cordon back with the notice; the other one leaves that to people.
    if (side === 'baseline') await cluster.uncordon(node.name);
    await arena.program.during(cluster.whenUncordoned(node.name, 60_000));
  }
  return latencies;
}

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
        figure('idle.rss', 'agent idle: memory', 'MiB', atRest.rss, { target: 60 }),
        figure('idle.cpu', 'agent idle: CPU', 'CPU ms/s', atRest.cpu, { target: 3 }),
        figure('idle.imds', 'agent idle: metadata requests in 10 s', 'requests', atRest.requests * 10),
        figure('events.rss', 'memory after 1,000 events', 'MiB', last, { target: 68 }),
        figure('events.growth', 'growth from event 250 to 1,000', 'MiB', last - quarter),
      ],
      samples: { rssMiB: rss },
    };
  },
};

async function measureIdle(context: BenchContext) {
  await using cluster = await context.openCluster();
  await using arena = await openAgent(cluster, await addNode(cluster));
  await untilPolling(arena);
  const rates = await restingRates(arena, 10_000, 15_000);
  return { ...rates, rss: arena.program.residentMiB };
}

async function measureEvents(context: BenchContext): Promise<number[]> {
  await using cluster = await context.openCluster();
  const settings = { METADATA_POLL_INTERVAL_MS: '50' };
  await using arena = await openAgent(cluster, await addNode(cluster), { settings });
  const rss: number[] = [];
  for (let event = 0; event < EVENTS; event += 1) {
    await timeCordon(cluster, arena, event);
    await arena.program.during(cluster.whenUncordoned(arena.node.name, 60_000));
    if (event % SAMPLE_EVERY === SAMPLE_EVERY - 1) rss.push(arena.program.residentMiB);
  }
  return rss;
}

const INTERVALS_MS = [100, 200, 300, 500];
const NOTICES_AT_INTERVAL = 15;

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
  const settings = { METADATA_POLL_INTERVAL_MS: String(intervalMs), ENABLE_ASG_LIFECYCLE_DRAINING: 'true' };
  await using arena = await openAgent(cluster, await addNode(cluster), { settings });
  await untilPolling(arena);
  const { cpu, requests } = await restingRates(arena, 5_000, 8_000);
  const latencies: number[] = [];
  for (let index = 0; index < NOTICES_AT_INTERVAL; index += 1) {
    await sleep(systemClock, Math.random() * 500);
    latencies.push(await timeCordon(cluster, arena, index));
    await arena.program.during(cluster.whenUncordoned(arena.node.name, 60_000));
  }
  const shares = [quantile(latencies, 0.5), quantile(latencies, 0.99)].map((ms) => ms.toFixed(0));
  return [String(intervalMs), requests.toFixed(1), cpu.toFixed(1), ...shares];
}
