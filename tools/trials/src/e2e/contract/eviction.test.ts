import { waitFor } from '@node-termination-handler/control-plane';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { budgetManifest, evictionManifest, failure, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { PodSetup, WireObject } from './testing/subject.ts';
import { openWatch } from './testing/watching.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

describe(`evictions on the ${subject.kind}`, () => {
  let namespace: string;
  let node: string;
  let app: string;
  beforeAll(async () => {
    namespace = await subject.createNamespace();
    node = (await subject.createNode()).metadata.name;
  });
  beforeEach(() => {
    app = freshName('app');
  });

  const podPath = (name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;
  const pod = async (setup: PodSetup = {}) =>
    subject.createPod(namespace, { node, labels: { app }, graceSeconds: 30, ...setup });
  const get = async (name: string) => subject.admin.request('GET', podPath(name));
  const evict = async (name: string, deleteOptions?: Record<string, unknown>, query = '') =>
    subject.admin.request('POST', `${podPath(name)}/eviction${query}`, {
      body: evictionManifest(namespace, name, deleteOptions),
    });

  /** A budget whose status the disruption controller has worked out. */
  async function budget(spec: Record<string, unknown>, expected: Record<string, number>): Promise<string> {
    const name = freshName('budget');
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
    const body = budgetManifest(namespace, name, { app }, spec);
    expect((await subject.admin.request('POST', path, { body })).status).toBe(201);
    await settled(name, expected);
    return name;
  }
  async function settled(name: string, expected: Record<string, number>): Promise<void> {
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${name}`;
    const look = async () => {
      const { status } = (await subject.admin.request('GET', path)).body as WireObject;
      const right = Object.entries(expected).every(([field, value]) => status?.[field] === value);
      const seen = 'observedGeneration' in expected || status?.observedGeneration === 1;
      return right && seen ? true : undefined;
    };
    await waitFor(look, { what: `the budget ${name} to say ${JSON.stringify(expected)}`, timeoutMs: 20_000 });
  }

  it('are accepted with 201 and a Success, and the pod ends within its grace', async () => {
    const { name } = (await pod()).metadata;
    expect(await evict(name)).toMatchObject({
      status: 201,
      body: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', code: 201 },
    });
    expect((await get(name)).body).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 30 },
      status: {
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
        ]),
      },
    });
  });

  it('of a pod that is not there: 404', async () => {
    expect(await evict('none')).toMatchObject({
      status: 404,
      body: { ...failure(404, 'NotFound'), message: 'pods "none" not found', details: { name: 'none', kind: 'pods' } },
    });
  });

  it('take the grace that the delete options say', async () => {
    const { name } = (await pod()).metadata;
    expect((await evict(name, { gracePeriodSeconds: 7 })).status).toBe(201);
    expect((await get(name)).body).toMatchObject({ metadata: { deletionGracePeriodSeconds: 7 } });
  });

  it('with grace 0 remove the pod at once', async () => {
    const { name } = (await pod({ endsAfterSeconds: 'never' })).metadata;
    expect((await evict(name, { gracePeriodSeconds: 0 })).status).toBe(201);
    expect((await get(name)).status).toBe(404);
  });

  it('with another uid as a precondition: 409, and the pod stays', async () => {
    const { name, uid } = (await pod()).metadata;
    const refused = await evict(name, { preconditions: { uid: 'another' } });
    expect(refused).toMatchObject({ status: 409, body: failure(409, 'Conflict') });
    expect((await get(name)).body).not.toHaveProperty('metadata.deletionTimestamp');
    expect((await evict(name, { preconditions: { uid } })).status).toBe(201);
  });

  it('with dryRun=All answer 201 and change nothing', async () => {
    const before = await pod();
    expect((await evict(before.metadata.name, undefined, '?dryRun=All')).status).toBe(201);
    expect((await evict(before.metadata.name, { dryRun: ['All'] })).status).toBe(201);
    expect((await get(before.metadata.name)).body).toMatchObject({
      metadata: { resourceVersion: before.metadata.resourceVersion },
    });
  });

  it('whose name is not the path’s: 400', async () => {
    const { name } = (await pod()).metadata;
    const response = await subject.admin.request('POST', `${podPath(name)}/eviction`, {
      body: evictionManifest(namespace, 'another'),
    });
    expect(response).toMatchObject({ status: 400, body: failure(400, 'BadRequest') });
  });

  it('of a pod that is ending already: 201', async () => {
    const { name } = (await pod()).metadata;
    await evict(name);
    expect((await evict(name)).status).toBe(201);
  });

  it('that a budget does not allow: 429 with the cause DisruptionBudget, and the pod stays', async () => {
    const [one] = await Promise.all([pod(), pod()]);
    const name = await budget({ minAvailable: 2 }, { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2 });
    const response = await evict(one.metadata.name);
    expect(response).toMatchObject({
      status: 429,
      body: {
        ...failure(429, 'TooManyRequests'),
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            {
              reason: 'DisruptionBudget',
              message: `The disruption budget ${name} needs 2 healthy pods and has 2 currently`,
            },
          ],
        },
      },
    });
    expect(response.headers).not.toHaveProperty('retry-after');
    expect((await get(one.metadata.name)).body).not.toHaveProperty('metadata.deletionTimestamp');
    expect((await evict(one.metadata.name, undefined, '?dryRun=All')).status).toBe(429);
  });

  it('with another uid spend what the budget allows, and are refused with 409', async () => {
    const [one, other] = await Promise.all([pod(), pod(), pod()]);
    await budget({ minAvailable: 2 }, { disruptionsAllowed: 1 });
    expect((await evict(one.metadata.name, { preconditions: { uid: 'another' } })).status).toBe(409);
    expect((await evict(other.metadata.name)).status).toBe(429);
  });

  it('for which flow control has no seat free: 429 that is no Status, with Retry-After', async () => {
    const { name } = (await pod()).metadata;
    const rules = [{ apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] }];
    const user = await subject.userWith(rules);
    const asUser = async () =>
      user.client.request('POST', `${podPath(name)}/eviction?dryRun=All`, { body: evictionManifest(namespace, name) });
    const giveSeats = await subject.withFewSeats(user.name);
    const burst = async () => {
      const responses = await Promise.all(Array.from({ length: 20 }, asUser));
      return responses.find(({ status }) => status !== 201);
    };
    const refused = await waitFor(burst, { what: 'flow control to have no seat free', timeoutMs: 30_000 });
    await giveSeats();
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(refused.body).not.toHaveProperty('kind');
    expect(await asUser()).toMatchObject({ status: 201 });
  });

  it('of pods that nobody controls are not allowed by maxUnavailable, which asks the controller for their number', async () => {
    const [one] = await Promise.all([pod(), pod()]);
    await budget({ maxUnavailable: 1 }, { disruptionsAllowed: 0 });
    expect((await evict(one.metadata.name)).status).toBe(429);
  });

  it('of pods that are not ready are allowed by AlwaysAllow only', async () => {
    const unready = await pod({ neverReady: true });
    const phase = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } };
    await subject.admin.request('PATCH', `${podPath(unready.metadata.name)}/status`, {
      contentType: 'application/strategic-merge-patch+json',
      body: phase,
    });
    const name = await budget({ minAvailable: 1 }, { disruptionsAllowed: 0, currentHealthy: 0 });
    expect((await evict(unready.metadata.name)).status).toBe(429);
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${name}`;
    const body = { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } };
    await subject.admin.request('PATCH', path, { contentType: 'application/merge-patch+json', body });
    await settled(name, { disruptionsAllowed: 0, observedGeneration: 2 });
    expect((await evict(unready.metadata.name)).status).toBe(201);
  });

  it('open with the number of healthy pods', async () => {
    const [one, two] = await Promise.all([pod({ endsAfterSeconds: 0 }), pod(), pod()]);
    const name = await budget({ minAvailable: 2 }, { disruptionsAllowed: 1, currentHealthy: 3 });
    expect((await evict(one.metadata.name)).status).toBe(201);
    expect((await evict(two.metadata.name)).status).toBe(429);
    await pod();
    await settled(name, { disruptionsAllowed: 1 });
    expect((await evict(two.metadata.name)).status).toBe(201);
  });

  it('are listed from the cache and watched everywhere, with how many pods they let go', async () => {
    const all = '/apis/policy/v1/poddisruptionbudgets';
    await pod();
    const name = await budget({ minAvailable: 1 }, { disruptionsAllowed: 0 });
    const { status, body } = await subject.admin.request('GET', `${all}?resourceVersion=0`);
    const { metadata } = body as { readonly metadata: { readonly resourceVersion: string } };
    expect(status).toBe(200);
    await using watch = await openWatch(subject, all, { resourceVersion: metadata.resourceVersion });
    await pod();
    for (;;) {
      const event = await watch.next();
      if (event?.object.metadata.name !== name || event.object.metadata.namespace !== namespace) continue;
      expect(event.type).toBe('MODIFIED');
      if ((event.object.status as { readonly disruptionsAllowed: number }).disruptionsAllowed === 1) break;
    }
  });

  it('of a pod with two budgets: 500 in these words', async () => {
    const { name } = (await pod()).metadata;
    await budget({ minAvailable: 0 }, { disruptionsAllowed: 1 });
    await budget({ minAvailable: 0 }, { disruptionsAllowed: 1 });
    expect(await evict(name)).toMatchObject({
      status: 500,
      body: {
        kind: 'Status',
        status: 'Failure',
        code: 500,
        message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      },
    });
  });

  it('of a pod that is done ask no budget', async () => {
    const { name } = (await pod({ completes: true })).metadata;
    await budget({ minAvailable: 1 }, { disruptionsAllowed: 0 });
    expect((await evict(name)).status).toBe(201);
  });

  it('of a pod that has not started ask no budget', async () => {
    const { name } = (await pod({ neverReady: true })).metadata;
    await budget({ minAvailable: 1 }, { disruptionsAllowed: 0 });
    expect((await evict(name)).status).toBe(201);
  });

  it('of a pod without a node remove it at once', async () => {
    const made = await subject.createPod(namespace, { labels: { app } });
    expect((await evict(made.metadata.name)).status).toBe(201);
    expect((await get(made.metadata.name)).status).toBe(404);
  });

  it('leave a pod with a finalizer until that is gone', async () => {
    const { name } = (await pod({ finalizers: ['example.com/hold'], graceSeconds: 1 })).metadata;
    expect((await evict(name, { gracePeriodSeconds: 0 })).status).toBe(201);
    expect((await get(name)).status).toBe(200);
    const body = { metadata: { finalizers: null } };
    await subject.admin.request('PATCH', podPath(name), { contentType: 'application/merge-patch+json', body });
    expect((await get(name)).status).toBe(404);
  });
});
