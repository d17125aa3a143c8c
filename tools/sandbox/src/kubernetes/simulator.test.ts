import { expect, it } from 'vitest';
import { node, pod } from './builders.ts';
import { start, until } from './testing/harness.ts';

it('serves, watches, patches and evicts', async () => {
  const { kubernetes, client } = await start();
  kubernetes.put(node({ name: 'worker-1' }));
  kubernetes.put(pod({ name: 'web-1', node: 'worker-1', owner: 'ReplicaSet' }));

  const nodes = await client.get('/api/v1/nodes');
  expect(nodes.code).toBe(200);
  expect(nodes.at('items')).toHaveLength(1);

  const watch = await client.watch(
    `/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dworker-1&resourceVersion=${nodes.text('metadata.resourceVersion')}`,
  );
  const cordoned = await client.patch('/api/v1/nodes/worker-1', 'strategic-merge', { spec: { unschedulable: true } });
  expect(cordoned.at('spec.unschedulable')).toBe(true);

  const evicted = await client.evict('default', 'web-1');
  expect(evicted.code).toBe(201);
  expect(evicted.raw).toBe('{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}');
  await until(kubernetes, () => kubernetes.get({ kind: 'Pod', name: 'web-1' }) === undefined);
  const events = await watch.take(4);
  expect(events.map(({ type }) => type)).toEqual(['MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED']);
  watch.close();
});
