import { figure } from '../bench.ts';
import type { Bench, BenchContext, Figure } from '../bench.ts';
import { totalOf } from '../cluster.ts';
import type { RequestCount } from '../cluster.ts';
import { median } from '../figures.ts';
import { curvePicture } from '../pictures.ts';
import { measureBurst } from './burst.ts';
import type { Burst, BurstOptions } from './burst.ts';

/** Ours beside the floor in one repetition. */
interface Pair {
  readonly floor: Burst;
  readonly ours: Burst;
}

async function measurePairs(context: BenchContext, repetitions: number, options: BurstOptions): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let index = 0; index < repetitions; index += 1) {
    const floor = await measureBurst(context, 'floor', options);
    pairs.push({ floor, ours: await measureBurst(context, 'ours', options) });
  }
  return pairs;
}

/** A share of what a burst came to, for each repetition. */
function figureOf(
  pairs: readonly Pair[],
  of: (burst: Burst) => number,
  id: string,
  title: string,
  unit: Figure['unit'],
) {
  const [ours, floor] = [pairs.map((pair) => of(pair.ours)), pairs.map((pair) => of(pair.floor))];
  return {
    beside: (beside: Omit<Parameters<typeof figure>[4] & object, 'floor'> = {}) =>
      figure(id, title, unit, ours, { floor, ...beside }),
    alone: (beside: Omit<Parameters<typeof figure>[4] & object, 'floor'> = {}) => figure(id, title, unit, ours, beside),
  };
}

function countOf(requests: readonly RequestCount[], wantedVerb: string, wantedResource: string): number {
  return requests.find(({ verb, resource }) => verb === wantedVerb && resource === wantedResource)?.count ?? 0;
}

/** Requests of a kind for each node, the floor's and ours. */
function requestTable(pairs: readonly Pair[], nodes: number): readonly (readonly string[])[] {
  const kinds = new Map(
    pairs
      .flatMap(({ ours, floor }) => [...ours.requests, ...floor.requests])
      .map((one) => [`${one.verb} ${one.resource}`, one]),
  );
  const each = (verb: string, resource: string, side: keyof Pair) =>
    (median(pairs.map((pair) => countOf(pair[side].requests, verb, resource))) / nodes).toFixed(2);
  const lines = [...kinds.values()].map(({ verb, resource }) => [
    verb,
    resource,
    each(verb, resource, 'floor'),
    each(verb, resource, 'ours'),
  ]);
  return [['verb', 'resource', 'floor, a node', 'ours, a node'], ...lines];
}

/** Fields of a burst that show how it grows: what must not get worse for a node with the number of nodes. */
function burstFigures(id: string, nodes: number, pairs: readonly Pair[]): readonly Figure[] {
  const each = (of: (burst: Burst) => number) => (burst: Burst) => of(burst) / nodes;
  const requests = (verb: string, resource: string) => each((burst) => countOf(burst.requests, verb, resource));
  const is100 = nodes === 100;
  const elsewhere = (text: string) => (is100 ? { elsewhere: text } : {});
  const count = nodes.toLocaleString('en');
  const of = (key: string, title: string, unit: Figure['unit'], read: (burst: Burst) => number) =>
    figureOf(pairs, read, `${id}.${key}`, title, unit);
  return [
    of('cordoned', `${count} terminations: all cordoned`, 'ms', (one) => one.cordonedMs).beside({
      ownTarget: is100 ? 350 : 2_500,
      ...elsewhere('16.1 s'),
    }),
    of('completed', '… all drained, completed, deleted', 'ms', (one) => one.completedMs).beside({
      target: 1.2,
      ...elsewhere('17.4 s, 3.1–3.4×'),
    }),
    of('cpu', '… CPU a pod, start included', 'ms', (one) => one.cpuMsPerPod).beside({
      ownTarget: 1.3,
      ...elsewhere('1.5 ms'),
    }),
    of(
      'requests',
      '… requests to the API server a node',
      'requests',
      each((one) => totalOf(one.requests)),
    ).beside({ ...(is100 && { ownTarget: 13.2 }), ...elsewhere('38') }),
    of('patches', '… PATCHes of the node', 'requests', requests('patch', 'nodes')).alone({ target: 2.2 }),
    of('lists', '… LISTs of its pods', 'requests', requests('list', 'pods')).alone({ target: 1.05 }),
    of('watches', '… WATCHes of its pods', 'requests', requests('watch', 'pods')).alone({ target: 1.1 }),
    of('redeliveries', '… messages received again in work', 'times', (one) => one.redeliveries).alone({ target: 0 }),
    of('describes', '… DescribeInstances', 'calls', (one) => one.describes).alone(),
    ...(is100
      ? [
          of('idle', 'queue-processor idle: memory', 'MiB', (one) => one.idleMiB).alone({
            target: 70,
            elsewhere: '51 MiB',
          }),
        ]
      : []),
    of('peak', '… most memory', 'MiB', (one) => one.peakMiB).alone({
      target: is100 ? 110 : 150,
      ...elsewhere('80 MiB'),
    }),
  ];
}

function burstBench(name: string, nodes: number, repetitions: number): Bench {
  const count = nodes.toLocaleString('en');
  return {
    name,
    title: `${count} lifecycle terminations at once, 10 pods a node`,
    async run(context) {
      const pairs = await measurePairs(context, repetitions, { nodes });
      return {
        figures: burstFigures(name, nodes, pairs),
        tables: { [`requests to the API server, ${count} nodes`]: requestTable(pairs, nodes) },
      };
    },
  };
}

