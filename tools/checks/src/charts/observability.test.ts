import { expect, it } from 'vitest';
import { exposedSeries } from './observability.ts';

it('knows counters, gauges and the three series of histograms, with their labels', async () => {
  const series = await exposedSeries();
  for (const name of ['nth_drains_in_progress', 'nth_build_info', 'nth_notice_to_cordon_seconds_sum']) {
    expect(series).toHaveProperty(name);
  }
  expect(series).not.toHaveProperty('nth_notice_to_cordon_seconds');
  expect(Object.keys(series.nth_notice_to_cordon_seconds_bucket!)).toEqual(['le', 'kind']);
  expect(series.actions_total!.node_status).toEqual(new Set(['success', 'error']));
});
