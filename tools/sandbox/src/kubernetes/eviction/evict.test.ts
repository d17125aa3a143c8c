import { systemClock } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import { readAt, readList, readString } from '../../json-value.ts';
import { node, pod, podDisruptionBudget, workload } from '../builders.ts';
import type { PodOptions } from '../builders.ts';
import type { KubernetesObject } from '../object/object.ts';
import type { KubernetesSimulator } from '../simulator.ts';
import { start } from '../testing/harness.ts';

function put(kubernetes: KubernetesSimulator, ...options: readonly PodOptions[]): void {
  for (const one of options) kubernetes.put(pod({ node: 'n1', owner: 'ReplicaSet', ...one }));
}

function status(kubernetes: KubernetesSimulator, name: string): unknown {
  return kubernetes.get({ kind: 'PodDisruptionBudget', name })?.status;
}

function find(kubernetes: KubernetesSimulator, name: string): KubernetesObject | undefined {
  return kubernetes.get({ kind: 'Pod', name });
}

describe('evicting', () => {
  it('marks the pod as disrupted, then tells it to end with its grace', async () => {
    const { kubernetes, client } = await start({ terminationMs: 'never' });
    put(kubernetes, { name: 'web-1', graceSeconds: 40 });
    const reply = await client.evict('default', 'web-1');
    expect(reply.raw).toBe('{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}');
    const evicted = find(kubernetes, 'web-1');
    expect(evicted?.metadata.deletionGracePeriodSeconds).toBe(40);
    expect(readList(evicted, 'status', 'conditions')).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
    );
    expect((await client.evict('default', 'web-1')).code).toBe(201);
    expect((await client.evict('default', 'web-1', { gracePeriodSeconds: 4 })).code).toBe(201);
    expect(find(kubernetes, 'web-1')?.metadata.deletionGracePeriodSeconds).toBe(4);
  });

  it('answers 404 and 409 when it is not that pod', async () => {
    const { kubernetes, client } = await start();
    expect((await client.evict('default', 'nope')).at('message')).toBe('pods "nope" not found');
    put(kubernetes, { name: 'web-1' });
    const uid = await client.evict('default', 'web-1', { preconditions: { uid: 'other' } });
    expect([uid.code, uid.at('reason'), uid.at('details.kind')]).toEqual([409, 'Conflict', 'Pod']);
    expect(uid.text('message')).toContain('the UID in the precondition (other) does not match the UID in record');
    expect((await client.evict('default', 'web-1', { preconditions: { resourceVersion: '1' } })).code).toBe(409);
    expect(find(kubernetes, 'web-1')?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('changes nothing in a dry run', async () => {
    const { kubernetes, client } = await start();
    put(kubernetes, { name: 'web-1' }, { name: 'web-2' });
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: 1 }));
    const { revision } = kubernetes;
    expect((await client.evict('default', 'web-1', undefined, '?dryRun=All')).code).toBe(201);
    expect((await client.evict('default', 'web-1', { dryRun: ['All'] })).code).toBe(201);
    expect((await client.evict('default', 'web-1', { dryRun: ['All'] }, '?dryRun=All')).code).toBe(201);
    expect(kubernetes.revision).toBe(revision + 1);
    expect(find(kubernetes, 'web-1')?.metadata.deletionTimestamp).toBeUndefined();
  });

  it.each([
    ['another name', { metadata: { name: 'other' } }],
    ['no name', { metadata: {} }],
    ['another namespace', { metadata: { name: 'web-1', namespace: 'other' } }],
    ['another version', { apiVersion: 'v1', kind: 'Eviction', metadata: { name: 'web-1' } }],
    ['another kind', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1' } }],
    ['a list', []],
    ['a grace that is no number', { metadata: { name: 'web-1' }, deleteOptions: { gracePeriodSeconds: 'x' } }],
  ])('answers 400 for %s', async (_, body) => {
    const { kubernetes, client } = await start();
    put(kubernetes, { name: 'web-1' });
    expect((await client.post('/api/v1/namespaces/default/pods/web-1/eviction', body)).code).toBe(400);
  });

  it('takes the old version of the API, and refuses a policy that it does not know', async () => {
    const { kubernetes, client } = await start();
    put(kubernetes, { name: 'web-1' });
    const path = '/api/v1/namespaces/default/pods/web-1/eviction';
    const metadata = { name: 'web-1' };
    expect((await client.post(path, { metadata, deleteOptions: { propagationPolicy: 'Foo' } })).code).toBe(422);
    expect((await client.post(`${path}?dryRun=All`, { metadata, deleteOptions: { dryRun: ['x'] } })).code).toBe(400);
    expect((await client.post(path, { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata })).code).toBe(201);
  });
});

