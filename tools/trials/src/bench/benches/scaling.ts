import type { Bench } from '../bench.ts';
import { measureBurst } from './burst.ts';

const SIZES = [100, 300, 1_000];

/** The same burst with more and more nodes, up to a thousand. */
export const scaling: Bench = {
  name: 'thousand',
  title: '1,000 lifecycle terminations at once, 10 pods a node',
  async run(context) {
    const cordoned: number[] = [];
    const completed: number[] = [];
    let peakMiB = 0;
    for (const size of SIZES) {
      const burst = await measureBurst(context, 'ours', size);
      cordoned.push(burst.cordonedMs ?? Number.NaN);
      completed.push(burst.completedMs ?? Number.NaN);
      peakMiB = burst.peakMiB;
    }
    return {
      figures: [
        {
          id: 'thousand.cordoned',
          title: '1,000 terminations: all cordoned',
          unit: 'ms',
          ours: cordoned.at(-1) ?? Number.NaN,
          target: 10_000,
        },
        {
          id: 'thousand.completed',
          title: '… all drained, completed, deleted',
          unit: 'ms',
          ours: completed.at(-1) ?? Number.NaN,
        },
        { id: 'thousand.peak', title: '… most memory', unit: 'MiB', ours: peakMiB, target: 256 },
      ],
      samples: { nodes: SIZES, cordonedMs: cordoned, completedMs: completed },
    };
  },
};
