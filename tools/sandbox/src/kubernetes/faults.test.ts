import { describe, expect, it } from 'vitest';
import { node, pod } from './builders.ts';
import { start } from './testing/harness.ts';

const nodes = '/api/v1/nodes';

describe('a fault', () => {
  it.each([
    [500, 'Internal error occurred: etcdserver: request timed out'],
    [503, 'the server is currently unable to handle the request'],
    [504, 'Timeout: request did not complete within the allotted timeout'],
  ] as const)('answers %d as the real server does', async (code, message) => {
    const { kubernetes, client } = await start();
    const fault = kubernetes.faults.add({ effect: { kind: 'status', code }, times: 1 });
    const reply = await client.get(nodes);
    expect([reply.code, reply.at('message')]).toEqual([code, message]);
    expect(fault.hits).toBe(1);
    expect((await client.get(nodes)).code).toBe(200);
  });

  it('may say when to come again, and what it likes', async () => {
    const { kubernetes, client } = await start();
    kubernetes.faults.add({
      effect: { kind: 'status', code: 503, message: 'apiserver is shutting down', retryAfterSeconds: 3 },
    });
    const reply = await client.get(nodes);
    expect([reply.at('message'), reply.headers['retry-after'], reply.at('details.retryAfterSeconds')]).toEqual([
      'apiserver is shutting down',
      '3',
      3,
    ]);
  });

  it('throttles as flow control does: no Status, but when to come again', async () => {
    const { kubernetes, client } = await start();
    kubernetes.faults.add({ effect: { kind: 'flow-control', retryAfterSeconds: 2 }, times: 1 });
    const reply = await client.get(nodes);
    expect([reply.code, reply.headers['retry-after'], reply.raw]).toEqual([
      429,
      '2',
      'Too many requests, please try again later.\n',
    ]);
    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('meets the requests that it is meant for, and no others', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    kubernetes.faults.add({
      match: {
        verb: ['create', 'patch'],
        resource: 'pods',
        subresource: 'eviction',
        name: /^a/,
        namespace: 'default',
        user: 'tester',
        group: '',
      },
      effect: { kind: 'status', code: 500 },
    });
    expect((await client.evict('default', 'a')).code).toBe(500);
    expect((await client.get(`${nodes}/n1`)).code).toBe(200);
    expect((await client.get('/api/v1/namespaces/default/pods/a')).code).toBe(200);
  });

  it('strikes as often and as late as it is told to', async () => {
    const { kubernetes, client } = await start();
    using _fault = kubernetes.faults.add({ effect: { kind: 'status', code: 500 }, skip: 1, times: 2 });
    const codes = [];
    for (let index = 0; index < 5; index++) codes.push((await client.get(nodes)).code);
    expect(codes).toEqual([200, 500, 500, 200, 200]);
  });

  it('strikes by chance, the same way for the same seed', async () => {
    const run = async (): Promise<readonly number[]> => {
      const { kubernetes, client } = await start({ seed: 7 });
      kubernetes.faults.add({ effect: { kind: 'status', code: 500 }, probability: 0.5 });
      const codes = [];
      for (let index = 0; index < 20; index++) codes.push((await client.get(nodes)).code);
      return codes;
    };
    const codes = await run();
    expect(await run()).toEqual(codes);
    expect(new Set(codes)).toEqual(new Set([200, 500]));
  });

  it('ends when it is removed or all are cleared', async () => {
    const { kubernetes, client } = await start();
    const fault = kubernetes.faults.add({ effect: { kind: 'status', code: 500 } });
    kubernetes.faults.add({ effect: { kind: 'status', code: 503 } });
    fault.remove();
    expect((await client.get(nodes)).code).toBe(503);
    kubernetes.faults.clear();
    expect((await client.get(nodes)).code).toBe(200);
  });

  it('closes the connection before or after the write', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    const patch = (): Promise<unknown> => client.patch(`${nodes}/n1`, 'merge', { spec: { unschedulable: true } });
    kubernetes.faults.add({ match: { verb: 'patch' }, effect: { kind: 'drop', when: 'before-write' }, times: 1 });
    await expect(patch()).rejects.toThrow();
    expect(kubernetes.get({ kind: 'Node', name: 'n1' })).not.toHaveProperty('spec.unschedulable');
    kubernetes.faults.add({ match: { verb: 'patch' }, effect: { kind: 'drop', when: 'after-write' }, times: 1 });
    await expect(patch()).rejects.toThrow();
    expect(kubernetes.get({ kind: 'Node', name: 'n1' })).toHaveProperty('spec.unschedulable', true);
    expect(kubernetes.requests().map(({ code }) => code)).toEqual([0, 0]);
  });

  it('answers as if it had written', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.faults.add({ effect: { kind: 'forget' }, times: 1 });
    const answer = await client.patch(`${nodes}/n1`, 'merge', { spec: { unschedulable: true } });
    expect(answer).toMatchObject({ code: 200 });
    expect(kubernetes.get({ kind: 'Node', name: 'n1' })).not.toHaveProperty('spec.unschedulable');
    expect(kubernetes.requests()).toMatchObject([{ code: 200, dryRun: false }]);
  });

  it('sends half an answer', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.faults.add({ effect: { kind: 'truncate' }, times: 1 });
    await expect(client.get(nodes)).rejects.toThrow();
    expect((await client.get(nodes)).code).toBe(200);
  });

  it('never ends an answer that it has begun', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    for (const kind of ['stall', 'trickle'] as const) {
      kubernetes.faults.add({ effect: { kind }, times: 1 });
      const hanging = client.get(nodes).catch((error: unknown) => error);
      expect((await client.get(nodes)).code).toBe(200);
      expect(kubernetes.requests().map(({ code }) => code)).toEqual([200, 200]);
      await kubernetes.restart();
      expect(await hanging).toBeInstanceOf(Error);
      kubernetes.clearRequests();
    }
  });

  it('never answers', async () => {
    const { kubernetes, client } = await start();
    kubernetes.faults.add({ effect: { kind: 'hang' }, times: 1 });
    let answered = false;
    const hanging = client.get(nodes).then(
      () => (answered = true),
      () => undefined,
    );
    await client.get(nodes);
    expect(answered).toBe(false);
    await kubernetes.restart();
    await hanging;
    expect(answered).toBe(false);
  });

  it('delays without holding up others, and forgets a client that goes meanwhile', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.faults.add({
      match: { verb: 'patch' },
      effect: { kind: 'latency', ms: 60_000, jitterMs: 10 },
      times: 1,
    });
    const slow = client.patch(`${nodes}/n1`, 'merge', { spec: { unschedulable: true } });
    expect((await client.get(nodes)).code).toBe(200);
    const failed = expect(slow).rejects.toThrow();
    await kubernetes.restart();
    await failed;
    expect(kubernetes.get({ kind: 'Node', name: 'n1' })).not.toHaveProperty('spec.unschedulable');
  });

  it('delays no longer than it is told to', async () => {
    const { kubernetes, client } = await start();
    const fault = kubernetes.faults.add({ effect: { kind: 'latency', ms: 1 } });
    expect((await client.get(nodes)).code).toBe(200);
    expect(fault.hits).toBe(1);
  });

  it('lets another writer come first', async () => {
    const { kubernetes, client } = await start();
    const { metadata } = kubernetes.put(node({ name: 'n1' }));
    kubernetes.faults.add({ match: { verb: 'patch' }, effect: { kind: 'contend' }, times: 2 });
    const patch = { metadata: { resourceVersion: metadata.resourceVersion }, spec: { unschedulable: true } };
    expect((await client.patch(`${nodes}/n1`, 'merge', patch)).code).toBe(409);
    expect((await client.patch(`${nodes}/nope`, 'merge', patch)).code).toBe(404);
    expect((await client.patch(`${nodes}/n1`, 'merge', { spec: { unschedulable: true } })).code).toBe(200);
  });

  it('lets reads look into the past', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    await client.patch(`${nodes}/n1`, 'merge', { spec: { unschedulable: true } });
    kubernetes.faults.add({ match: { resource: 'nodes' }, effect: { kind: 'stale', revisions: 1 }, times: 2 });
    expect((await client.get(`${nodes}/n1`)).at('spec.unschedulable')).toBeUndefined();
    expect((await client.get(nodes)).at('items.0.spec.unschedulable')).toBeUndefined();
    expect((await client.get(`${nodes}/n1`)).at('spec.unschedulable')).toBe(true);
  });

  it('limits how many requests are in flight, watches aside', async () => {
    const { kubernetes, client } = await start();
    kubernetes.faults.throttle(1, 4);
    const watch = await client.watch(`${nodes}?watch=true`);
    kubernetes.faults.add({ match: { resource: 'pods' }, effect: { kind: 'latency', ms: 60_000 }, times: 1 });
    const slow = expect(client.get('/api/v1/pods')).rejects.toThrow();
    await expect.poll(async () => (await client.get(nodes)).code).toBe(429);
    expect((await client.get(nodes)).headers['retry-after']).toBe('4');
    await kubernetes.restart();
    await slow;
    await expect.poll(async () => (await client.get(nodes)).code).toBe(200);
    watch.close();
  });

  it('refuses at once who has no seat, though he would be slow on it', async () => {
    const { kubernetes, client } = await start();
    kubernetes.faults.throttle(0);
    kubernetes.faults.add({ effect: { kind: 'latency', ms: 3_600_000 } });
    expect((await client.get(nodes)).code).toBe(429);
  });
});

