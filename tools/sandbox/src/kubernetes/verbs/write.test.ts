import { describe, expect, it } from 'vitest';
import { node, pod, podDisruptionBudget } from '../builders.ts';
import { start } from '../testing/harness.ts';

const nodes = '/api/v1/nodes';
const pods = '/api/v1/namespaces/default/pods';
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const events = '/api/v1/namespaces/default/events';
const micro = '2026-01-01T00:00:00.000000Z';

describe('creating', () => {
  it('answers 201 with what the server fills in', async () => {
    const { client } = await start();
    const reply = await client.post(pods, {
      metadata: { generateName: 'web-' },
      spec: { containers: [{ name: 'a', image: 'b' }] },
    });
    expect(reply.code).toBe(201);
    expect(reply.text('metadata.name')).toMatch(/^web-[a-z0-9]{5}$/);
    expect(reply.text('metadata.uid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.text('metadata.creationTimestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(reply.value).toMatchObject({
      metadata: { generation: 1, namespace: 'default' },
      spec: { terminationGracePeriodSeconds: 30 },
      status: { phase: 'Pending' },
    });
  });

  it('writes nothing in a dry run', async () => {
    const { kubernetes, client } = await start();
    const reply = await client.post(`${nodes}?dryRun=All`, node({ name: 'n1' }));
    expect(reply.code).toBe(201);
    expect(reply.at('metadata.resourceVersion')).toBeUndefined();
    expect(kubernetes.get({ kind: 'Node', name: 'n1' })).toBeUndefined();
    expect((await client.post(`${nodes}?dryRun=Some`, node({ name: 'n1' }))).code).toBe(422);
  });

  it('answers 409 for a name that is taken', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    const reply = await client.post(nodes, node({ name: 'n1' }));
    expect(reply.value).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'nodes "n1" already exists',
      reason: 'AlreadyExists',
      details: { name: 'n1', kind: 'nodes' },
      code: 409,
    });
  });

  it('answers 404 for a namespace that is not there', async () => {
    const { client } = await start();
    const reply = await client.post('/api/v1/namespaces/nope/pods', pod({ name: 'a', namespace: 'nope' }));
    expect([reply.code, reply.at('message')]).toEqual([404, 'namespaces "nope" not found']);
  });

  it.each([
    ['no name', nodes, { metadata: {} }, 'metadata.name'],
    ['a bad name', nodes, { metadata: { name: 'Bad_Name' } }, 'metadata.name'],
    ['a bad namespace', '/api/v1/namespaces', { metadata: { name: 'a.b' } }, 'metadata.name'],
    ['a bad label', nodes, { metadata: { name: 'a', labels: { a: 'b c' } } }, 'metadata.labels'],
    ['a bad label key', nodes, { metadata: { name: 'a', labels: { '/b': 'c' } } }, 'metadata.labels'],
    ['a label key of three parts', nodes, { metadata: { name: 'a', labels: { 'a/b/c': 'c' } } }, 'metadata.labels'],
    ['a label key that ends in a slash', nodes, { metadata: { name: 'a', labels: { 'a/': 'c' } } }, 'metadata.labels'],
    ['a long label', nodes, { metadata: { name: 'a', labels: { a: 'x'.repeat(64) } } }, 'metadata.labels'],
    ['a bad annotation', nodes, { metadata: { name: 'a', annotations: { 'a b': '' } } }, 'metadata.annotations'],
    [
      'long annotations',
      nodes,
      { metadata: { name: 'a', annotations: { a: 'x'.repeat(131072), b: 'x'.repeat(131071) } } },
      'metadata.annotations',
    ],
    ['a bad finalizer', nodes, { metadata: { name: 'a', finalizers: ['bad'] } }, 'metadata.finalizers[0]'],
    [
      'half an owner',
      nodes,
      { metadata: { name: 'a', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x' }] } },
      'metadata.ownerReferences[0].uid',
    ],
    [
      'a taint without key',
      nodes,
      { metadata: { name: 'a' }, spec: { taints: [{ effect: 'NoSchedule' }] } },
      'metadata.taints[0].key',
    ],
    [
      'a taint without effect',
      nodes,
      { metadata: { name: 'a' }, spec: { taints: [{ key: 'a' }] } },
      'metadata.taints[0].effect',
    ],
    [
      'a taint of an unknown effect',
      nodes,
      { metadata: { name: 'a' }, spec: { taints: [{ key: 'a', effect: 'Foo' }] } },
      'metadata.taints[0].effect',
    ],
    [
      'a taint with a bad value',
      nodes,
      { metadata: { name: 'a' }, spec: { taints: [{ key: 'a', effect: 'NoSchedule', value: 'a b' }] } },
      'metadata.taints[0].value',
    ],
    [
      'a taint twice',
      nodes,
      {
        metadata: { name: 'a' },
        spec: {
          taints: [
            { key: 'a', effect: 'NoSchedule' },
            { key: 'a', effect: 'NoSchedule' },
          ],
        },
      },
      'metadata.taints[1]',
    ],
    ['a pod without containers', pods, { metadata: { name: 'a' }, spec: {} }, 'spec.containers'],
    [
      'a pod without image',
      pods,
      { metadata: { name: 'a' }, spec: { containers: [{ name: 'a' }] } },
      'spec.containers[0].image',
    ],
    [
      'a lease of no duration',
      leases,
      { metadata: { name: 'a' }, spec: { leaseDurationSeconds: 0 } },
      'spec.leaseDurationSeconds',
    ],
    [
      'a lease of negative transitions',
      leases,
      { metadata: { name: 'a' }, spec: { leaseTransitions: -1 } },
      'spec.leaseTransitions',
    ],
    [
      'an event of another namespace',
      events,
      { metadata: { name: 'a' }, involvedObject: { namespace: 'x' } },
      'involvedObject.namespace',
    ],
    [
      'half a new event',
      events,
      { metadata: { name: 'a' }, eventTime: micro, involvedObject: {} },
      'reportingComponent',
    ],
  ])('answers 422 for %s', async (_, path, body, field) => {
    const { client } = await start();
    const reply = await client.post(path, body);
    expect(reply.code).toBe(422);
    expect(reply.at('reason')).toBe('Invalid');
    expect(reply.at('details.causes.0.field')).toBe(field);
  });

  it.each([
    [{ minAvailable: 1, maxUnavailable: 1 }, 'spec'],
    [{ minAvailable: '110%' }, 'spec.minAvailable'],
    [{ maxUnavailable: 'abc' }, 'spec.maxUnavailable'],
    [{ maxUnavailable: -1 }, 'spec.maxUnavailable'],
    [{ unhealthyPodEvictionPolicy: 'Foo' }, 'spec.unhealthyPodEvictionPolicy'],
  ])('answers 422 for a budget with %j', async (spec, field) => {
    const { client } = await start();
    const reply = await client.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
      metadata: { name: 'a' },
      spec,
    });
    expect([reply.code, reply.at('details.causes.0.field')]).toEqual([422, field]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['half JSON', '{"a":'],
    ['a list', []],
    ['another kind', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }],
    ['another version', { apiVersion: 'v2', kind: 'Node', metadata: { name: 'a' } }],
    ['a spec that is a string', { metadata: { name: 'a' }, spec: 'x' }],
    ['labels that are numbers', { metadata: { name: 'a', labels: { a: 5 } } }],
    ['a flag that is a string', { metadata: { name: 'a' }, spec: { unschedulable: 'yes' } }],
    ['taints that are no list', { metadata: { name: 'a' }, spec: { taints: 'x' } }],
  ])('answers 400 for %s', async (_, body) => {
    const { client } = await start();
    const reply = await client.post(nodes, body);
    expect([reply.code, reply.at('reason')]).toEqual([400, 'BadRequest']);
  });

  it('answers 415 for a body that is not JSON, and 413 for one that is too large', async () => {
    const { client } = await start();
    expect((await client.post(nodes, 'x', { type: 'text/plain' })).code).toBe(415);
    expect((await client.post(nodes, `"${'x'.repeat(3 * 1024 * 1024)}"`)).code).toBe(413);
  });

  it('does not take a resource version', async () => {
    const { client } = await start();
    const reply = await client.post(nodes, { metadata: { name: 'a', resourceVersion: '1' } });
    expect([reply.code, reply.at('message')]).toEqual([
      500,
      'resourceVersion should not be set on objects to be created',
    ]);
  });

  it('takes times of leases with six digits only, and shows them in UTC', async () => {
    const { client } = await start();
    const bad = await client.post(leases, { metadata: { name: 'a' }, spec: { renewTime: '2026-01-01T00:00:00.123Z' } });
    expect(bad.code).toBe(400);
    expect(bad.text('message')).toContain('cannot parse ".123Z" as ".000000"');
    const good = await client.post(leases, {
      metadata: { name: 'a' },
      spec: { renewTime: '2026-01-01T02:00:00.000001+02:00' },
    });
    expect([good.code, good.at('spec.renewTime')]).toEqual([201, '2026-01-01T00:00:00.000001Z']);
  });

  it('drops fields that the kind does not have', async () => {
    const { client } = await start();
    const reply = await client.post(nodes, { metadata: { name: 'a' }, foo: 1 });
    expect(reply.at('foo')).toBeUndefined();
  });

  it('encodes the strings of a secret', async () => {
    const { client } = await start();
    const reply = await client.post('/api/v1/namespaces/default/secrets', {
      metadata: { name: 'a' },
      stringData: { k: 'v' },
    });
    expect(reply.value).toMatchObject({ data: { k: 'dg==' }, type: 'Opaque' });
    expect(reply.at('stringData')).toBeUndefined();
  });
});

