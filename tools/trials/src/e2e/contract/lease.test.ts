import type { ApiClient } from '@node-termination-handler/control-plane';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { failure, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { WireObject } from './testing/subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const lease = (name: string, spec: Record<string, unknown>, metadata = {}) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, ...metadata },
  spec,
});

describe(`leases on the ${subject.kind}`, () => {
  let name: string;
  beforeEach(() => {
    name = freshName('lease');
  });
  const create = async (spec: Record<string, unknown>) =>
    subject.admin.request('POST', leases, { body: lease(name, spec) });
  const holder = { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.678901Z' };

  it('keep times to the microsecond', async () => {
    expect(await create(holder)).toMatchObject({ status: 201, body: { spec: holder } });
    expect((await subject.admin.request('GET', `${leases}/${name}`)).body).toMatchObject({ spec: holder });
  });

  it('refuse what is no time, or one without six digits: 400', async () => {
    for (const renewTime of ['yesterday', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.678Z']) {
      const response = await create({ ...holder, renewTime });
      expect(response).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
      expect((response.body as { message: string }).message).toContain('cannot be handled as a Lease: parsing time');
    }
  });

  it('refuse a duration that is not positive: 422', async () => {
    expect(await create({ ...holder, leaseDurationSeconds: 0 })).toMatchObject({
      status: 422,
      body: failure(422, 'Invalid'),
    });
  });

  it('are made by one only: the second gets 409 AlreadyExists', async () => {
    const answers = await Promise.all([create(holder), create(holder), create(holder)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(await create(holder)).toMatchObject({
      status: 409,
      body: {
        ...failure(409, 'AlreadyExists'),
        message: `leases.coordination.k8s.io "${name}" already exists`,
        details: { name, group: 'coordination.k8s.io', kind: 'leases' },
      },
    });
  });

  it('are taken over by one only: the others conflict', async () => {
    const made = (await create(holder)).body as WireObject;
    const { resourceVersion } = made.metadata;
    const take = async (holderIdentity: string) =>
      subject.admin.request('PUT', `${leases}/${name}`, {
        body: lease(name, { ...holder, holderIdentity, leaseTransitions: 1 }, { resourceVersion }),
      });
    const answers = await Promise.all(['b', 'c', 'd'].map(take));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      ...failure(409, 'Conflict'),
      message: `Operation cannot be fulfilled on leases.coordination.k8s.io "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    });
  });

  it('are renewed and released by a merge patch', async () => {
    await create(holder);
    const patch = async (spec: Record<string, unknown>) =>
      subject.admin.request('PATCH', `${leases}/${name}`, {
        contentType: 'application/merge-patch+json',
        body: { spec },
      });
    const renewTime = '2026-01-02T03:05:05.000001Z';
    expect(await patch({ renewTime })).toMatchObject({ status: 200, body: { spec: { ...holder, renewTime } } });
    const released = await patch({ holderIdentity: null });
    expect(released.body).not.toHaveProperty('spec.holderIdentity');
  });

  describe('that only carry annotations', () => {
    const metadata = (annotations: Record<string, string | null>) => ({ metadata: { annotations } });
    const patch = async (client: ApiClient, annotations: Record<string, string | null>) =>
      client.request('PATCH', `${leases}/${name}`, {
        contentType: 'application/merge-patch+json',
        body: metadata(annotations),
      });
    beforeEach(async () => {
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } };
      expect(await subject.admin.request('POST', leases, { body })).toMatchObject({ status: 201 });
    });

    it('take many writers at a time, each in an annotation of his own', async () => {
      const keys = Array.from({ length: 8 }, (_, index) => `beat.example.com/pod-${index}`);
      const answers = await Promise.all(keys.map((key) => patch(subject.admin, { [key]: 'one' })));
      expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
      const last = await patch(subject.admin, { [keys[0] ?? '']: null });
      const others = Object.fromEntries(keys.slice(1).map((key) => [key, 'one']));
      expect((last.body as WireObject).metadata.annotations).toEqual(others);
      const versions = answers.map(({ body }) => Number((body as WireObject).metadata.resourceVersion));
      expect(Number((last.body as WireObject).metadata.resourceVersion)).toBeGreaterThan(Math.max(...versions));
    });

    it('are read, listed, watched and patched by one whose rule names them, and no others', async () => {
      const { client } = await subject.userWith([
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          resourceNames: [name],
          verbs: ['get', 'list', 'watch', 'patch'],
        },
      ]);
      const own = new URLSearchParams({ fieldSelector: `metadata.name=${name}` }).toString();
      const list = await client.request('GET', `${leases}?${own}`);
      expect(list).toMatchObject({ status: 200, body: { items: [{ metadata: { name } }] } });
      const { resourceVersion } = (list.body as { metadata: { resourceVersion: string } }).metadata;
      const stop = new AbortController();
      const query = `${own}&watch=1&resourceVersion=${resourceVersion}`;
      const { status, events } = await client.watch(`${leases}?${query}`, { signal: stop.signal });
      expect(status).toBe(200);
      expect((await patch(client, { 'beat.example.com/a': 'one' })).status).toBe(200);
      expect((await events[Symbol.asyncIterator]().next()).value).toMatchObject({
        type: 'MODIFIED',
        object: metadata({ 'beat.example.com/a': 'one' }),
      });
      stop.abort();
      expect((await client.request('GET', `${leases}/${name}`)).status).toBe(200);
      for (const path of [
        leases,
        `${leases}?watch=1`,
        `${leases}/other`,
        `${leases}?fieldSelector=metadata.name%3Dother`,
      ]) {
        expect([path, (await client.request('GET', path)).status]).toEqual([path, 403]);
      }
    });
  });

  it('that are gone: 404', async () => {
    expect(await subject.admin.request('GET', `${leases}/none`)).toMatchObject({
      status: 404,
      body: { ...failure(404, 'NotFound'), message: 'leases.coordination.k8s.io "none" not found' },
    });
  });
});
