import type { Bench, BenchContext } from '../bench.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { measureBurst } from './burst.ts';

const NODES = 20;
const SEATS = 8;

/** An API server that lets few requests in at once and tells the others to come again. */
export const flowControl: Bench = {
  name: 'flow-control',
  title: `20 terminations, an API server with ${SEATS} seats`,
  async run(context) {
    const free = await measureBurst({ ...context, openCluster: context.openSimulatedCluster }, 'ours', NODES);
    const tight = await measureBurst({ ...context, openCluster: () => openWithSeats(context) }, 'ours', NODES);
    const total = (counts: typeof tight.requests) => counts.reduce((sum, { count }) => sum + count, 0);
    return {
      figures: [
        { id: 'flow-control.free', title: '20 terminations, no limit', unit: 'ms', ours: free.completedMs ?? Infinity },
        {
          id: 'flow-control.tight',
          title: `20 terminations, ${SEATS} seats`,
          unit: 'ms',
          ours: tight.completedMs ?? Infinity,
        },
        {
          id: 'flow-control.requests',
          title: '… requests a node, refused ones among them',
          unit: 'requests',
          ours: total(tight.requests) / NODES,
        },
        { id: 'flow-control.completed', title: '… nodes completed', unit: 'nodes', ours: tight.nodesCompleted },
      ],
    };
  },
};

async function openWithSeats(context: BenchContext): Promise<Cluster> {
  const cluster = await context.openSimulatedCluster();
  cluster.setSeats?.(SEATS);
  return cluster;
}
