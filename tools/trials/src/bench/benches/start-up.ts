import { startImds } from '@node-termination-handler/sandbox';
import type { Bench, BenchContext } from '../bench.ts';
import { makeNodes } from '../programs/instance.ts';
import { startAgent } from '../programs/start.ts';
import type { Side } from '../programs/start.ts';
import { waitUntil } from '../../wait.ts';
import { median } from '../statistics.ts';

const STARTS = { ours: 7, baseline: 3 };

/** From the start of the process to the first look at the Spot notice. */
export const startUp: Bench = {
  name: 'start',
  title: 'process start → first metadata poll',
  async run(context) {
    const ours = await measureStarts(context, 'ours', STARTS.ours);
    const baseline = await measureStarts(context, 'baseline', STARTS.baseline);
    const first = {
      id: 'start.first-poll',
      title: 'process start → first metadata poll',
      unit: 'ms' as const,
      ours: median(ours.pollMs),
      baseline: median(baseline.pollMs),
      target: 350,
    };
    const cpu = { id: 'start.cpu', title: 'CPU time until then', unit: 'ms' as const, ours: median(ours.cpuMs) };
    return { figures: [first, cpu], samples: { ours: ours.pollMs, baseline: baseline.pollMs } };
  },
};

async function measureStarts(context: BenchContext, side: Side, count: number) {
  await using cluster = await context.openCluster();
  const [node] = makeNodes(1);
  if (node === undefined) throw new RangeError('no node');
  await cluster.add([node]);
  const pollMs: number[] = [];
  const cpuMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await using imds = await startImds({ instance: { instanceId: node.instanceId, localHostname: node.name } });
    const startedAt = Date.now();
    await using program = startAgent(side, cluster, node.name, imds);
    const firstPoll = () => imds.requests().find(({ path }) => path.endsWith('/spot/instance-action'));
    await program.during(waitUntil(() => firstPoll() !== undefined, 60_000, 2));
    cpuMs.push(program.cpuMs);
    pollMs.push((firstPoll()?.at ?? Number.NaN) - startedAt);
  }
  return { pollMs, cpuMs };
}
