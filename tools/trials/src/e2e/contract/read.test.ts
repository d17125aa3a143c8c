import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { WireObject } from './testing/subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

interface WireList {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly WireObject[];
}

const query = (parameters: Record<string, string>) => `?${new URLSearchParams(parameters).toString()}`;
const get = async (path: string, headers: Record<string, string> = {}) =>
  subject.admin.request('GET', path, { headers });
const list = async (path: string, parameters: Record<string, string> = {}) => {
  const response = await get(`${path}${query(parameters)}`);
  expect(response.status, JSON.stringify(response.body)).toBe(200);
  return response.body as WireList;
};
const names = ({ items }: WireList) => items.map(({ metadata }) => metadata.name).sort();

describe(`reads on the ${subject.kind}`, () => {
  let namespace: string;
  let pods: string;
  let node: WireObject;
  const made: Record<'one' | 'two' | 'three', string> = { one: '', two: '', three: '' };
  beforeAll(async () => {
    namespace = await subject.createNamespace();
    pods = `/api/v1/namespaces/${namespace}/pods`;
    node = await subject.createNode({ labels: { 'example.com/pool': namespace } });
    const setups = { one: { app: 'a', tier: 'x' }, two: { app: 'b', tier: 'x' }, three: { app: 'c' } };
    for (const [name, labels] of Object.entries(setups) as ['one' | 'two' | 'three', Record<string, string>][]) {
      const on = name === 'three' ? {} : { node: node.metadata.name };
      made[name] = (await subject.createPod(namespace, { name, labels, ...on })).metadata.name;
    }
  });

  it('of one object that is not there: 404', async () => {
    expect(await get(`${pods}/none`)).toMatchObject({
      status: 404,
      body: { ...failure(404, 'NotFound'), message: 'pods "none" not found', details: { name: 'none', kind: 'pods' } },
    });
    expect(await get('/apis/apps/v1/namespaces/default/daemonsets/none')).toMatchObject({
      status: 404,
      body: {
        ...failure(404, 'NotFound'),
        message: 'daemonsets.apps "none" not found',
        details: { name: 'none', group: 'apps', kind: 'daemonsets' },
      },
    });
  });

  it('of a resource or a path that is not there: 404 in other words', async () => {
    expect(await get('/api/v1/unicorns')).toMatchObject({ status: 404 });
    expect(await get('/apis/example.com/v1/unicorns')).toMatchObject({ status: 404 });
    expect(await get('/no/such/path')).toMatchObject({ status: 404 });
  });

  it('of a list name its kind, and its items name none', async () => {
    const response = await list(pods);
    expect(response).toMatchObject({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.any(String) },
    });
    expect(response.items[0]).not.toHaveProperty('kind');
    expect(names(response)).toEqual(['one', 'three', 'two']);
  });

  it.each([
    ['app=a', ['one']],
    ['app==a', ['one']],
    ['app!=a', ['three', 'two']],
    ['app in (a,b)', ['one', 'two']],
    ['app notin (a,b)', ['three']],
    ['tier', ['one', 'two']],
    ['!tier', ['three']],
    ['tier=x,app in (b,c)', ['two']],
    ['tier notin (x)', ['three']],
    ['app=none', []],
  ])('select by label: %s', async (labelSelector, expected) => {
    expect(names(await list(pods, { labelSelector }))).toEqual(expected);
  });

  it.each(['a b', '=x', 'app in', 'app=(a)'])(
    'refuse a label selector that does not parse: %s',
    async (labelSelector) => {
      expect(await get(`${pods}${query({ labelSelector })}`)).toMatchObject({
        status: 400,
        body: failure(400, 'BadRequest'),
      });
    },
  );

  it('select pods by field', async () => {
    const nodeName = node.metadata.name;
    const by = async (fieldSelector: string) => names(await list(pods, { fieldSelector }));
    expect(await by(`spec.nodeName=${nodeName}`)).toEqual(['one', 'two']);
    expect(await by(`spec.nodeName!=${nodeName}`)).toEqual(['three']);
    expect(await by('spec.nodeName=')).toEqual(['three']);
    expect(await by('metadata.name=two')).toEqual(['two']);
    expect(await by('status.phase=Running')).toEqual(['one', 'two']);
    expect(await by(`spec.nodeName=${nodeName},metadata.name!=one`)).toEqual(['two']);
    expect(await by(`metadata.namespace=${namespace}`)).toEqual(['one', 'three', 'two']);
    const everywhere = await list('/api/v1/pods', { fieldSelector: `spec.nodeName=${nodeName}` });
    expect(names(everywhere)).toEqual(['one', 'two']);
  });

  it('select nodes by field and label', async () => {
    const labelSelector = `example.com/pool=${namespace}`;
    const by = async (fieldSelector: string) => names(await list('/api/v1/nodes', { fieldSelector, labelSelector }));
    expect(await by('spec.unschedulable=false')).toEqual([node.metadata.name]);
    expect(await by('spec.unschedulable=true')).toEqual([]);
    expect(await by(`metadata.name=${node.metadata.name}`)).toEqual([node.metadata.name]);
  });

  it('refuse a field selector that the resource does not have: 400', async () => {
    const response = await get(`${pods}${query({ fieldSelector: 'spec.hostname=x' })}`);
    expect(response).toMatchObject({
      status: 400,
      body: { ...failure(400, 'BadRequest'), message: 'field label not supported: spec.hostname' },
    });
    const nodes = await get(`/api/v1/nodes${query({ fieldSelector: 'spec.providerID=x' })}`);
    expect(nodes).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
  });

  it('come in pages', async () => {
    const first = await list(pods, { limit: '2' });
    expect(first.items).toHaveLength(2);
    expect(first.metadata).toMatchObject({ continue: expect.stringMatching(/./), remainingItemCount: 1 });
    const second = await list(pods, { limit: '2', continue: first.metadata.continue! });
    expect(second.items).toHaveLength(1);
    expect(second.metadata).not.toHaveProperty('continue');
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect([...names(first), ...names(second)].sort()).toEqual(['one', 'three', 'two']);
  });

  it('come in pages with a selector, which do not say how many remain', async () => {
    const first = await list(pods, { limit: '1', labelSelector: 'tier' });
    expect(first.items).toHaveLength(1);
    expect(first.metadata).not.toHaveProperty('remainingItemCount');
    const second = await list(pods, { limit: '1', labelSelector: 'tier', continue: first.metadata.continue! });
    expect([...names(first), ...names(second)].sort()).toEqual(['one', 'two']);
  });

  it('go on after objects came and went, as of the first page', async () => {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const create = async (name: string) =>
      subject.admin.request('POST', maps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } } });
    await Promise.all(['b1', 'b2', 'b3'].map(create));
    const labelSelector = '!nobody';
    const first = await list(maps, { limit: '1', labelSelector });
    await create('b4');
    await subject.admin.request('DELETE', `${maps}/b3`);
    let page = first;
    const seen = names(first);
    while (page.metadata.continue !== undefined) {
      page = await list(maps, { limit: '1', labelSelector, continue: page.metadata.continue });
      seen.push(...names(page));
    }
    expect(seen).toContain('b3');
    expect(seen).not.toContain('b4');
  });

  it('refuse a continue token that is none: 400', async () => {
    const response = await get(`${pods}${query({ limit: '1', continue: 'nonsense' })}`);
    expect(response).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
    expect((response.body as { message: string }).message).toContain('continue key is not valid');
  });

  it('refuse a continue token older than the history: 410 Expired', async () => {
    const events = `/api/v1/namespaces/${namespace}/events`;
    for (const name of ['e1', 'e2']) {
      const involvedObject = { kind: 'Pod', namespace, name: 'one' };
      const body = { apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject, reason: 'Test' };
      expect((await subject.admin.request('POST', events, { body })).status).toBe(201);
    }
    const first = await list(events, { limit: '1' });
    await subject.admin.request('DELETE', `${events}/e1`);
    await subject.expireHistory();
    const response = await get(`${events}${query({ limit: '1', continue: first.metadata.continue! })}`);
    expect(response).toMatchObject({ status: 410, body: { ...failure(410, 'Expired') } });
  });

  it('from memory are allowed with resourceVersion=0', async () => {
    const later = await list(pods, { resourceVersion: '0' });
    expect(later.items.length).toBeLessThanOrEqual(3);
    expect(later.metadata.resourceVersion).toMatch(/^\d+$/);
  });

  it('at least as new as a version: fine when it has been, 400 for nonsense, 504 for the far future', async () => {
    const { resourceVersion } = (await list(pods)).metadata;
    expect(names(await list(pods, { resourceVersion, resourceVersionMatch: 'NotOlderThan' }))).toHaveLength(3);
    expect(names(await list(pods, { resourceVersion, resourceVersionMatch: 'Exact' }))).toHaveLength(3);
    const future = { resourceVersion: '999999999', resourceVersionMatch: 'NotOlderThan' };
    expect(await get(`${pods}${query(future)}`)).toMatchObject({
      status: 504,
      body: {
        ...failure(504, 'Timeout'),
        message: expect.stringMatching(/^Timeout: Too large resource version: 999999999, current: \d+$/),
      },
    });
  });

  it('refuse a resourceVersionMatch without a version: 422', async () => {
    const response = await get(`${pods}${query({ resourceVersionMatch: 'Exact' })}`);
    expect(response).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
  });

  it('of metadata only, when asked so', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const response = await get(pods, { accept });
    expect(response).toMatchObject({
      status: 200,
      body: { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' },
    });
    for (const item of (response.body as WireList).items) {
      expect(item).not.toHaveProperty('spec');
      expect(item.metadata.uid).toMatch(/./);
    }
    const one = await get(`${pods}/one`, { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' });
    expect(one.body).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'one' } });
    expect(one.body).not.toHaveProperty('spec');
  });

  it.each([
    '/apis/apps/v1/daemonsets',
    '/apis/apps/v1/replicasets',
    '/apis/apps/v1/statefulsets',
    '/apis/apps/v1/deployments',
    '/apis/batch/v1/jobs',
    '/apis/policy/v1/poddisruptionbudgets',
    '/apis/storage.k8s.io/v1/volumeattachments',
    '/apis/coordination.k8s.io/v1/leases',
    '/apis/events.k8s.io/v1/events',
    '/api/v1/nodes',
    '/api/v1/namespaces',
  ])('know %s', async (path) => {
    expect(await list(path)).toMatchObject({ kind: expect.stringMatching(/List$/), items: expect.any(Array) });
  });

  it('tell the version, and that the server is well', async () => {
    expect(await get('/version')).toMatchObject({
      status: 200,
      body: { major: '1', gitVersion: expect.stringMatching(/^v1\./) },
    });
    for (const path of ['/healthz', '/livez', '/readyz'])
      expect(await get(path)).toMatchObject({ status: 200, body: 'ok' });
  });

  it('by a method that the path does not have: 405', async () => {
    const response = await subject.admin.request('POST', `${pods}/one`, { body: {} });
    expect(response).toMatchObject({ status: 405, body: failure(405, 'MethodNotAllowed') });
  });

  it('with names that need escaping', async () => {
    expect(await get(`${pods}/${encodeURIComponent('a/../b')}`)).toMatchObject({ status: 404 });
    expect(freshName('x')).toMatch(/^x-/);
  });
});
