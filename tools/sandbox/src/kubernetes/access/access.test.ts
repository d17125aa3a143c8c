import { systemClock } from '@node-termination-handler/clock';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { node, pod } from '../builders.ts';
import { start } from '../testing/harness.ts';
import type { PolicyRule } from './access.ts';

describe('authentication', () => {
  it('answers 401 to a token that is unknown, revoked or expired', async () => {
    let now = 0;
    const { kubernetes, client } = await start({ clock: { ...systemClock, now: () => now } });
    const token = kubernetes.issueToken({ user: 'a' });
    const short = kubernetes.issueToken({ user: 'a', expiresInMs: 1000 });
    expect((await client.get('/api/v1/nodes', { token })).code).toBe(200);
    expect((await client.get('/api/v1/nodes', { token: short })).code).toBe(200);
    kubernetes.revokeToken(token);
    now = 1000;
    for (const bad of [token, short, 'unknown']) {
      const reply = await client.get('/api/v1/nodes', { token: bad });
      expect(reply.raw).toBe(
        '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}',
      );
    }
  });

  it('takes a request without a token for an anonymous one, which may ask for health only', async () => {
    const { client } = await start();
    const nodes = await client.get('/api/v1/nodes', { token: null });
    expect(nodes.at('message')).toBe(
      'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
    );
    expect((await client.get('/apis', { token: null })).at('message')).toBe(
      'forbidden: User "system:anonymous" cannot get path "/apis"',
    );
    for (const path of ['/healthz', '/livez', '/readyz', '/readyz/ping', '/version']) {
      expect((await client.get(path, { token: null })).code).toBe(200);
    }
  });
});

describe('authorization', () => {
  const rules: readonly PolicyRule[] = [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['patch'], resourceNames: ['n1'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['*'], verbs: ['*'], namespace: 'kube-system' },
    { apiGroups: [''], resources: ['pods'], verbs: ['watch'], resourceNames: ['mine'] },
    { apiGroups: [''], resources: ['*/status'], verbs: ['patch'] },
    { nonResourceURLs: ['/metrics', '/apis*'], verbs: ['get'] },
  ];

  it.each([
    ['GET', '/api/v1/nodes', 200],
    ['GET', '/api/v1/nodes/n1', 200],
    ['PATCH', '/api/v1/nodes/n1', 200],
    ['PATCH', '/api/v1/nodes/n2', 403],
    ['PATCH', '/api/v1/nodes/n2/status', 200],
    ['DELETE', '/api/v1/nodes/n1', 403],
    ['GET', '/api/v1/namespaces/default/pods/a', 403],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', 200],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases', 403],
    ['GET', '/apis/coordination.k8s.io/v1/leases', 403],
    ['GET', '/api/v1/pods?watch=true&sendInitialEvents=true&fieldSelector=metadata.name%3Dmine', 422],
    ['GET', '/api/v1/pods?watch=true&fieldSelector=metadata.name%3Dother', 403],
    ['GET', '/apis/apps/v1', 200],
    ['GET', '/api', 403],
    ['DELETE', '/api/v1/nodes', 403],
  ])('%s %s answers %d', async (method, path, code) => {
    const { kubernetes, client } = await start();
    for (const name of ['n1', 'n2']) kubernetes.put(node({ name }));
    kubernetes.setRules('tester', rules);
    const body = method === 'PATCH' ? { body: {}, type: 'application/merge-patch+json' } : {};
    expect((await client.send(method, path, body)).code).toBe(code);
  });

  it.each([
    [{ verb: 'list', resource: 'nodes' }, true],
    [{ verb: 'patch', resource: 'nodes', name: 'n1' }, true],
    [{ verb: 'patch', resource: 'nodes' }, false],
    [{ verb: 'create', resource: 'pods', subresource: 'eviction' }, true],
    [{ verb: 'create', resource: 'pods' }, false],
    [{ verb: 'get', group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' }, true],
    [{ verb: 'get', group: 'coordination.k8s.io', resource: 'leases' }, false],
  ])('answers a review of %j with %s, whatever else the user may do', async (resourceAttributes, allowed) => {
    const { kubernetes, client } = await start();
    kubernetes.setRules('tester', rules);
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const body = { spec: { resourceAttributes } };
    const reply = await client.post(path, body);
    expect(reply.code).toBe(201);
    expect(reply.value).toMatchObject({ kind: 'SelfSubjectAccessReview', spec: body.spec, status: { allowed } });
    expect((await client.post(path, { spec: {} })).code).toBe(400);
    expect((await client.send('POST', path, { body, token: null })).code).toBe(403);
  });

  it('says in the words of the real server what is missing', async () => {
    const { kubernetes, client } = await start();
    kubernetes.put(pod({ name: 'a', node: 'n1' }));
    kubernetes.setRules('tester', []);
    const evicted = await client.evict('default', 'a');
    expect(evicted.value).toMatchObject({
      message:
        'pods "a" is forbidden: User "tester" cannot create resource "pods/eviction" in API group "" in the namespace "default"',
      reason: 'Forbidden',
      details: { name: 'a', kind: 'pods' },
      code: 403,
    });
    const lease = await client.put('/apis/coordination.k8s.io/v1/namespaces/default/leases/l', {});
    expect(lease.at('message')).toBe(
      'leases.coordination.k8s.io "l" is forbidden: User "tester" cannot update resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
    );
    kubernetes.setRules('tester', undefined);
    expect((await client.evict('default', 'a')).code).toBe(201);
  });

  it('never stops an administrator', async () => {
    const { kubernetes, client } = await start();
    kubernetes.setRules('root', []);
    const token = kubernetes.issueToken({ user: 'root', groups: ['system:masters'] });
    expect((await client.get('/api/v1/nodes', { token })).code).toBe(200);
  });
});

describe('credentials for clients', () => {
  it('come as a kubeconfig', async () => {
    const { kubernetes } = await start();
    const config: unknown = JSON.parse(kubernetes.kubeconfig('secret'));
    expect(config).toMatchObject({
      'current-context': 'sandbox',
      clusters: [
        {
          cluster: {
            server: kubernetes.url,
            'certificate-authority-data': Buffer.from(kubernetes.caPem).toString('base64'),
          },
        },
      ],
      users: [{ user: { token: 'secret' } }],
    });
  });

  it('come as the files of a service account, and rotate at once', async () => {
    const { kubernetes } = await start();
    const directory = await mkdtemp(join(tmpdir(), 'service-account-'));
    try {
      await kubernetes.serviceAccountFiles(directory, 'one', 'nth');
      expect(await readFile(join(directory, 'token'), 'utf8')).toBe('one');
      expect(await readFile(join(directory, 'namespace'), 'utf8')).toBe('nth');
      expect(await readFile(join(directory, 'ca.crt'), 'utf8')).toBe(kubernetes.caPem);
      await kubernetes.serviceAccountFiles(directory, 'two');
      expect(await readFile(join(directory, 'token'), 'utf8')).toBe('two');
      expect((await readdir(directory)).filter((name) => name.startsWith('..'))).toHaveLength(2);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('name the groups of a service account', async () => {
    const { kubernetes, client } = await start();
    const token = kubernetes.issueToken({ user: 'system:serviceaccount:nth:agent' });
    await client.get('/api/v1/nodes', { token });
    expect(kubernetes.requests().at(-1)).toMatchObject({ user: 'system:serviceaccount:nth:agent' });
  });
});
