import { sleep, systemClock } from '@node-termination-handler/clock';
import { waitUntil } from '../../wait.ts';
import { addNode, makeNodes, openAgent, restingRates, timeCordon, untilPolling } from '../arena.ts';
import type { Side } from '../arena.ts';
import { figure } from '../bench.ts';
import type { Bench, BenchContext } from '../bench.ts';
import type { BenchNode, Cluster } from '../cluster.ts';
import { median, quantile } from '../figures.ts';
import { latencyPicture } from '../pictures.ts';

const STARTS = 5;

/** From the start of the process to the first look at the Spot notice. */
export const startUp: Bench = {
  name: 'start',
  title: 'process start → first metadata poll',
  async run(context) {
    const floor = await measureStarts(context, 'floor');
    const ours = await measureStarts(context, 'ours');
    return {
      figures: [
        figure('start.first-poll', 'process start → first metadata poll', 'ms', ours.pollMs, { floor: floor.pollMs }),
        figure('start.cpu', '… CPU time until then', 'ms', ours.cpuMs, { floor: floor.cpuMs }),
      ],
    };
  },
};

async function measureStarts(context: BenchContext, side: Side) {
  await using cluster = await context.openCluster();
  const node = await addNode(cluster);
  const pollMs: number[] = [];
  const cpuMs: number[] = [];
  for (let count = STARTS; count > 0; count -= 1) {
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
/** The longest pause before the next notice: several polls, so that no phase is preferred. */
const LONGEST_PAUSE_MS = 500;
const NOTICES = 200;

/** How long it takes from a Spot notice in the metadata to the node being cordoned, whatever the phase of the polling. */
export const noticeToCordon: Bench = {
  name: 'notice',
  title: 'notice visible in the metadata → node cordoned',
  async run(context) {
    const floor = await measureNotices(context, 'floor');
    const ours = await measureNotices(context, 'ours');
    await context.draw('latency', latencyPicture({ ours, floor }));
    const share = (id: string, of: number, ownTarget: number, elsewhere: string) =>
      figure(`notice.${id}`, `notice → cordoned, ${id} of ${NOTICES}`, 'ms', quantile(ours, of), {
        floor: [quantile(floor, of)],
        ownTarget,
        elsewhere,
      });
    return { figures: [share('p50', 0.5, 190, '2.35 s'), share('p99', 0.99, 300, '5.97 s')], samples: { ours, floor } };
  },
};

async function measureNotices(context: BenchContext, side: Side): Promise<number[]> {
  await using cluster = await context.openCluster();
  const nodes = makeNodes(AGENTS);
  await cluster.add(nodes);
  const latencies = await Promise.all(nodes.map((node) => measureAgent(cluster, node, side)));
  context.report(`${side}: ${NOTICES} notices`);
  return latencies.flat();
}

async function measureAgent(cluster: Cluster, node: BenchNode, side: Side): Promise<number[]> {
  await using arena = await openAgent(cluster, node, { side });
  await untilPolling(arena);
  const latencies: number[] = [];
  for (let index = 0; index < NOTICES / AGENTS; index += 1) {
    await sleep(systemClock, Math.random() * LONGEST_PAUSE_MS);
    latencies.push(await timeCordon(cluster, arena, index));
  }
  return latencies;
}

const EVENTS = 400;
const SAMPLE_EVERY = 20;
/** As where somebody looks whether it is well: with both servers, and a probe that knows how the program is. */
const SERVERS = {
  ENABLE_PROBES_SERVER: 'true',
  PROBES_SERVER_PORT: '0',
  ENABLE_PROMETHEUS_SERVER: 'true',
  PROMETHEUS_SERVER_PORT: '0',
};

/** What an agent costs that has nothing to do, and whether hundreds of events leave anything behind. */
export const idle: Bench = {
  name: 'idle',
  title: `agent idle, and after ${EVENTS} events`,
  async run(context) {
    const bare = await measureIdle(context, 'floor');
    const ours = await measureIdle(context, 'ours');
    const rss = await measureEvents(context);
    const quarter = rss[Math.floor(rss.length / 4)] ?? Number.NaN;
    const last = rss.at(-1) ?? Number.NaN;
    const title = (what: string) => `agent idle, both servers on: ${what}`;
    return {
      figures: [
        figure('idle.rss', title('memory'), 'MiB', ours.rss, { target: 58, elsewhere: '52 MiB' }),
        figure('idle.cpu', title('CPU'), 'CPU ms/s', ours.cpu, {
          floor: [bare.cpu],
          ownTarget: 2,
          elsewhere: '0.5 ms/s',
        }),
        figure('idle.imds', '… metadata requests in 10 s', 'requests', ours.requests * 10),
        figure('events.rss', `agent after ${EVENTS} events: memory`, 'MiB', last, { target: 68 }),
        figure('events.growth', `… grown since event ${EVENTS / 4}`, 'MiB', last - quarter),
      ],
      samples: { rssMiB: rss },
    };
  },
};

async function measureIdle(context: BenchContext, side: Side) {
  await using cluster = await context.openCluster();
  await using arena = await openAgent(cluster, await addNode(cluster), { side, settings: SERVERS });
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
  }
  const shares = [median(latencies), quantile(latencies, 0.99)].map((ms) => ms.toFixed(0));
  return [String(intervalMs), requests.toFixed(1), cpu.toFixed(1), ...shares];
}