describe('updating', () => {
  it('replaces the object and keeps its status', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1', providerId: '' }));
    const reply = await client.put(`${nodes}/n1`, {
      metadata: { name: 'n1', labels: { a: 'b' } },
      spec: {},
      status: { phase: 'x' },
    });
    expect(reply.code).toBe(200);
    expect(reply.value).toMatchObject({ metadata: { labels: { a: 'b' } }, status: { capacity: { cpu: '2' } } });
    expect(reply.at('status.phase')).toBeUndefined();
  });

  it('answers 409 for a version that has moved on, or another uid', async () => {
    const { kubernetes, client } = await start();
    const { metadata } = kubernetes.put(node({ name: 'n1' }));
    const stale = await client.put(`${nodes}/n1`, { metadata: { name: 'n1', resourceVersion: '1' } });
    expect(stale.at('message')).toBe(
      'Operation cannot be fulfilled on nodes "n1": the object has been modified; please apply your changes to the latest version and try again',
    );
    const other = await client.put(`${nodes}/n1`, { metadata: { name: 'n1', uid: 'zz' } });
    expect(other.code).toBe(409);
    expect(other.text('message')).toContain(`UID in precondition: zz, UID in object meta: ${metadata.uid}`);
  });

  it('answers 404, 400 and 422 for what it can not replace', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    kubernetes.put(podDisruptionBudget({ name: 'b' }));
    expect((await client.put(`${nodes}/nope`, { metadata: { name: 'nope' } })).code).toBe(404);
    expect((await client.put(`${nodes}/n1`, { metadata: { name: 'n2' } })).at('message')).toBe(
      'the name of the object (n2) does not match the name on the URL (n1)',
    );
    expect((await client.put(`${nodes}/n1`, {})).code).toBe(400);
    const budget = await client.put('/apis/policy/v1/namespaces/default/poddisruptionbudgets/b', {
      metadata: { name: 'b' },
    });
    expect(budget.at('details.causes.0.message')).toBe('Invalid value: 0: must be specified for an update');
    const elsewhere = await client.put(`${pods}/a`, { metadata: { name: 'a', namespace: 'x' } });
    expect(elsewhere.at('message')).toBe(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  });

  it('creates a lease that is not there', async () => {
    const { client } = await start();
    expect((await client.put(`${leases}/l`, { metadata: { name: 'l' }, spec: { holderIdentity: 'a' } })).code).toBe(
      201,
    );
    const reply = await client.get(`${leases}/l`);
    const next = await client.put(`${leases}/l`, {
      metadata: { name: 'l', resourceVersion: reply.text('metadata.resourceVersion') },
      spec: { holderIdentity: 'b' },
    });
    expect([next.code, next.at('spec.holderIdentity')]).toEqual([200, 'b']);
  });

  it('changes the status alone through its subresource', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    const reply = await client.put(`${pods}/a/status`, {
      metadata: { name: 'a', labels: { new: '1' } },
      spec: { nodeName: 'other' },
      status: { phase: 'Failed' },
    });
    expect(reply.value).toMatchObject({ spec: { nodeName: 'n1' }, status: { phase: 'Failed' } });
    expect((await client.get(`${pods}/a/status`)).at('status.phase')).toBe('Failed');
  });
});

