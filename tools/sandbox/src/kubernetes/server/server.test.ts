import { systemClock } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import { node } from '../builders.ts';
import { startKubernetes } from '../simulator.ts';
import { TestClient } from '../testing/client.ts';
import { start } from '../testing/harness.ts';

describe('the server', () => {
  it('counts handshakes: one for many requests on one connection', async () => {
    const { kubernetes, client } = await start();
    for (let index = 0; index < 5; index++) await client.get('/api/v1/nodes');
    expect(kubernetes.secureConnections).toBe(1);
  });

  it('comes back on the same port with the same objects, and drops connections', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    const watch = await client.watch('/api/v1/nodes?watch=true');
    await watch.take(1);
    const { url } = kubernetes;
    await kubernetes.restart();
    await expect(watch.next()).rejects.toThrow('aborted');
    expect(kubernetes.url).toBe(url);
    expect((await client.get('/api/v1/nodes/n1')).code).toBe(200);
    await expect.poll(() => kubernetes.openWatches).toBe(0);
  });

  it('refuses connections while it is paused', async () => {
    const { kubernetes, client } = await start();
    await kubernetes.pause();
    await expect(client.get('/api/v1/nodes')).rejects.toThrow();
    await kubernetes.resume();
    await kubernetes.resume();
    expect((await client.get('/api/v1/nodes')).code).toBe(200);
  });

  it('takes another certificate of the same authority', async () => {
    const { kubernetes, client } = await start();
    await client.get('/api/v1/nodes');
    await kubernetes.rotateCertificate();
    const other = new TestClient(kubernetes);
    expect((await other.get('/api/v1/nodes')).code).toBe(200);
    expect(kubernetes.secureConnections).toBe(2);
    other.close();
  });

  it('closes by `await using`, also twice', async () => {
    const kubernetes = await startKubernetes();
    await kubernetes[Symbol.asyncDispose]();
    await kubernetes.close();
  });

  it('writes down every request', async () => {
    const { kubernetes, client } = await start({ clock: { ...systemClock, now: () => 1_000_000_000_000 } });
    kubernetes.put(node({ name: 'n1' }));
    await client.patch('/api/v1/nodes/n1?dryRun=All', 'merge', { spec: { unschedulable: true } });
    await client.evict('default', 'nope');
    const watch = await client.watch('/apis/policy/v1/poddisruptionbudgets?watch=true');
    await client.get('/version');
    watch.close();
    expect(kubernetes.requests()).toMatchObject([
      { verb: 'patch', resource: 'nodes', name: 'n1', user: 'tester', code: 200, dryRun: true, at: 1_000_000_000_000 },
      {
        verb: 'create',
        resource: 'pods',
        subresource: 'eviction',
        namespace: 'default',
        name: 'nope',
        code: 404,
        dryRun: false,
      },
      { verb: 'watch', group: 'policy', resource: 'poddisruptionbudgets', code: 200 },
      { verb: 'get', resource: '', path: '/version', code: 200 },
    ]);
    kubernetes.clearRequests();
    expect(kubernetes.requests()).toEqual([]);
  });

  it('keeps no more requests than it is told to', async () => {
    const { kubernetes, client } = await start({ requestLogLimit: 2 });
    for (let index = 0; index < 6; index++) await client.get('/healthz');
    expect(kubernetes.requests()).toHaveLength(2);
  });

  it.each([
    ['GET', '/api/v1/foos', 'the server could not find the requested resource', 404],
    ['GET', '/api/v1/nodes/n1/foo', 'the server could not find the requested resource', 404],
    ['GET', '/api/v1/namespaces/default/nodes/n1', 'the server could not find the requested resource', 404],
    ['GET', '/api/v1/pods/a', 'the server could not find the requested resource', 404],
    ['GET', '/api/v1/nodes/a%2Fb', 'the server could not find the requested resource', 404],
    ['GET', '/api/v1/nodes/n1%', 'nodes "n1%" not found', 404],
    ['DELETE', '/api/v1/nodes', 'the server does not allow this method on the requested resource', 405],
    [
      'GET',
      '/api/v1/namespaces/default/pods/a/eviction',
      'the server does not allow this method on the requested resource',
      405,
    ],
    ['POST', '/api/v1/pods', 'the server does not allow this method on the requested resource', 405],
    ['POST', '/api/v1/nodes/n1', 'the server does not allow this method on the requested resource', 405],
    ['GET', '/apis/foo.example.com/v1/foos', undefined, 404],
    ['GET', '/foo', undefined, 404],
    ['GET', '/apis/foo', undefined, 404],
    ['GET', '/api/v2', undefined, 404],
  ])('answers to %s %s: %s', async (method, path, message, code) => {
    const { kubernetes, client } = await start();
    const reply = await client.send(method, path);
    expect([reply.code, reply.at('message')]).toEqual([code, message]);
    if (message === undefined) expect(reply.raw).toBe('404 page not found\n');
    const isUnknown = !path.includes('n1%');
    expect([...kubernetes.unknownRoutes()]).toEqual(isUnknown ? [[`${method} ${path}`, 1]] : []);
  });

  it('tells which groups, versions and resources there are', async () => {
    const { client } = await start();
    expect((await client.get('/version')).value).toMatchObject({ major: '1', minor: '36' });
    expect((await client.get('/api')).at('versions')).toEqual(['v1']);
    expect((await client.get('/apis/')).at('groups')).toContainEqual(expect.objectContaining({ name: 'policy' }));
    expect((await client.get('/apis/policy')).at('preferredVersion')).toEqual({
      groupVersion: 'policy/v1',
      version: 'v1',
    });
    const core = await client.get('/api/v1');
    expect(core.at('resources')).toContainEqual(
      expect.objectContaining({ name: 'pods/eviction', kind: 'Eviction', verbs: ['create'] }),
    );
    expect((await client.get('/apis/policy/v1')).at('groupVersion')).toBe('policy/v1');
  });
});