describe('watches', () => {
  it('are dropped, all or some', async () => {
    const { kubernetes, client } = await start();
    const pods = await client.watch('/api/v1/pods?watch=true');
    const all = await client.watch(`${nodes}?watch=true`);
    expect(kubernetes.faults.dropWatches({ resource: 'pods' })).toBe(1);
    expect(await pods.next()).toBeUndefined();
    kubernetes.put(node({ name: 'n1' }));
    expect((await all.next())?.type).toBe('ADDED');
    await expect.poll(() => kubernetes.openWatches).toBe(1);
    expect(kubernetes.faults.dropWatches()).toBe(1);
    expect(await all.next()).toBeUndefined();
  });

  it('fall silent and stay open', async () => {
    const { kubernetes, client } = await start();
    const watch = await client.watch(
      `${nodes}?watch=true&allowWatchBookmarks=true&resourceVersion=${kubernetes.revision}`,
    );
    expect(kubernetes.faults.muteWatches({ verb: 'watch', resource: 'nodes' })).toBe(1);
    kubernetes.put(node({ name: 'unheard' }));
    kubernetes.faults.clear();
    // One that spoke again after what it has missed would break what every client of the API relies on.
    kubernetes.put(node({ name: 'unheard, too' }));
    expect(kubernetes.openWatches).toBe(1);
    const next = watch.next();
    kubernetes.faults.dropWatches();
    expect(await next).toBeUndefined();
    watch.close();
  });

  it('end with 410 when the history expires, and can not go on from before', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    const from = kubernetes.revision - 1;
    const watch = await client.watch(`${nodes}?watch=true&resourceVersion=${kubernetes.revision}`);
    kubernetes.faults.expireHistory();
    expect((await watch.next())?.at('object.code')).toBe(410);
    const again = await client.watch(`${nodes}?watch=true&resourceVersion=${from}`);
    expect((await again.next())?.at('object.reason')).toBe('Expired');
    const open = await client.watch(`${nodes}?watch=true&resourceVersion=${kubernetes.revision}`);
    kubernetes.faults.expireHistory({ openWatches: false });
    kubernetes.put(node({ name: 'n2' }));
    expect((await open.next())?.type).toBe('ADDED');
    open.close();
  });
});
