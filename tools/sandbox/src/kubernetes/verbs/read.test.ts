import { describe, expect, it } from 'vitest';
import { node, pod } from '../builders.ts';
import type { TestClient } from '../testing/client.ts';
import { start } from '../testing/harness.ts';

const nodes = '/api/v1/nodes';
const partialList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

function names(reply: { at(path: string): unknown }): unknown {
  const items = reply.at('items') as readonly { metadata: { name: string } }[];
  return items.map(({ metadata }) => metadata.name);
}

async function label(client: TestClient, name: string, value: string): Promise<void> {
  await client.patch(`${nodes}/${name}`, 'merge', { metadata: { labels: { step: value } } });
}

describe('listing', () => {
  it('answers items without kind, in the order of their names', async () => {
    const { kubernetes, client } = await start();
    for (const name of ['b', 'a']) kubernetes.put(node({ name }));
    const reply = await client.get(nodes);
    expect(reply.value).toMatchObject({
      kind: 'NodeList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(kubernetes.revision) },
    });
    expect(names(reply)).toEqual(['a', 'b']);
    expect(reply.at('items.0.kind')).toBeUndefined();
  });

  it('selects by namespace, labels and fields', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'a-1', node: 'n1' }));
    kubernetes.put(pod({ name: 'b-1', node: 'n1', namespace: 'other' }));
    kubernetes.put(pod({ name: 'c-1', node: 'n2', phase: 'Succeeded' }));
    expect(names(await client.get('/api/v1/pods?fieldSelector=spec.nodeName%3Dn1'))).toEqual(['a-1', 'b-1']);
    expect(names(await client.get('/api/v1/namespaces/other/pods'))).toEqual(['b-1']);
    expect(names(await client.get('/api/v1/pods?fieldSelector=status.phase!%3DSucceeded,spec.nodeName%3Dn2'))).toEqual(
      [],
    );
    expect(names(await client.get(`/api/v1/pods?labelSelector=${encodeURIComponent('app in (a,c)')}`))).toEqual([
      'a-1',
      'c-1',
    ]);
  });

  it('goes on where a page ended, as it was when the list began', async () => {
    const { kubernetes, client } = await start();
    for (const name of ['a', 'b', 'c', 'd']) kubernetes.put(node({ name }));
    const first = await client.get(`${nodes}?limit=2`);
    expect(names(first)).toEqual(['a', 'b']);
    expect(first.at('metadata.remainingItemCount')).toBe(2);
    kubernetes.remove({ kind: 'Node', name: 'c' });
    kubernetes.put(node({ name: 'bb' }));
    const second = await client.get(`${nodes}?limit=2&continue=${first.text('metadata.continue')}`);
    expect(names(second)).toEqual(['c', 'd']);
    expect(second.at('metadata.continue')).toBeUndefined();
    expect(second.at('metadata.resourceVersion')).toBe(first.at('metadata.resourceVersion'));
  });

  it('does not count what remains of a selection, and knows no pages at revision 0', async () => {
    const { kubernetes, client } = await start();
    for (const name of ['a', 'b']) kubernetes.put(node({ name }));
    const selected = await client.get(`${nodes}?limit=1&labelSelector=%21zzz`);
    expect(selected.at('metadata.remainingItemCount')).toBeUndefined();
    expect(selected.at('metadata.continue')).toBeTypeOf('string');
    expect(names(await client.get(`${nodes}?limit=1&resourceVersion=0`))).toEqual(['a', 'b']);
  });

  it('answers 410 when a page is too old, with a way to go on inconsistently', async () => {
    const { kubernetes, client } = await start();
    for (const name of ['a', 'b']) kubernetes.put(node({ name }));
    const first = await client.get(`${nodes}?limit=1`);
    kubernetes.put(node({ name: 'c' }));
    kubernetes.compact();
    const gone = await client.get(`${nodes}?limit=5&continue=${first.text('metadata.continue')}`);
    expect([gone.code, gone.at('reason')]).toEqual([410, 'Expired']);
    expect(names(await client.get(`${nodes}?continue=${gone.text('metadata.continue')}`))).toEqual(['b', 'c']);
  });

  it('tells what was at an exact revision, or 410', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    const before = kubernetes.revision;
    await label(client, 'a', 'later');
    const exact = await client.get(`${nodes}?resourceVersion=${before}&resourceVersionMatch=Exact`);
    expect(exact.at('metadata.resourceVersion')).toBe(String(before));
    expect(exact.at('items.0.metadata.labels.step')).toBeUndefined();
    expect((await client.get(`${nodes}?resourceVersion=${before}&limit=1`)).at('metadata.resourceVersion')).toBe(
      String(before),
    );
    const newer = await client.get(`${nodes}?resourceVersion=${before}&resourceVersionMatch=NotOlderThan`);
    expect(newer.at('items.0.metadata.labels.step')).toBe('later');
    kubernetes.compact();
    expect((await client.get(`${nodes}?resourceVersion=${before}&resourceVersionMatch=Exact`)).code).toBe(410);
  });

  it('waits for a revision that comes, and answers 504 for one that does not', async () => {
    const { kubernetes, client } = await start({ freshnessTimeoutMs: 30 });
    kubernetes.put(node({ name: 'a' }));
    const future = kubernetes.revision + 1;
    const late = await client.get(`${nodes}/a?resourceVersion=${future}`);
    expect(late.value).toMatchObject({
      code: 504,
      reason: 'Timeout',
      message: `Timeout: Too large resource version: ${future}, current: ${future - 1}`,
    });
    expect(late.headers['retry-after']).toBe('1');
  });

  it('answers as soon as the revision is there', async () => {
    const { kubernetes, client } = await start({ freshnessTimeoutMs: 60_000 });
    const waiting = client.get(`${nodes}?resourceVersion=${kubernetes.revision + 2}`);
    await client.get('/healthz');
    kubernetes.put(node({ name: 'a' }));
    kubernetes.put(node({ name: 'b' }));
    expect(names(await waiting)).toEqual(['a', 'b']);
  });

  it.each([
    ['resourceVersionMatch=Exact', 422],
    ['resourceVersionMatch=Exact&resourceVersion=0', 422],
    ['resourceVersionMatch=Foo&resourceVersion=5', 422],
    ['resourceVersionMatch=Exact&resourceVersion=5&continue=x', 422],
    ['sendInitialEvents=true', 422],
    ['resourceVersion=abc', 400],
    ['continue=abc', 400],
    ['continue=abc&resourceVersion=5', 400],
    ['fieldSelector=foo', 400],
    ['labelSelector=%24', 400],
  ])('answers to %s with %d', async (query, code) => {
    const { client } = await start();
    expect((await client.get(`${nodes}?${query}`)).code).toBe(code);
  });

  it('shows metadata alone when asked to', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    const list = await client.get(nodes, { accept: partialList });
    expect(list.value).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    });
    expect(list.at('items.0.spec')).toBeUndefined();
    expect((await client.get(`${nodes}/a`, { accept: partial })).at('kind')).toBe('PartialObjectMetadata');
  });

  it.each([
    [nodes, partial, 406],
    [`${nodes}/a`, partialList, 406],
    [nodes, 'application/xml', 406],
    [nodes, 'application/json;as=Table;g=meta.k8s.io;v=v1', 406],
    [nodes, 'application/json;as=Table;g=meta.k8s.io;v=v1, application/json', 200],
    [nodes, 'application/json;as=Table;g=other;v=v1, */*', 200],
    [nodes, 'application/vnd.kubernetes.protobuf, application/json', 200],
    [nodes, '', 200],
  ])('answers %s for %j with %d', async (path, accept, code) => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    expect((await client.get(path, { accept })).code).toBe(code);
  });
});

describe('getting', () => {
  it('answers 404 with what is missing', async () => {
    const { client } = await start();
    const reply = await client.get('/apis/coordination.k8s.io/v1/namespaces/default/leases/nope');
    expect(reply.value).toMatchObject({
      message: 'leases.coordination.k8s.io "nope" not found',
      reason: 'NotFound',
      details: { name: 'nope', group: 'coordination.k8s.io', kind: 'leases' },
    });
  });

  it('answers 500 for a revision that is none', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'a' }));
    expect((await client.get(`${nodes}/a?resourceVersion=abc`)).code).toBe(500);
  });

  it('finds a namespace', async () => {
    const { client } = await start();
    const reply = await client.get('/api/v1/namespaces/default');
    expect(reply.value).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'default' } },
      status: { phase: 'Active' },
    });
  });
});
