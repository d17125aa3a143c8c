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

  it('that are gone: 404', async () => {
    expect(await subject.admin.request('GET', `${leases}/none`)).toMatchObject({
      status: 404,
      body: { ...failure(404, 'NotFound'), message: 'leases.coordination.k8s.io "none" not found' },
    });
  });
});
