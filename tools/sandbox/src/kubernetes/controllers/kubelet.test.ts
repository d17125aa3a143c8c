import { systemClock } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import { readString } from '../../json-value.ts';
import { node, pod } from '../builders.ts';
import type { KubernetesSimulator } from '../simulator.ts';
import { start, until } from '../testing/harness.ts';

const pods = '/api/v1/namespaces/default/pods';

function isGone(kubernetes: KubernetesSimulator, name: string): boolean {
  return kubernetes.get({ kind: 'Pod', name }) === undefined;
}

describe('deleting a pod', () => {
  it('gives it its own grace and answers with it, then it goes', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'a', node: 'n1', graceSeconds: 60 }));
    const reply = await client.delete(`${pods}/a`);
    expect(reply.value).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 60 } });
    expect(Date.parse(reply.text('metadata.deletionTimestamp'))).toBeGreaterThan(Date.now());
    await until(kubernetes, () => isGone(kubernetes, 'a'));
    expect((await client.get(`${pods}/a`)).code).toBe(404);
  });

  it.each([
    ['that nobody placed', { name: 'a' }],
    ['that succeeded', { name: 'a', node: 'n1', phase: 'Succeeded' }],
    ['that failed', { name: 'a', node: 'n1', phase: 'Failed' }],
  ] as const)('%s removes it at once', async (_, options) => {
    const { kubernetes, client } = await start({ terminationMs: 'never' });
    kubernetes.put(pod(options));
    const watch = await client.watch(`${pods}?watch=true&resourceVersion=${kubernetes.revision}`);
    expect((await client.delete(`${pods}/a`)).at('metadata.deletionGracePeriodSeconds')).toBe(0);
    expect((await watch.take(2)).map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
    watch.close();
  });

  it('with grace 0 removes it at once, by body or by query', async () => {
    const { kubernetes, client } = await start({ terminationMs: 'never' });
    for (const name of ['a', 'b']) kubernetes.put(pod({ name, node: 'n1' }));
    await client.delete(`${pods}/a`, { gracePeriodSeconds: 0 });
    await client.delete(`${pods}/b?gracePeriodSeconds=0`);
    expect([isGone(kubernetes, 'a'), isGone(kubernetes, 'b')]).toEqual([true, true]);
  });

  it('again shortens its grace, and never prolongs it', async () => {
    const { kubernetes, client } = await start({ terminationMs: 'never' });
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    const grace = async (gracePeriodSeconds?: number): Promise<unknown> =>
      (await client.delete(`${pods}/a`, gracePeriodSeconds === undefined ? undefined : { gracePeriodSeconds })).at(
        'metadata.deletionGracePeriodSeconds',
      );
    expect(await grace(20)).toBe(20);
    expect(await grace()).toBe(20);
    expect(await grace(50)).toBe(20);
    expect(await grace(10)).toBe(10);
    expect(await grace(-5)).toBe(1);
    await grace(0);
    expect(isGone(kubernetes, 'a')).toBe(true);
  });

  it('never moves its end into the past', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const { kubernetes, client } = await start({ terminationMs: 'never', clock: { ...systemClock, now: () => now } });
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    await client.delete(`${pods}/a`, { gracePeriodSeconds: 60 });
    now += 30_000;
    const reply = await client.delete(`${pods}/a`, { gracePeriodSeconds: 10 });
    expect(reply.at('metadata')).toMatchObject({
      deletionGracePeriodSeconds: 1,
      deletionTimestamp: '2026-01-01T00:00:30Z',
    });
  });

  it('waits for its finalizers', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'a', node: 'n1', finalizers: ['x.y/z'] }));
    await client.delete(`${pods}/a`, { gracePeriodSeconds: 1 });
    await until(
      kubernetes,
      () => kubernetes.get({ kind: 'Pod', name: 'a' })?.metadata.deletionGracePeriodSeconds === 0,
    );
    expect((await client.delete(`${pods}/a`)).code).toBe(200);
    const released = await client.patch(`${pods}/a`, 'merge', { metadata: { finalizers: null } });
    expect(released.code).toBe(200);
    expect(isGone(kubernetes, 'a')).toBe(true);
  });

  it('answers 409 when it is another one, and writes nothing in a dry run', async () => {
    const { kubernetes, client } = await start();
    const { metadata } = kubernetes.put(pod({ name: 'a', node: 'n1' }));
    expect((await client.delete(`${pods}/a`, { preconditions: { uid: 'other' } })).code).toBe(409);
    expect((await client.delete(`${pods}/a`, { preconditions: { resourceVersion: '1' } })).code).toBe(409);
    expect(
      (await client.delete(`${pods}/a`, { dryRun: ['All'], preconditions: { uid: metadata.uid } })).at(
        'metadata.deletionGracePeriodSeconds',
      ),
    ).toBe(30);
    expect((await client.delete(`${pods}/a?dryRun=All&gracePeriodSeconds=0`)).code).toBe(200);
    expect(kubernetes.get({ kind: 'Pod', name: 'a' })?.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('deleting anything else', () => {
  it('answers with a Status when it is gone, with the object while finalizers hold it', async () => {
    const { kubernetes, client } = await start();
    const { metadata } = kubernetes.put(node({ name: 'n1' }));
    expect((await client.delete('/api/v1/nodes/n1')).value).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'n1', kind: 'nodes', uid: metadata.uid },
    });
    kubernetes.put({ ...node({ name: 'n2' }), metadata: { name: 'n2', finalizers: ['x.y/z'] } });
    expect((await client.delete('/api/v1/nodes/n2')).at('metadata.deletionGracePeriodSeconds')).toBe(0);
    expect((await client.delete('/api/v1/nodes/n2')).code).toBe(200);
    await client.patch('/api/v1/nodes/n2', 'merge', { metadata: { finalizers: [] } });
    expect((await client.get('/api/v1/nodes/n2')).code).toBe(404);
    expect((await client.delete('/api/v1/nodes/n1?dryRun=All')).code).toBe(404);
  });
});

