import { expect, it } from 'vitest';
import { CordonWatch, countRequests } from './cluster.ts';

it('keeps the moment of the first sight of a cordon', async () => {
  const watch = new CordonWatch();
  const both = watch.whenCordoned(['a', 'b'], 10_000);
  watch.saw('a', true);
  const at = watch.cordonedAt.get('a');
  watch.saw('a', true);
  watch.saw('b', true);
  await both;
  expect(watch.cordonedAt.get('a')).toBe(at);
});

it('forgets a node that is back in service', async () => {
  const watch = new CordonWatch();
  watch.saw('a', true);
  const back = watch.whenUncordoned('a', 10_000);
  watch.saw('a', false);
  await back;
  expect(watch.cordonedAt.has('a')).toBe(false);
});

it('gives up after the timeout', async () => {
  await expect(new CordonWatch().whenCordoned(['a'], 1)).rejects.toThrow('did not change');
});

it('counts requests by verb and resource, the most frequent first', () => {
  const patch = { verb: 'patch', resource: 'nodes' };
  const evict = { verb: 'create', resource: 'pods/eviction' };
  expect(countRequests([patch, evict, evict])).toEqual([
    { ...evict, count: 2 },
    { ...patch, count: 1 },
  ]);
});
