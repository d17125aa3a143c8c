import type { Bench, BenchContext } from '../bench.ts';
import { totalOf } from '../cluster.ts';
import { costsFrom, pointOf, predict } from '../model.ts';
import type { Costs, Point } from '../model.ts';
import { measureBurst, PODS } from './burst.ts';

/** The lines of the model go through these two. */
const FITTED = [200, 400] as const;
/** And are checked with these. */
const CHECKED = [100, 800] as const;

/** How cost grows with a burst, on the sandbox: the constants of a model, its check, and how far it goes. */
export const growth: Bench = {
  name: 'growth',
  title: 'how cost grows with a burst, and what that says of larger ones',
  async run(context) {
    const measured: Point[] = [];
    for (const nodes of [...FITTED, ...CHECKED]) measured.push(await measurePoint(context, nodes));
    const [one, other, ...checked] = measured;
    if (one === undefined || other === undefined) throw new Error('there is nothing to make a model of');
    const costs = costsFrom(one, other);
    return {
      figures: [],
      tables: {
        'what the model is made of': constantLines(costs),
        'the model checked': checkLines(costs, checked),
        'how far it goes': situationLines(costs),
      },
    };
  },
};

async function measurePoint(context: BenchContext, nodes: number): Promise<Point> {
  const openCluster = () => context.openSimulatedCluster();
  const { requests, cpuMsPerPod, peakMiB } = await measureBurst(context, 'ours', { nodes, openCluster });
  const pods = nodes * PODS;
  return { nodes, pods, requests: totalOf(requests), cpuMs: cpuMsPerPod * pods, peakMiB };
}

function constantLines(costs: Costs): readonly (readonly string[])[] {
  return [
    ['constant', 'measured'],
    ['requests to the API server a node of ten pods, `r`', costs.requestsPerNode.toFixed(2)],
    ['CPU a pod, `c`', `${costs.cpuMsPerPod.toFixed(2)} ms`],
    ['CPU of a start, `c₀`', `${costs.startCpuMs.toFixed(0)} ms`],
    ['memory of a program, `m₀`', `${costs.startMiB.toFixed(0)} MiB`],
    ['memory a node of the burst, `m`', `${(costs.mibPerNode * 1024).toFixed(0)} KiB`],
  ];
}

function checkLines(costs: Costs, points: readonly Point[]): readonly (readonly string[])[] {
  const pair = (says: number, is: number, digits: number) => [says.toFixed(digits), is.toFixed(digits)];
  return [
    ['nodes', 'requests: model', 'measured', 'CPU s: model', 'measured', 'MiB: model', 'measured'],
    ...points.map((point) => {
      const { requests, cpuMs, peakMiB } = pointOf(costs, point.nodes, point.pods);
      return [
        point.nodes.toLocaleString('en'),
        ...pair(requests, point.requests, 0),
        ...pair(cpuMs / 1000, point.cpuMs / 1000, 1),
        ...pair(peakMiB, point.peakMiB, 0),
      ];
    }),
  ];
}

const NODES = 10_000;
const REPLICAS = [1, 3, 10];
/** What an API server may have left for the programs, in requests a second. */
const BUDGETS = [200, 1_000, 4_000];
/** What helps first where this is the limit. */
const TURN_FIRST = { 'API server': 'the seats of its priority level', CPU: '`replicas`' } as const;

function situationLines(costs: Costs): readonly (readonly string[])[] {
  const lines = REPLICAS.flatMap((replicas) =>
    BUDGETS.map((requestsPerSecond) => {
      const said = predict(costs, { nodes: NODES, podsPerNode: PODS, replicas, requestsPerSecond });
      return [
        String(replicas),
        requestsPerSecond.toLocaleString('en'),
        `${said.apiSeconds.toFixed(0)} s`,
        `${said.cpuSeconds.toFixed(0)} s`,
        `${said.mibPerReplica.toFixed(0)} MiB`,
        said.limit,
        TURN_FIRST[said.limit],
      ];
    }),
  );
  const head = ['replicas', 'API server, requests/s', 'it takes', 'each replica takes', 'memory each', 'limit'];
  return [[...head, 'turn first'], ...lines];
}