describe('patching', () => {
  it('counts generations of the spec, and writes nothing when nothing changes', async () => {
    const { kubernetes, client } = await start({ disruptionController: false });
    const budget = kubernetes.put(podDisruptionBudget({ name: 'b' }));
    const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets/b';
    const same = await client.patch(path, 'merge', { spec: { maxUnavailable: 1 } });
    expect(same.at('metadata.resourceVersion')).toBe(budget.metadata.resourceVersion);
    expect((await client.patch(path, 'merge', { spec: { maxUnavailable: 2 } })).at('metadata.generation')).toBe(2);
    expect((await client.patch(path, 'merge', { metadata: { labels: { a: 'b' } } })).at('metadata.generation')).toBe(2);
  });

  it('leaves out what is empty or false', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(
      node({ name: 'n1', unschedulable: true, taints: [{ key: 'a', effect: 'NoSchedule' }], providerId: 'x' }),
    );
    const reply = await client.patch(`${nodes}/n1`, 'strategic-merge', { spec: { unschedulable: false, taints: [] } });
    expect(reply.at('spec')).toEqual({ providerID: 'x' });
    const again = await client.patch(`${nodes}/n1`, 'json', [
      { op: 'test', path: '/spec/taints', value: null },
      { op: 'add', path: '/spec/taints', value: [{ key: 'b', effect: 'NoExecute', value: '' }] },
    ]);
    expect(again.at('spec.taints')).toEqual([{ key: 'b', effect: 'NoExecute' }]);
  });

  it('answers 409 for a stale version in the patch, 422 for a uid that is another', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    expect((await client.patch(`${nodes}/n1`, 'merge', { metadata: { resourceVersion: '1' } })).code).toBe(409);
    const uid = await client.patch(`${nodes}/n1`, 'merge', { metadata: { uid: 'other' } });
    expect([uid.code, uid.at('details.causes.0.field')]).toEqual([422, 'metadata.uid']);
    const provider = await client.patch(`${nodes}/n1`, 'merge', { spec: { providerID: 'other' } });
    expect(provider.at('details.causes.0.field')).toBe('spec.providerID');
  });

  it('answers 422 as the real server does for a failing test', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    const reply = await client.patch(`${nodes}/n1`, 'json', [{ op: 'test', path: '/spec/unschedulable', value: true }]);
    expect(reply.raw).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server rejected our request due to an error in our request","reason":"Invalid","details":{},"code":422}',
    );
  });

  it.each([
    ['json', 'xx', 400],
    ['merge', '[]', 400],
    ['strategic-merge', 'xx', 400],
    ['merge', { spec: { unschedulable: 'yes' } }, 422],
    ['json', [{ op: 'replace', path: '', value: 5 }], 422],
    ['merge', { metadata: { name: 'other' } }, 400],
  ] as const)('of the kind %s refuses %j with %d', async (kind, body, code) => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    expect((await client.patch(`${nodes}/n1`, kind, body)).code).toBe(code);
  });

  it('takes three types, and refuses others with 415', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(node({ name: 'n1' }));
    const reply = await client.send('PATCH', `${nodes}/n1`, { body: {}, type: 'application/apply-patch+yaml' });
    expect([reply.code, reply.at('reason')]).toEqual([415, 'UnsupportedMediaType']);
    expect((await client.patch(`${nodes}/nope`, 'merge', {})).code).toBe(404);
  });

  it("does not change a pod's spec", async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    const moved = await client.patch(`${pods}/a`, 'merge', { spec: { nodeName: 'n2' } });
    expect([moved.code, moved.at('details.causes.0.field')]).toEqual([422, 'spec']);
    const image = await client.patch(`${pods}/a`, 'strategic-merge', {
      spec: { containers: [{ name: 'main', image: 'new' }] },
    });
    expect(image.code).toBe(200);
    expect((await client.patch(`${pods}/a`, 'merge', { metadata: { namespace: 'x' } })).code).toBe(400);
  });
});