/** A hundred lifecycle terminations at the same time, ten pods on each node, five times. */
export const burst = burstBench('burst', 100, 5);

/** The same with a thousand, once. */
export const thousand = burstBench('thousand', 1_000, 1);

const LARGE = { nodes: 10, staying: 4_990 };

/** A cluster of 5,000 nodes and 50,000 pods as large as real ones, of which ten nodes go away. */
export const largeCluster: Bench = {
  name: 'large',
  title: '5,000 nodes, 50,000 pods of 12 KiB, 10 drains',
  async run(context) {
    const openCluster = () => context.openSimulatedCluster({ podKiB: 12 });
    const pairs = await measurePairs(context, 1, { ...LARGE, openCluster });
    const of = (key: string, title: string, unit: Figure['unit'], read: (burst: Burst) => number) =>
      figureOf(pairs, read, `large.${key}`, title, unit);
    const total = ({ requests }: Burst) => totalOf(requests);
    return {
      figures: [
        of('cordoned', '5,000 nodes, 50,000 pods of 12 KiB: 10 cordoned', 'ms', (one) => one.cordonedMs).beside(),
        of('completed', '… completed', 'ms', (one) => one.completedMs).beside(),
        of('requests', '… requests to the API server', 'requests', total).beside(),
        of('peak', '… most memory', 'MiB', (one) => one.peakMiB).alone({ target: 150 }),
      ],
      tables: { 'requests to the API server, 5,000 nodes': requestTable(pairs, LARGE.nodes) },
    };
  },
};

const REPLICAS = [1, 3];
const SHARED_NODES = 100;

/** Several queue-processors at one queue: nothing is done twice. */
export const replicas: Bench = {
  name: 'replicas',
  title: `${SHARED_NODES} terminations, ${REPLICAS.join(' and ')} replicas`,
  async run(context) {
    const lines: string[][] = [];
    const figures: Figure[] = [];
    const openCluster = () => context.openSimulatedCluster();
    for (const count of REPLICAS) {
      const one = await measureBurst(context, 'ours', { nodes: SHARED_NODES, replicas: count, openCluster });
      const requests = totalOf(one.requests) / SHARED_NODES;
      const seconds = (one.completedMs / 1000).toFixed(2);
      lines.push([String(count), seconds, requests.toFixed(2), one.cpuMsPerPod.toFixed(2), one.peakMiB.toFixed(0)]);
      const of = (key: string, title: string) => [`replicas.${key}-${count}`, `${count} replicas: ${title}`] as const;
      figures.push(
        figure(...of('requests', 'requests to the API server a node'), 'requests', requests),
        figure(...of('redeliveries', 'messages received again in work'), 'times', one.redeliveries, { target: 0 }),
      );
    }
    const head = ['replicas', 'completed, s', 'requests a node', 'CPU a pod, ms', 'most memory of one, MiB'];
    return { figures, tables: { [this.title]: [head, ...lines] } };
  },
};

const FIXED = [1, 4, 8, 16, 32, 64];
const CURVE_NODES = 10;
const SEATS = 8;
const EVICTION_MS = 100;
/** API servers that are hard to be fast with. */
const SERVERS = [
  { id: 'near', title: '1 ms away', roundTripMs: 1 },
  { id: 'far-50', title: '50 ms away', roundTripMs: 50 },
  { id: 'far-200', title: '200 ms away', roundTripMs: 200 },
  { id: 'seats', title: `${SEATS} seats`, seats: SEATS },
] as const;

/** Requests at once: fixed numbers of the floor beside what ours finds for itself, before servers that are far or busy. */
export const concurrency: Bench = {
  name: 'concurrency',
  title: `${CURVE_NODES} terminations before servers that are far or busy`,
  async run(context) {
    const figures: Figure[] = [];
    const lines: string[][] = [];
    const series: { name: string; points: [number, number][]; oursMs: number }[] = [];
    for (const { id, title, ...server } of SERVERS) {
      const openCluster = () => context.openSimulatedCluster({ ...server, evictionMs: EVICTION_MS });
      const points: [number, number][] = [];
      const peers: Burst[] = [];
      for (const fixed of FIXED) {
        const one = await measureBurst(context, 'floor', { nodes: CURVE_NODES, concurrency: fixed, openCluster });
        points.push([fixed, one.completedMs]);
        peers.push(one);
      }
      const ours = await measureBurst(context, 'ours', { nodes: CURVE_NODES, openCluster });
      const best = Math.min(...points.map(([, ms]) => ms));
      const least = Math.min(...peers.map((one) => totalOf(one.requests)));
      series.push({ name: title, points, oursMs: ours.completedMs });
      lines.push([title, ...points.map(([, ms]) => (ms / 1000).toFixed(2)), (ours.completedMs / 1000).toFixed(2)]);
      const of = (key: string) =>
        [`${id}.${key}`, `API server ${title}: ${key}, to the best fixed concurrency`] as const;
      figures.push(
        figure(...of('completed'), 'ms', ours.completedMs, { floor: [best] }),
        figure(...of('requests'), 'requests', totalOf(ours.requests), { floor: [least] }),
      );
    }
    await context.draw('concurrency', curvePicture(series));
    const head = ['API server', ...FIXED.map((fixed) => `${fixed} at once, s`), 'adaptive (ours), s'];
    return { figures, tables: { 'all completed, by requests at once': [head, ...lines] } };
  },
};
