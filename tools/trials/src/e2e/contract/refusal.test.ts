import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evictionManifest, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';
import type { Refuser } from './testing/refusing.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

/** What the drainer reads from an answer who holds a pod by. */
describe(`refusals on the ${subject.kind}`, () => {
  const webhook = 'no.example.com';
  const denied = `admission webhook "${webhook}" denied the request: not now`;
  let namespace: string;
  let node: string;
  beforeAll(async () => {
    namespace = await subject.createNamespace();
    node = (await subject.createNode()).metadata.name;
  });

  const podPath = (name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;
  const evict = async (name: string) =>
    subject.admin.request('POST', `${podPath(name)}/eviction`, { body: evictionManifest(namespace, name) });
  const remove = async (name: string) => subject.admin.request('DELETE', podPath(name));

  async function podThatIsHeld(refuser: Refuser): Promise<string> {
    const { name } = (await subject.createPod(namespace, { node })).metadata;
    await subject.refuse({ namespace, name }, refuser);
    return name;
  }
  const failedCalling = (name: string) => ({
    status: 500,
    body: { kind: 'Status', message: expect.stringContaining(`failed calling webhook "${name}"`) as string },
  });

  const cause = { causes: [{ reason: 'DisruptionBudget', message: 'no' }], retryAfterSeconds: 7 };
  it.each([
    [400, { code: 400 }],
    [400, {}],
    [403, { code: 403, reason: 'Forbidden' }],
    [404, { code: 404, reason: 'NotFound' }],
    [409, { code: 409, reason: 'Conflict' }],
    [422, { code: 422, reason: 'Invalid' }],
    [429, { code: 429, reason: 'TooManyRequests' }],
    [429, { code: 429, reason: 'TooManyRequests', details: cause }],
    [503, { code: 503, reason: 'ServiceUnavailable' }],
  ])('of a webhook answer with its code, %i, and its name: %j', async (status, verdict) => {
    const name = await podThatIsHeld({ by: 'webhook', name: webhook, verdict: { ...verdict, message: 'not now' } });
    const refused = await evict(name);
    expect(refused).toMatchObject({ status, body: { kind: 'Status', message: denied, ...verdict } });
    expect((await subject.admin.request('GET', podPath(name))).body).not.toHaveProperty('metadata.deletionTimestamp');
  });

  it('of a webhook may be of a deletion as well', async () => {
    const verdict = { code: 403, message: 'not now' };
    const name = await podThatIsHeld({ by: 'webhook', name: webhook, verdict });
    expect(await remove(name)).toMatchObject({ status: 403, body: { message: denied } });
  });

  it('of a webhook that hangs are 500 after its own time limit, with its name', async () => {
    const name = await podThatIsHeld({ by: 'webhook', name: webhook, verdict: 'hang' });
    expect(await evict(name)).toMatchObject(failedCalling(webhook));
  });

  it('of a webhook that nobody answers for are 500 with its name', async () => {
    namespace = await subject.createNamespace();
    const name = await podThatIsHeld({ by: 'nobody', name: 'gone.example.com' });
    expect(await evict(name)).toMatchObject(failedCalling('gone.example.com'));
  });

  it('of a policy are 422 with its name, of evictions and deletions', async () => {
    namespace = await subject.createNamespace();
    const policy = freshName('keep');
    const name = await podThatIsHeld({ by: 'policy', name: policy, message: 'not now' });
    const message = expect.stringMatching(`ValidatingAdmissionPolicy '${policy}' .*not now`) as string;
    expect(await evict(name)).toMatchObject({ status: 422, body: { reason: 'Invalid', message } });
    expect(await remove(name)).toMatchObject({ status: 422, body: { reason: 'Invalid', message } });
  });

  // The simulator removes a namespace at once.
  it.runIf(subject.kind === 'real')(
    'in a namespace that is being deleted are 403 with the cause NamespaceTerminating',
    async () => {
      namespace = await subject.createNamespace();
      const { name } = (await subject.createPod(namespace, { node, finalizers: ['example.com/hold'] })).metadata;
      await subject.admin.request('DELETE', `/api/v1/namespaces/${namespace}`);
      expect(await evict(name)).toMatchObject({
        status: 403,
        body: { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
      });
      const body = { metadata: { finalizers: null } };
      await subject.admin.request('PATCH', podPath(name), { contentType: 'application/merge-patch+json', body });
    },
  );
});
