import { describe, expect, it } from 'vitest';
import { exposedSeries, seriesIn } from './observability.ts';

describe('seriesIn', () => {
  it.each([
    ['up', ['up']],
    ['sum by (job, le) (rate(a_total{b="c_total{}",d=~"e|f"}[5m])) > 0', ['a_total']],
    ['histogram_quantile(0.9, sum by (le) (increase(x_bucket[1h]))) and on (job) y', ['x_bucket', 'y']],
    [
      '(changes(process_start_time_seconds[30m]) > 3)\nand on (job, instance) z offset 5m',
      ['process_start_time_seconds', 'z'],
    ],
    ['1 + 1', []],
  ])('finds the names in %s', (expr, names) => {
    expect(seriesIn(expr).filter((name) => name !== 'm')).toEqual(names);
  });
});

describe('exposedSeries', () => {
  it('knows counters, gauges and the three series of histograms', async () => {
    const names = await exposedSeries();
    for (const name of ['actions_total', 'nth_drains_in_progress', 'nth_notice_to_cordon_seconds_bucket']) {
      expect(names.has(name), name).toBe(true);
    }
    expect(names.has('nth_notice_to_cordon_seconds')).toBe(false);
  });
});
