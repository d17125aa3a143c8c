import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { failure, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { WireObject } from './testing/subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: Record<string, string>, metadata = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

describe(`creations and updates on the ${subject.kind}`, () => {
  let created: WireObject;
  beforeEach(async () => {
    const body = configMap(freshName('map'), { a: '1' });
    const response = await subject.admin.request('POST', configMaps, { body });
    expect(response.status).toBe(201);
    created = response.body as WireObject;
  });
  const put = async (name: string, body: unknown, query = '') =>
    subject.admin.request('PUT', `${configMaps}/${name}${query}`, { body });

  it('a creation fills in what only the server knows', () => {
    expect(created).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        namespace: 'default',
        uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    });
  });

  it('a creation of what is there: 409 AlreadyExists', async () => {
    const { name } = created.metadata;
    const response = await subject.admin.request('POST', configMaps, { body: configMap(name, {}) });
    expect(response).toMatchObject({
      status: 409,
      body: {
        ...failure(409, 'AlreadyExists'),
        message: `configmaps "${name}" already exists`,
        details: { name, kind: 'configmaps' },
      },
    });
  });

  it('a creation makes up a name from generateName', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'some-' } };
    const response = await subject.admin.request('POST', configMaps, { body });
    expect(response).toMatchObject({
      status: 201,
      body: { metadata: { name: expect.stringMatching(/^some-[a-z0-9]{5}$/) } },
    });
  });

  it('a creation with a bad name: 422', async () => {
    const response = await subject.admin.request('POST', configMaps, { body: configMap('Not_A_Name', {}) });
    expect(response).toMatchObject({
      status: 422,
      body: {
        ...failure(422, 'Invalid'),
        details: { name: 'Not_A_Name', kind: 'ConfigMap', causes: [{ field: 'metadata.name' }] },
      },
    });
  });

  it('a creation with a resource version: 400 or 500, and nothing is made', async () => {
    const name = freshName('map');
    const body = configMap(name, {}, { resourceVersion: '5' });
    const response = await subject.admin.request('POST', configMaps, { body });
    expect(response.status).toBe(500);
    expect((response.body as { message: string }).message).toBe(
      'resourceVersion should not be set on objects to be created',
    );
    expect((await subject.admin.request('GET', `${configMaps}/${name}`)).status).toBe(404);
  });

  it('a creation in a namespace that is not there: 404', async () => {
    const path = '/api/v1/namespaces/no-such-namespace/configmaps';
    const response = await subject.admin.request('POST', path, { body: configMap('a', {}) });
    expect(response).toMatchObject({
      status: 404,
      body: { ...failure(404, 'NotFound'), message: 'namespaces "no-such-namespace" not found' },
    });
  });

  it('a creation for another namespace than the path says: 400', async () => {
    const body = configMap(freshName('map'), {}, { namespace: 'kube-system' });
    const response = await subject.admin.request('POST', configMaps, { body });
    expect(response).toMatchObject({
      status: 400,
      body: {
        ...failure(400, 'BadRequest'),
        message: 'the namespace of the provided object does not match the namespace sent on the request',
      },
    });
  });

  it('a creation with dryRun=All answers 201 and makes nothing', async () => {
    const name = freshName('map');
    const response = await subject.admin.request('POST', `${configMaps}?dryRun=All`, { body: configMap(name, {}) });
    expect(response).toMatchObject({ status: 201, body: { metadata: { name, uid: expect.any(String) } } });
    expect((await subject.admin.request('GET', `${configMaps}/${name}`)).status).toBe(404);
  });

  it('a body that is not JSON, or of another kind: 400', async () => {
    const broken = await subject.admin.request('POST', configMaps, { body: '{bad' });
    expect(broken).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
    const body = { ...configMap(freshName('map'), {}), kind: 'Secret' };
    const other = await subject.admin.request('POST', configMaps, { body });
    expect(other).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
  });

  it('an update with the version it has replaces it', async () => {
    const { name, resourceVersion } = created.metadata;
    const response = await put(name, configMap(name, { b: '2' }, { resourceVersion }));
    expect(response).toMatchObject({
      status: 200,
      body: { data: { b: '2' }, metadata: { uid: created.metadata.uid } },
    });
    expect(response.body).not.toHaveProperty('data.a');
  });

  it('an update with an older version: 409 Conflict', async () => {
    const { name, resourceVersion } = created.metadata;
    await put(name, configMap(name, { b: '2' }, { resourceVersion }));
    expect(await put(name, configMap(name, { c: '3' }, { resourceVersion }))).toMatchObject({
      status: 409,
      body: {
        ...failure(409, 'Conflict'),
        message: `Operation cannot be fulfilled on configmaps "${name}": the object has been modified; please apply your changes to the latest version and try again`,
        details: { name, kind: 'configmaps' },
      },
    });
  });

  it('an update without a version overwrites', async () => {
    const { name } = created.metadata;
    expect(await put(name, configMap(name, { d: '4' }))).toMatchObject({ status: 200, body: { data: { d: '4' } } });
  });

  it('an update of another uid: 409', async () => {
    const { name } = created.metadata;
    const response = await put(name, configMap(name, {}, { uid: 'another' }));
    expect(response).toMatchObject({ status: 409, body: failure(409, 'Conflict') });
  });

  it('an update of another name than the path says: 400', async () => {
    const response = await put(created.metadata.name, configMap('another', {}));
    expect(response).toMatchObject({
      status: 400,
      body: {
        ...failure(400, 'BadRequest'),
        message: `the name of the object (another) does not match the name on the URL (${created.metadata.name})`,
      },
    });
  });

  it('an update of what is not there: 404', async () => {
    const name = freshName('map');
    expect(await put(name, configMap(name, {}))).toMatchObject({ status: 404, body: failure(404, 'NotFound') });
  });

  it('an update with dryRun=All writes nothing', async () => {
    const { name, resourceVersion } = created.metadata;
    const response = await put(name, configMap(name, { b: '2' }, { resourceVersion }), '?dryRun=All');
    expect(response).toMatchObject({ status: 200, body: { data: { b: '2' } } });
    const after = await subject.admin.request('GET', `${configMaps}/${name}`);
    expect(after.body).toMatchObject({ data: { a: '1' }, metadata: { resourceVersion } });
  });

  it('of many updates from one version, one wins', async () => {
    const { name, resourceVersion } = created.metadata;
    const responses = await Promise.all(
      Array.from({ length: 10 }, async (_, index) =>
        put(name, configMap(name, { x: String(index) }, { resourceVersion })),
      ),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
  });
});
