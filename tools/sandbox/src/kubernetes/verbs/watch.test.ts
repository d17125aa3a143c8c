import { describe, expect, it } from 'vitest';
import { node, pod } from '../builders.ts';
import { start } from '../testing/harness.ts';

const nodes = '/api/v1/nodes';

describe('watching', () => {
  it('begins with what there is, without a revision or at 0', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    for (const query of ['', '&resourceVersion=0']) {
      const watch = await client.watch(`${nodes}?watch=true${query}`);
      const [first] = await watch.take(1);
      expect([first?.type, first?.at('object.metadata.name'), first?.at('object.kind')]).toEqual([
        'ADDED',
        'a',
        'Node',
      ]);
      watch.close();
    }
  });

  it('goes on from a revision, and tells each change once', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    const from = kubernetes.revision;
    kubernetes.put(node({ name: 'b' }));
    const watch = await client.watch(`${nodes}?watch=true&resourceVersion=${from}`);
    kubernetes.put(node({ name: 'b', unschedulable: true }));
    kubernetes.remove({ kind: 'Node', name: 'a' });
    const events = await watch.take(3);
    expect(events.map((event) => [event.type, event.at('object.metadata.name')])).toEqual([
      ['ADDED', 'b'],
      ['MODIFIED', 'b'],
      ['DELETED', 'a'],
    ]);
    expect(events[2]?.at('object.metadata.resourceVersion')).toBe(String(kubernetes.revision));
    watch.close();
  });

  it('tells of objects that enter and leave a selection', async () => {
    const { kubernetes, client } = await start();
    const from = kubernetes.revision;
    const watch = await client.watch(`${nodes}?watch=true&labelSelector=gone&resourceVersion=${from}`);
    kubernetes.put(node({ name: 'a' }));
    kubernetes.put(node({ name: 'a', labels: { gone: '1' } }));
    kubernetes.put(node({ name: 'a', labels: { gone: '2' } }));
    kubernetes.put(node({ name: 'a' }));
    const revision = kubernetes.revision;
    kubernetes.put(node({ name: 'a', labels: { gone: '3' } }));
    kubernetes.remove({ kind: 'Node', name: 'a' });
    const events = await watch.take(5);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'ADDED', 'DELETED']);
    expect(events[2]?.at('object.metadata.labels.gone')).toBe('2');
    expect(events[2]?.at('object.metadata.resourceVersion')).toBe(String(revision));
    watch.close();
  });

  it('follows pods by node, by name and by namespace', async () => {
    const { kubernetes, client } = await start();
    const query = `watch=true&resourceVersion=${kubernetes.revision}`;
    const byNode = await client.watch(`/api/v1/pods?${query}&fieldSelector=spec.nodeName%3Dn1`);
    const byName = await client.watch(`/api/v1/namespaces/default/pods?${query}&fieldSelector=metadata.name%3Db`);
    const byNamespace = await client.watch(`/api/v1/namespaces/other/pods?${query}`);
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    kubernetes.put(pod({ name: 'b', node: 'n2' }));
    kubernetes.put(pod({ name: 'c', node: 'n1', namespace: 'other' }));
    kubernetes.put(pod({ name: 'a', node: 'n2' }));
    expect((await byNode.take(3)).map((event) => [event.type, event.at('object.metadata.name')])).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'c'],
      ['DELETED', 'a'],
    ]);
    expect((await byName.take(1))[0]?.at('object.metadata.name')).toBe('b');
    expect((await byNamespace.take(1))[0]?.at('object.metadata.name')).toBe('c');
    for (const watch of [byNode, byName, byNamespace]) watch.close();
  });

  it('tells of nothing before a revision in the future', async () => {
    const { kubernetes, client } = await start();
    const watch = await client.watch(`${nodes}?watch=true&resourceVersion=${kubernetes.revision + 1}`);
    kubernetes.put(node({ name: 'a' }));
    kubernetes.put(node({ name: 'b' }));
    expect((await watch.take(1))[0]?.at('object.metadata.name')).toBe('b');
    watch.close();
  });

  it('ends with an error event when the revision is too old', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    kubernetes.put(node({ name: 'b' }));
    kubernetes.compact();
    const watch = await client.watch(`${nodes}?watch=true&resourceVersion=2`);
    expect(watch.code).toBe(200);
    const event = await watch.next();
    expect(event?.type).toBe('ERROR');
    expect(event?.at('object')).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
    expect(event?.text('object.message')).toMatch(/^too old resource version: 2 \(\d+\)$/);
    expect(await watch.next()).toBeUndefined();
  });

  it('marks the end of the initial events', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await client.watch(`${nodes}?${query}`);
    const [added, mark] = await watch.take(2);
    expect(added?.type).toBe('ADDED');
    expect(mark?.value).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'Node',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: String(kubernetes.revision),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
        spec: {},
        status: {},
      },
    });
    watch.close();
  });

  it('sends no initial events when asked not to', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    const watch = await client.watch(`${nodes}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    kubernetes.put(node({ name: 'b' }));
    expect((await watch.take(1))[0]?.at('object.metadata.name')).toBe('b');
    watch.close();
  });

  it('sends bookmarks to those who want them', async () => {
    const { kubernetes, client } = await start();
    const query = `watch=true&resourceVersion=${kubernetes.revision}`;
    const wanting = await client.watch(`${nodes}?${query}&allowWatchBookmarks=true`, {
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    });
    const other = await client.watch(`${nodes}?${query}`);
    kubernetes.sendBookmarks();
    kubernetes.put(node({ name: 'a' }));
    const [mark, added] = await wanting.take(2);
    expect(mark?.value).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
    });
    expect(added?.at('object.spec')).toBeUndefined();
    expect((await other.take(1))[0]?.type).toBe('ADDED');
    wanting.close();
    other.close();
  });

  it('sends bookmarks by itself from time to time', async () => {
    const { kubernetes, client } = await start({ bookmarkIntervalMs: 5 });
    const watch = await client.watch(
      `${nodes}?watch=true&allowWatchBookmarks=true&resourceVersion=${kubernetes.revision}`,
    );
    expect((await watch.take(2)).map(({ type }) => type)).toEqual(['BOOKMARK', 'BOOKMARK']);
    watch.close();
  });

  it('ends after its timeout with a last bookmark', async () => {
    const { kubernetes, client } = await start();
    const watch = await client.watch(
      `${nodes}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=${kubernetes.revision}`,
    );
    kubernetes.put(pod({ name: 'elsewhere' }));
    const event = await watch.next();
    expect([event?.type, event?.at('object.metadata.resourceVersion')]).toEqual([
      'BOOKMARK',
      String(kubernetes.revision),
    ]);
    expect(await watch.next()).toBeUndefined();
    await expect.poll(() => kubernetes.openWatches).toBe(0);
  });

  it('ends by itself when no timeout is named', async () => {
    const { client } = await start({ watchTimeoutMs: 10 });
    const watch = await client.watch(`${nodes}?watch=1`);
    expect(await watch.next()).toBeUndefined();
  });

  it.each([
    ['sendInitialEvents=true', 422],
    ['resourceVersionMatch=NotOlderThan', 422],
    ['continue=x', 422],
    ['resourceVersion=abc', 500],
    ['labelSelector=%24', 400],
  ])('answers to %s with %d', async (query, code) => {
    const { client } = await start();
    expect((await client.get(`${nodes}?watch=true&${query}`)).code).toBe(code);
  });

  it('is closed on the side of the server when the client goes', async () => {
    const { kubernetes, client } = await start();
    const watch = await client.watch(`${nodes}?watch=true`);
    expect(kubernetes.openWatches).toBe(1);
    watch.close();
    await expect.poll(() => kubernetes.openWatches).toBe(0);
  });
});
