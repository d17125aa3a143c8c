import type { Bench } from '../bench.ts';
import { makeNodes, openWorld } from '../programs/instance.ts';
import { startProcessor } from '../programs/start.ts';

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
    for (const { instanceId } of leaving) await aws.sendSpotInterruption(instanceId);
    await using program = startProcessor('ours', cluster, aws);
    await program.during(
      cluster.whenCordoned(
        leaving.map(({ name }) => name),
        120_000,
      ),
    );
    const cordonedMs = Math.max(...leaving.map(({ name }) => cluster.cordonedAt.get(name) ?? NaN)) - program.startedAt;
    const requests = await cluster.takeRequests();
    return {
      figures: [
        { id: 'large.cordoned', title: '5,000 nodes: process start → 10 nodes cordoned', unit: 'ms', ours: cordonedMs },
        { id: 'large.peak', title: '… most memory', unit: 'MiB', ours: program.peakMiB, target: 256 },
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