describe('a pod', () => {
  it('that hangs goes when its grace has run out', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'hangs', node: 'n1', graceSeconds: 1, endsAfterMs: 'hangs' }));
    kubernetes.put(pod({ name: 'quick', node: 'n1', graceSeconds: 1 }));
    await Promise.all([client.delete(`${pods}/hangs`), client.delete(`${pods}/quick`)]);
    await until(kubernetes, () => isGone(kubernetes, 'quick'));
    expect(isGone(kubernetes, 'hangs')).toBe(false);
    await until(kubernetes, () => isGone(kubernetes, 'hangs'));
  });

  it('never ends on a dead kubelet, until it is told otherwise', async () => {
    const { kubernetes, client } = await start();
    kubernetes.setPodBehaviour('default', 'a', { endsAfterMs: 'never' });
    kubernetes.put(pod({ name: 'a', node: 'n1', graceSeconds: 0, endsAfterMs: 1 }));
    await client.delete(`${pods}/a`, { gracePeriodSeconds: 1 });
    expect(isGone(kubernetes, 'a')).toBe(false);
    kubernetes.setPodBehaviour('default', 'a', { endsAfterMs: 1 });
    await until(kubernetes, () => isGone(kubernetes, 'a'));
  });

  it('is not taken away in place of another one of its name', async () => {
    const { kubernetes, client } = await start({ terminationMs: 5 });
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    kubernetes.put(pod({ name: 'b', node: 'n1' }));
    await client.delete(`${pods}/a`);
    kubernetes.remove({ kind: 'Pod', name: 'a' });
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    await client.delete(`${pods}/b`);
    await until(kubernetes, () => isGone(kubernetes, 'b'));
    expect(isGone(kubernetes, 'a')).toBe(false);
  });

  it('that is created on a node begins to run, if the node is there', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    await client.post(pods, {
      metadata: { name: 'lost' },
      spec: { nodeName: 'n2', containers: [{ name: 'a', image: 'b' }] },
    });
    await client.post(pods, {
      metadata: { name: 'a' },
      spec: { nodeName: 'n1', containers: [{ name: 'a', image: 'b' }] },
    });
    await until(
      kubernetes,
      () => readString(kubernetes.get({ kind: 'Pod', name: 'a' }), 'status', 'phase') === 'Running',
    );
    expect(readString(kubernetes.get({ kind: 'Pod', name: 'lost' }), 'status', 'phase')).toBe('Pending');
  });

  it('whose status somebody else wrote meanwhile is left as it is', async () => {
    const { kubernetes } = await start({ startupMs: 1 });
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.put(pod({ name: 'done', node: 'n1', phase: 'Pending', startsAfterMs: 1 }));
    kubernetes.put(pod({ name: 'done', node: 'n1', phase: 'Succeeded' }));
    kubernetes.put(pod({ name: 'later', node: 'n1', phase: 'Pending', startsAfterMs: 5 }));
    const phase = (name: string): string | undefined =>
      readString(kubernetes.get({ kind: 'Pod', name }), 'status', 'phase');
    await until(kubernetes, () => phase('later') === 'Running');
    expect(phase('done')).toBe('Succeeded');
  });

  it('that is told to wait stays pending, and one that goes before it runs does not come back', async () => {
    const { kubernetes, client } = await start({ startupMs: 1 });
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.put(pod({ name: 'a', node: 'n1', phase: 'Pending' }));
    kubernetes.put(pod({ name: 'b', node: 'n1', phase: 'Pending', startsAfterMs: 5 }));
    kubernetes.remove({ kind: 'Pod', name: 'b' });
    await client.post(pods, {
      metadata: { name: 'c' },
      spec: { nodeName: 'n1', containers: [{ name: 'a', image: 'b' }] },
    });
    await until(
      kubernetes,
      () => readString(kubernetes.get({ kind: 'Pod', name: 'c' }), 'status', 'phase') === 'Running',
    );
    expect(readString(kubernetes.get({ kind: 'Pod', name: 'a' }), 'status', 'phase')).toBe('Pending');
    expect(isGone(kubernetes, 'b')).toBe(true);
  });
});
