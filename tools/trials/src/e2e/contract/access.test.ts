import type { ApiClient } from '@node-termination-handler/control-plane';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evictionManifest, failure } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

const get = async (client: ApiClient, path: string) => client.request('GET', path);

describe(`access to the ${subject.kind}`, () => {
  const rules = [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['*'] },
  ];
  let user: { readonly name: string; readonly client: ApiClient };
  beforeAll(async () => {
    user = await subject.userWith(rules);
  });
  const forbidden = (message: string, details: Record<string, string>) => ({
    status: 403,
    body: { ...failure(403, 'Forbidden'), message: message.replace('USER', user.name), details },
  });

  it('with a token that is none: 401', async () => {
    expect(await get(subject.client('nonsense'), '/api/v1/nodes')).toMatchObject({
      status: 401,
      body: { ...failure(401, 'Unauthorized'), message: 'Unauthorized' },
    });
  });

  it('without a token is that of system:anonymous: 403', async () => {
    expect(await get(subject.client(undefined), '/api/v1/nodes')).toMatchObject({
      status: 403,
      body: {
        ...failure(403, 'Forbidden'),
        message:
          'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
        details: { kind: 'nodes' },
      },
    });
    expect((await get(subject.client(undefined), '/healthz')).status).toBe(200);
  });

  it('is given by the rules', async () => {
    expect((await get(user.client, '/api/v1/nodes')).status).toBe(200);
    expect((await get(user.client, '/api/v1/nodes/none')).status).toBe(404);
    expect((await get(user.client, '/apis/apps/v1/daemonsets')).status).toBe(200);
    const eviction = evictionManifest('default', 'none');
    const path = '/api/v1/namespaces/default/pods/none/eviction';
    expect((await user.client.request('POST', path, { body: eviction })).status).toBe(404);
  });

  it('that is missing is said by verb, resource, group and place', async () => {
    const patch = await user.client.request('PATCH', '/api/v1/nodes/x', {
      contentType: 'application/merge-patch+json',
      body: {},
    });
    expect(patch).toMatchObject(
      forbidden(
        'nodes "x" is forbidden: User "USER" cannot patch resource "nodes" in API group "" at the cluster scope',
        {
          name: 'x',
          kind: 'nodes',
        },
      ),
    );
    expect(await get(user.client, '/api/v1/namespaces/default/pods')).toMatchObject(
      forbidden(
        'pods is forbidden: User "USER" cannot list resource "pods" in API group "" in the namespace "default"',
        {
          kind: 'pods',
        },
      ),
    );
    expect(await get(user.client, '/apis/coordination.k8s.io/v1/namespaces/default/leases/x')).toMatchObject(
      forbidden(
        'leases.coordination.k8s.io "x" is forbidden: User "USER" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
        { name: 'x', group: 'coordination.k8s.io', kind: 'leases' },
      ),
    );
    expect(await get(user.client, '/api/v1/pods?watch=1')).toMatchObject(
      forbidden('pods is forbidden: User "USER" cannot watch resource "pods" in API group "" at the cluster scope', {
        kind: 'pods',
      }),
    );
  });

  it('to a subresource is not that to the resource', async () => {
    const status = await user.client.request('PATCH', '/api/v1/nodes/x/status', {
      contentType: 'application/merge-patch+json',
      body: {},
    });
    expect(status).toMatchObject(
      forbidden(
        'nodes "x" is forbidden: User "USER" cannot patch resource "nodes/status" in API group "" at the cluster scope',
        { name: 'x', kind: 'nodes' },
      ),
    );
    expect(await user.client.request('DELETE', '/api/v1/namespaces/default/pods/x')).toMatchObject(
      forbidden(
        'pods "x" is forbidden: User "USER" cannot delete resource "pods" in API group "" in the namespace "default"',
        {
          name: 'x',
          kind: 'pods',
        },
      ),
    );
  });

  it('is judged before the object is looked for, and before the body is read', async () => {
    const body = '{bad';
    expect((await user.client.request('POST', '/api/v1/nodes', { body })).status).toBe(403);
  });

  it('is told to whoever asks for his own', async () => {
    const mayI = async (client: ApiClient, resourceAttributes: Record<string, string>) =>
      client.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        },
      });
    const answer = (allowed: boolean) => ({
      status: 201,
      body: { kind: 'SelfSubjectAccessReview', status: { allowed } },
    });
    const { client } = user;
    expect(await mayI(client, { verb: 'list', resource: 'nodes' })).toMatchObject(answer(true));
    expect(await mayI(client, { verb: 'patch', resource: 'nodes' })).toMatchObject(answer(false));
    const eviction = { verb: 'create', resource: 'pods', subresource: 'eviction' };
    expect(await mayI(client, eviction)).toMatchObject(answer(true));
    expect(await mayI(client, { verb: 'get', group: 'apps', resource: 'daemonsets' })).toMatchObject(answer(true));
    expect((await mayI(subject.client(undefined), eviction)).status).toBe(403);
  });

  it('to a path that is no resource', async () => {
    expect(await get(user.client, '/metrics')).toMatchObject({
      status: 403,
      body: { ...failure(403, 'Forbidden'), message: `forbidden: User "${user.name}" cannot get path "/metrics"` },
    });
  });
});
