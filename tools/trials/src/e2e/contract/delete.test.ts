import { waitFor } from '@node-termination-handler/control-plane';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { PodSetup, WireObject } from './testing/subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

describe(`deletions on the ${subject.kind}`, () => {
  let namespace: string;
  let node: string;
  beforeAll(async () => {
    namespace = await subject.createNamespace();
    node = (await subject.createNode()).metadata.name;
  });
  const podPath = (name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;
  const pod = async (setup: PodSetup = {}) => subject.createPod(namespace, { node, ...setup });
  const get = async (name: string) => subject.admin.request('GET', podPath(name));
  const remove = async (name: string, options?: Record<string, unknown>, query = '') =>
    subject.admin.request('DELETE', `${podPath(name)}${query}`, options ? { body: deleteOptions(options) } : {});
  const deleteOptions = (options: Record<string, unknown>) => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...options });
  const whenGone = async (name: string) =>
    waitFor(async () => ((await get(name)).status === 404 ? true : undefined), { what: `${name} to be gone` });

  it('of a pod on a node mark it with its own grace, and answer with the pod', async () => {
    const { name, uid } = (await pod({ graceSeconds: 20 })).metadata;
    const response = await remove(name);
    expect(response).toMatchObject({
      status: 200,
      body: { kind: 'Pod', metadata: { name, uid, deletionGracePeriodSeconds: 20 } },
    });
    const { deletionTimestamp } = (response.body as WireObject).metadata;
    const secondsLeft = (Date.parse(deletionTimestamp!) - Date.now()) / 1000;
    expect(secondsLeft).toBeGreaterThan(10);
    expect(secondsLeft).toBeLessThan(25);
  });

  it('end when the pod has ended, before its grace is over', async () => {
    const { name } = (await pod({ graceSeconds: 600, endsAfterSeconds: 0 })).metadata;
    await remove(name);
    await whenGone(name);
  });

  it('end when the grace is over, if the pod takes longer', async () => {
    const { name } = (await pod({ graceSeconds: 1, endsAfterSeconds: 600 })).metadata;
    await remove(name);
    await whenGone(name);
  });

  it('with a grace of their own', async () => {
    const { name } = (await pod({ graceSeconds: 20 })).metadata;
    expect(await remove(name, { gracePeriodSeconds: 5 })).toMatchObject({
      status: 200,
      body: { metadata: { deletionGracePeriodSeconds: 5 } },
    });
  });

  it('shorten a grace that runs, and never lengthen it', async () => {
    const { name } = (await pod({ graceSeconds: 100, endsAfterSeconds: 'never' })).metadata;
    await remove(name);
    expect((await remove(name, { gracePeriodSeconds: 10 })).body).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 10 },
    });
    expect((await remove(name, { gracePeriodSeconds: 50 })).body).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 10 },
    });
  });

  it('with grace 0 remove a pod at once, even one that hangs', async () => {
    const { name } = (await pod({ endsAfterSeconds: 'never', graceSeconds: 1 })).metadata;
    await remove(name);
    expect((await get(name)).status).toBe(200);
    expect((await remove(name, { gracePeriodSeconds: 0 })).status).toBe(200);
    expect((await get(name)).status).toBe(404);
  });

  it('of a pod without a node remove it at once', async () => {
    const { name } = (await subject.createPod(namespace)).metadata;
    expect((await remove(name)).status).toBe(200);
    expect((await get(name)).status).toBe(404);
  });

  it('of a pod that is done remove it at once', async () => {
    const { name } = (await pod({ completes: true })).metadata;
    expect((await remove(name)).status).toBe(200);
    await whenGone(name);
  });

  it('of what is not there: 404', async () => {
    expect(await remove('none')).toMatchObject({
      status: 404,
      body: { ...failure(404, 'NotFound'), message: 'pods "none" not found' },
    });
  });

  it('with another uid as a precondition: 409 that names both', async () => {
    const { name, uid } = (await pod()).metadata;
    expect(await remove(name, { preconditions: { uid: 'another' } })).toMatchObject({
      status: 409,
      body: {
        ...failure(409, 'Conflict'),
        message: `Operation cannot be fulfilled on Pod "${name}": the UID in the precondition (another) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
        details: { name, kind: 'Pod' },
      },
    });
    expect((await get(name)).body).not.toHaveProperty('metadata.deletionTimestamp');
    expect((await remove(name, { preconditions: { uid } })).status).toBe(200);
  });

  it('with another resource version as a precondition: 409', async () => {
    const { name } = (await pod()).metadata;
    const response = await remove(name, { preconditions: { resourceVersion: '1' } });
    expect(response).toMatchObject({ status: 409, body: failure(409, 'Conflict') });
  });

  it('with dryRun=All change nothing', async () => {
    const before = await pod();
    expect((await remove(before.metadata.name, undefined, '?dryRun=All')).status).toBe(200);
    expect((await remove(before.metadata.name, { dryRun: ['All'] })).status).toBe(200);
    const after = (await get(before.metadata.name)).body as WireObject;
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('take the options from the query, too', async () => {
    const { name } = (await pod()).metadata;
    expect(await remove(name, undefined, '?gracePeriodSeconds=3&propagationPolicy=Background')).toMatchObject({
      status: 200,
      body: { metadata: { deletionGracePeriodSeconds: 3 } },
    });
  });

  it('hold an object until its last finalizer is removed', async () => {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const name = freshName('map');
    const metadata = { name, finalizers: ['example.com/a', 'example.com/b'] };
    await subject.admin.request('POST', maps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata } });
    const path = `${maps}/${name}`;
    const first = await subject.admin.request('DELETE', path);
    expect(first).toMatchObject({
      status: 200,
      body: { kind: 'ConfigMap', metadata: { deletionTimestamp: expect.any(String) } },
    });
    const without = async (finalizers: readonly string[]) =>
      subject.admin.request('PATCH', path, {
        contentType: 'application/merge-patch+json',
        body: { metadata: { finalizers } },
      });
    const late = await without(['example.com/a', 'example.com/c']);
    expect(late).toMatchObject({ status: 422, body: failure(422, 'Invalid') });
    expect((late.body as { message: string }).message).toContain(
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/c"}',
    );
    expect((await without(['example.com/a'])).status).toBe(200);
    expect((await subject.admin.request('GET', path)).status).toBe(200);
    expect((await without([])).status).toBe(200);
    expect((await subject.admin.request('GET', path)).status).toBe(404);
  });

  it('of an object without grace answer with a Success that names it', async () => {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const name = freshName('map');
    const made = await subject.admin.request('POST', maps, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
    });
    const { uid } = (made.body as WireObject).metadata;
    expect(await subject.admin.request('DELETE', `${maps}/${name}`)).toMatchObject({
      status: 200,
      body: { kind: 'Status', status: 'Success', details: { name, kind: 'configmaps', uid } },
    });
  });

  it('make room for another of the same name, with another uid', async () => {
    // Not a pod: kwok, which ends pods on the real server, may still be deleting the first one by its name.
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'same' } };
    const create = async () => (await subject.admin.request('POST', maps, { body })).body as WireObject;
    const first = await create();
    await subject.admin.request('DELETE', `${maps}/same`);
    const second = await create();
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    const late = deleteOptions({ preconditions: { uid: first.metadata.uid } });
    const response = await subject.admin.request('DELETE', `${maps}/same`, { body: late });
    expect(response).toMatchObject({ status: 409, body: failure(409, 'Conflict') });
  });
});