describe('a budget', () => {
  it('lets go as many pods as it can spare, and says 429 to the others', async () => {
    const { kubernetes, client } = await start({ terminationMs: 'never' });
    put(kubernetes, { name: 'web-1' }, { name: 'web-2' }, { name: 'web-3' });
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: 2 }));
    expect((await client.evict('default', 'web-1')).code).toBe(201);
    const blocked = await client.evict('default', 'web-2');
    expect(blocked.raw).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Cannot evict pod as it would violate the pod\'s disruption budget.","reason":"TooManyRequests","details":{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget web needs 2 healthy pods and has 2 currently"}]},"code":429}',
    );
    expect(blocked.headers['retry-after']).toBeUndefined();
    put(kubernetes, { name: 'web-4' });
    expect((await client.evict('default', 'web-2')).code).toBe(201);
  });

  it('lets exactly as many of many simultaneous evictions through', async () => {
    const { kubernetes, client } = await start({ terminationMs: 'never' });
    const names = Array.from({ length: 30 }, (_, index) => `web-${index}`);
    put(kubernetes, ...names.map((name) => ({ name })));
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: 23 }));
    const codes = await Promise.all(names.map(async (name) => (await client.evict('default', name)).code));
    expect(codes.filter((code) => code === 201)).toHaveLength(7);
    expect(codes.filter((code) => code === 429)).toHaveLength(23);
  });

  it('says when to come again while the server has not looked at it yet', async () => {
    const { kubernetes, client } = await start({ disruptionController: false });
    put(kubernetes, { name: 'web-1' });
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: 0 }));
    const reply = await client.evict('default', 'web-1');
    expect(reply.value).toMatchObject({
      code: 429,
      details: {
        retryAfterSeconds: 10,
        causes: [{ message: 'The disruption budget web is still being processed by the server.' }],
      },
    });
    expect(reply.headers['retry-after']).toBe('10');
  });

  it.each([
    [{ currentHealthy: 4, desiredHealthy: 3 }, 'The disruption budget web does not allow evicting pods currently'],
    [
      {
        currentHealthy: 4,
        desiredHealthy: 3,
        conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'Foo', message: 'bar' }],
      },
      'The disruption budget web does not allow evicting pods currently (Foo): bar',
    ],
    [
      {
        currentHealthy: 0,
        desiredHealthy: 3,
        conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'bar' }],
      },
      'The disruption budget web does not allow evicting pods currently because it failed sync: bar',
    ],
  ])('says why: %j', async (counts, message) => {
    const { kubernetes, client } = await start({ disruptionController: false });
    put(kubernetes, { name: 'web-1' });
    kubernetes.put(
      podDisruptionBudget({ name: 'web', status: { observedGeneration: 1, disruptionsAllowed: 0, ...counts } }),
    );
    expect((await client.evict('default', 'web-1')).at('details.causes.0.message')).toBe(message);
  });

  it('is refused with 403 when its status makes no sense', async () => {
    const { kubernetes, client } = await start({ disruptionController: false });
    put(kubernetes, { name: 'web-1' });
    kubernetes.put(podDisruptionBudget({ name: 'web', status: { observedGeneration: 1, disruptionsAllowed: -1 } }));
    expect((await client.evict('default', 'web-1')).code).toBe(403);
    const disruptedPods = Object.fromEntries(
      Array.from({ length: 2001 }, (_, index) => [`p${index}`, '2026-01-01T00:00:00Z']),
    );
    kubernetes.put(
      podDisruptionBudget({ name: 'web', status: { observedGeneration: 2, disruptionsAllowed: 1, disruptedPods } }),
    );
    expect((await client.evict('default', 'web-1')).text('message')).toContain('DisruptedPods map too big');
  });

  it('that is one of two makes the server fail with 500', async () => {
    const { kubernetes, client } = await start();
    put(kubernetes, { name: 'web-1' });
    kubernetes.put(podDisruptionBudget({ name: 'one', minAvailable: 0, matchLabels: { app: 'web' } }));
    kubernetes.put(podDisruptionBudget({ name: 'two', minAvailable: 0, matchLabels: { app: 'web' } }));
    const reply = await client.evict('default', 'web-1');
    expect(reply.raw).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.","code":500}',
    );
  });

  it.each(['Pending', 'Succeeded', 'Failed'] as const)('does not matter to a pod that is %s', async (phase) => {
    const { kubernetes, client } = await start();
    put(kubernetes, { name: 'web-1', phase });
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: 5 }));
    expect((await client.evict('default', 'web-1')).code).toBe(201);
  });

  it.each([
    ['IfHealthyBudget', 1, 201],
    ['IfHealthyBudget', 2, 429],
    ['AlwaysAllow', 2, 201],
  ] as const)(
    'with %s and %d wanted answers %d for a pod that is not ready',
    async (unhealthyPodEvictionPolicy, minAvailable, code) => {
      const { kubernetes, client } = await start();
      put(kubernetes, { name: 'web-1', ready: false }, { name: 'web-2' });
      kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable, unhealthyPodEvictionPolicy }));
      expect((await client.evict('default', 'web-1')).code).toBe(code);
    },
  );

  it('counts an eviction down until its pod is gone', async () => {
    const { kubernetes, client } = await start({ disruptionController: false, terminationMs: 'never' });
    put(kubernetes, { name: 'web-1' });
    kubernetes.put(
      podDisruptionBudget({
        name: 'web',
        status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 },
      }),
    );
    expect((await client.evict('default', 'web-1')).code).toBe(201);
    const left = status(kubernetes, 'web');
    expect(left).toMatchObject({ disruptionsAllowed: 0, conditions: [{ type: 'DisruptionAllowed', status: 'False' }] });
    expect(Object.keys(readAt(left, 'disruptedPods') ?? {})).toEqual(['web-1']);
  });

  it.each([
    ['minAvailable', 2, { currentHealthy: 3, desiredHealthy: 2, expectedPods: 4, disruptionsAllowed: 1 }],
    ['minAvailable', '50%', { currentHealthy: 3, desiredHealthy: 3, expectedPods: 5, disruptionsAllowed: 0 }],
    ['maxUnavailable', 3, { currentHealthy: 3, desiredHealthy: 2, expectedPods: 5, disruptionsAllowed: 1 }],
    ['maxUnavailable', '30%', { currentHealthy: 3, desiredHealthy: 3, expectedPods: 5, disruptionsAllowed: 0 }],
    ['maxUnavailable', 9, { currentHealthy: 3, desiredHealthy: 0, expectedPods: 5, disruptionsAllowed: 3 }],
  ])('of %s %s is counted against what the controller wants', async (field, value, expected) => {
    const { kubernetes, client } = await start();
    kubernetes.put(workload({ kind: 'ReplicaSet', name: 'web', replicas: 5 }));
    put(kubernetes, { name: 'web-1' }, { name: 'web-2' }, { name: 'web-3' }, { name: 'web-4', ready: false });
    kubernetes.put(podDisruptionBudget({ name: 'web', [field]: value }));
    await client.get('/healthz');
    expect(status(kubernetes, 'web')).toMatchObject(expected);
  });

  it('is counted against the Deployment of a ReplicaSet, and follows when it is scaled', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(workload({ kind: 'Deployment', name: 'web', replicas: 4 }));
    kubernetes.put(workload({ kind: 'ReplicaSet', name: 'web', replicas: 1, deployment: 'web' }));
    put(kubernetes, { name: 'web-1' }, { name: 'web-2' });
    kubernetes.put(podDisruptionBudget({ name: 'web', maxUnavailable: 1 }));
    await client.get('/healthz');
    expect(status(kubernetes, 'web')).toMatchObject({ expectedPods: 4, desiredHealthy: 3 });
    await client.patch('/apis/apps/v1/namespaces/default/deployments/web', 'merge', { spec: { replicas: 2 } });
    expect(status(kubernetes, 'web')).toMatchObject({ expectedPods: 2, desiredHealthy: 1 });
  });

  it('can not be kept for pods of a Job, and says so', async () => {
    const { kubernetes, client } = await start();
    put(kubernetes, { name: 'web-1', owner: 'Job' });
    kubernetes.put(podDisruptionBudget({ name: 'web' }));
    await client.get('/healthz');
    expect(status(kubernetes, 'web')).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ reason: 'SyncFailed', message: 'jobs.batch does not implement the scale subresource' }],
    });
  });

  it('counts as many pods as there are when their controller is not in the store', async () => {
    const { kubernetes, client } = await start();
    put(kubernetes, { name: 'web-1' }, { name: 'web-2' });
    kubernetes.put(podDisruptionBudget({ name: 'web', maxUnavailable: 1 }));
    await client.get('/healthz');
    expect(status(kubernetes, 'web')).toMatchObject({ expectedPods: 2, disruptionsAllowed: 1 });
  });

  it('follows its selector and the labels of pods', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    kubernetes.put(pod({ name: 'b', node: 'n1' }));
    const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets/all';
    kubernetes.put(podDisruptionBudget({ name: 'all', minAvailable: 1, matchLabels: {} }));
    await client.get('/healthz');
    expect(status(kubernetes, 'all')).toMatchObject({ currentHealthy: 2 });
    await client.patch(path, 'merge', { spec: { selector: { matchLabels: { app: 'a' } } } });
    expect(status(kubernetes, 'all')).toMatchObject({ currentHealthy: 1, observedGeneration: 2 });
    await client.patch('/api/v1/namespaces/default/pods/b', 'merge', { metadata: { labels: { app: 'a' } } });
    expect(status(kubernetes, 'all')).toMatchObject({ currentHealthy: 2 });
    await client.delete(path);
    expect((await client.evict('default', 'a')).code).toBe(201);
  });

  it('is left alone while the controller is off, and made up for when it comes on', async () => {
    const { kubernetes, client } = await start({ disruptionController: false });
    put(kubernetes, { name: 'web-1' });
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: 1 }));
    await client.get('/healthz');
    expect(readString(status(kubernetes, 'web'), 'currentHealthy')).toBeUndefined();
    kubernetes.setDisruptionController(true);
    await client.get('/healthz');
    expect(status(kubernetes, 'web')).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0 });
  });

  it('forgets an eviction whose pod stays', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const { kubernetes, client } = await start({ clock: { ...systemClock, now: () => now } });
    kubernetes.put(node({ name: 'n1' }));
    put(kubernetes, { name: 'web-1' });
    const disruptedPods = { 'web-1': '2026-01-01T00:00:00Z', gone: '2026-01-01T00:00:00Z' };
    kubernetes.put(podDisruptionBudget({ name: 'web', minAvailable: 0, status: { disruptedPods } }));
    await client.get('/healthz');
    expect(status(kubernetes, 'web')).toMatchObject({
      currentHealthy: 0,
      disruptedPods: { 'web-1': '2026-01-01T00:00:00Z' },
    });
    now += 121_000;
    await client.patch('/api/v1/namespaces/default/pods/web-1', 'merge', { metadata: { labels: { touched: '1' } } });
    expect(status(kubernetes, 'web')).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 1 });
  });
});