describe('the store behind it', () => {
  it('is read and written past all rules', async () => {
    const { kubernetes } = await start();
    kubernetes.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', namespace: 'fresh' },
    });
    expect(kubernetes.get({ kind: 'Namespace', name: 'fresh' })).toBeDefined();
    expect(kubernetes.get({ kind: 'Lease', namespace: 'fresh', name: 'l' })?.metadata.name).toBe('l');
    expect(kubernetes.list({ kind: 'Lease' })).toHaveLength(1);
    expect(kubernetes.remove({ kind: 'Lease', namespace: 'fresh', name: 'l' })).toBe(true);
    expect(kubernetes.remove({ kind: 'Lease', namespace: 'fresh', name: 'l' })).toBe(false);
    expect(() => kubernetes.put({ apiVersion: 'v1', kind: 'Foo', metadata: { name: 'a' } })).toThrow(
      'does not serve Foo',
    );
    expect(() => kubernetes.list({ apiVersion: 'apps/v1', kind: 'Foo' })).toThrow('does not serve Foo');
  });

  it('keeps what an object is when it is put again, and is not changed from outside', async () => {
    const { kubernetes } = await start();
    const first = kubernetes.put(node({ name: 'n1' }));
    const again = kubernetes.put(node({ name: 'n1', unschedulable: true }));
    expect(again.metadata.uid).toBe(first.metadata.uid);
    Object.assign(again.metadata, { uid: 'other' });
    expect(kubernetes.get({ kind: 'Node', name: 'n1' })?.metadata.uid).toBe(first.metadata.uid);
    expect(
      kubernetes.list({
        kind: 'Node',
        labelSelector: 'kubernetes.io/os=linux',
        fieldSelector: 'spec.unschedulable=true',
      }),
    ).toHaveLength(1);
    const event = { apiVersion: 'events.k8s.io/v1', kind: 'Event', name: 'e' };
    kubernetes.put({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'e' }, note: 'hello' });
    expect(kubernetes.get(event)).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'hello' });
    expect(kubernetes.get({ kind: 'Event', name: 'e' })).toMatchObject({ message: 'hello' });
  });
});
