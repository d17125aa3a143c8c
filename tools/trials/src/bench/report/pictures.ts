import type { Samples } from '../bench.ts';
import { drawLines } from './picture.ts';

/** The share of notices that were answered by a time, ours beside the baseline's. */
export function latencyPicture({ ours = [], baseline = [] }: Samples): string {
  const cumulative = (samples: readonly number[]) =>
    samples.toSorted((a, b) => a - b).map((ms, index) => [ms, (index + 1) / samples.length] as const);
  return drawLines({
    title: 'Spot notice → node cordoned',
    xTitle: 'milliseconds (logarithmic)',
    yTitle: 'share of notices',
    isLogarithmic: true,
    series: [
      { name: `this program (${ours.length} notices)`, points: cumulative(ours) },
      { name: `baseline (${baseline.length} notices)`, points: cumulative(baseline) },
    ],
  });
}

/** How the time for a burst grows with its nodes. */
export function scalingPicture({ nodes = [], cordonedMs = [], completedMs = [] }: Samples): string {
  const points = (values: readonly number[]) =>
    nodes.map((count, index) => [count, (values[index] ?? 0) / 1000] as const);
  return drawLines({
    title: 'A burst of lifecycle terminations, 10 pods a node',
    xTitle: 'nodes',
    yTitle: 'seconds',
    isLogarithmic: false,
    series: [
      { name: 'all cordoned', points: points(cordonedMs) },
      { name: 'all completed', points: points(completedMs) },
    ],
  });
}
