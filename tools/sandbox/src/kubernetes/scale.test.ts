import { expect, it } from 'vitest';
import { node, pod } from './builders.ts';
import type { WatchEvent } from './testing/client.ts';
import { start, until } from './testing/harness.ts';

const nodeCount = 1000;
const podsPerNode = 10;
const watchCount = 300;

it(
  'carries a thousand nodes and hundreds of watches, while a hundred nodes are drained at once',
  { timeout: 120_000 },
  async () => {
    const { kubernetes, client } = await start({ terminationMs: 1 });
    const names = Array.from({ length: nodeCount }, (_, index) => `n${index}`);
    for (const name of names) {
      kubernetes.put(node({ name }));
      for (let index = 0; index < podsPerNode; index++)
        kubernetes.put(pod({ name: `${name}-${index}`, node: name, owner: 'ReplicaSet' }));
    }
    const from = kubernetes.revision;
    const watches = await Promise.all(
      names
        .slice(0, watchCount)
        .map((name) =>
          client.watch(`/api/v1/pods?watch=true&resourceVersion=${from}&fieldSelector=spec.nodeName%3D${name}`),
        ),
    );
    expect(kubernetes.openWatches).toBe(watchCount);

    const drained = names.slice(0, 100);
    await Promise.all(
      drained.map(async (name) => {
        await client.patch(`/api/v1/nodes/${name}`, 'merge', { spec: { unschedulable: true } });
        for (let index = 0; index < podsPerNode; index++)
          expect((await client.evict('default', `${name}-${index}`)).code).toBe(201);
      }),
    );
    await until(kubernetes, () => kubernetes.revision >= from + 100 + 100 * podsPerNode * 4);

    const left = await client.get('/api/v1/pods?resourceVersion=0');
    expect(left.at('items')).toHaveLength((nodeCount - 100) * podsPerNode);
    for (const watch of watches.slice(0, 100)) {
      const events: readonly WatchEvent[] = await watch.take(4 * podsPerNode);
      expect(events.filter(({ type }) => type === 'DELETED')).toHaveLength(podsPerNode);
    }
    for (const watch of watches) watch.close();
  },
);
