import { waitFor } from '@node-termination-handler/control-plane';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inNamespace, POD_RULES, podWebhook, startAdmissionServer } from '../admission.ts';
import type { AdmissionServer, Verdict } from '../admission.ts';
import { evictionManifest, freshName } from './testing/objects.ts';
import { openSubject } from './testing/open-subject.ts';

const subject = await openSubject();
afterAll(async () => subject[Symbol.asyncDispose]());

/** The simulator has no admission webhooks or policies; what the real server says for them is what the drainer goes by. */
describe.runIf(subject.kind === 'real')(`refusals on the ${subject.kind}`, () => {
  const verdicts = new Map<string, Verdict>();
  const made: string[] = [];
  let namespace: string;
  let node: string;
  let server: AdmissionServer;

  const podPath = (name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;
  const evict = async (name: string) =>
    subject.admin.request('POST', `${podPath(name)}/eviction`, { body: evictionManifest(namespace, name) });

  async function podWith(verdict: Verdict): Promise<string> {
    const { name } = (await subject.createPod(namespace, { node })).metadata;
    verdicts.set(name, verdict);
    return name;
  }

  async function create(kind: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase().replace(/y$/, 'ie')}s`;
    const name = freshName('refusal');
    const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, ...spec };
    const response = await subject.admin.request('POST', path, { body });
    expect(response, JSON.stringify(response.body)).toMatchObject({ status: 201 });
    made.push(`${path}/${name}`);
  }

  beforeAll(async () => {
    namespace = await subject.createNamespace();
    node = (await subject.createNode()).metadata.name;
    server = await startAdmissionServer(({ name }) => verdicts.get(name) ?? 'allow');
    const webhooks = [podWebhook('no.example.com', server.clientConfig, namespace)];
    await create('ValidatingWebhookConfiguration', { webhooks });
    const probe = await podWith({ code: 418 });
    await waitFor(async () => ((await evict(probe)).status === 418 ? true : undefined), {
      what: 'the webhook to be asked',
    });
  });

  afterAll(async () => {
    for (const path of made) await subject.admin.request('DELETE', path);
    await server[Symbol.asyncDispose]();
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
    const name = await podWith({ ...verdict, message: 'not now' });
    const message = 'admission webhook "no.example.com" denied the request: not now';
    expect(await evict(name)).toMatchObject({ status, body: { kind: 'Status', message } });
    expect((await subject.admin.request('GET', podPath(name))).body).not.toHaveProperty('metadata.deletionTimestamp');
  });

  it('of a webhook may be of a deletion as well', async () => {
    const name = await podWith({ code: 403, message: 'not now' });
    const message = 'admission webhook "no.example.com" denied the request: not now';
    expect(await subject.admin.request('DELETE', podPath(name))).toMatchObject({ status: 403, body: { message } });
  });

  it('of a webhook that hangs are 500 after its own time limit, with its name', async () => {
    const name = await podWith('hang');
    expect(await evict(name)).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('failed calling webhook "no.example.com"') as string },
    });
  });

  it('of a webhook without endpoints are 500 with its name', async () => {
    const other = await subject.createNamespace();
    const service = { namespace: other, name: 'nobody' };
    await create('ValidatingWebhookConfiguration', { webhooks: [podWebhook('gone.example.com', { service }, other)] });
    const { name } = (await subject.createPod(other, { node })).metadata;
    const request = async () =>
      subject.admin.request('POST', `/api/v1/namespaces/${other}/pods/${name}/eviction?dryRun=All`, {
        body: evictionManifest(other, name),
      });
    const refused = await waitFor(
      async () => {
        const response = await request();
        return response.status === 201 ? undefined : response;
      },
      { what: 'the webhook to be asked' },
    );
    expect(refused).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('failed calling webhook "gone.example.com"') as string },
    });
  });

  it('of a policy are 422 with its name', async () => {
    const other = await subject.createNamespace();
    const policyName = freshName('keep');
    const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    const api = { apiVersion: 'admissionregistration.k8s.io/v1' };
    await subject.admin.request('POST', path, {
      body: {
        ...{ ...api, kind: 'ValidatingAdmissionPolicy', metadata: { name: policyName } },
        spec: {
          matchConstraints: { resourceRules: POD_RULES },
          validations: [{ expression: 'false', message: 'not now' }],
        },
      },
    });
    made.push(`${path}/${policyName}`);
    await create('ValidatingAdmissionPolicyBinding', {
      spec: { policyName, validationActions: ['Deny'], matchResources: { namespaceSelector: inNamespace(other) } },
    });
    const { name } = (await subject.createPod(other, { node })).metadata;
    const refused = await waitFor(
      async () => {
        const response = await subject.admin.request(
          'POST',
          `/api/v1/namespaces/${other}/pods/${name}/eviction?dryRun=All`,
          {
            body: evictionManifest(other, name),
          },
        );
        return response.status === 201 ? undefined : response;
      },
      { what: 'the policy to be in force', timeoutMs: 30_000 },
    );
    const denied = {
      status: 422,
      body: { message: expect.stringContaining(`ValidatingAdmissionPolicy '${policyName}'`) as string },
    };
    expect(refused).toMatchObject(denied);
    const deletion = `/api/v1/namespaces/${other}/pods/${name}?dryRun=All`;
    expect(await subject.admin.request('DELETE', deletion)).toMatchObject(denied);
  });

  it('in a namespace that is being deleted are 403 with the cause NamespaceTerminating', async () => {
    const other = await subject.createNamespace();
    const { name } = (await subject.createPod(other, { node, finalizers: ['example.com/hold'] })).metadata;
    await subject.admin.request('DELETE', `/api/v1/namespaces/${other}`);
    const body = evictionManifest(other, name);
    const path = `/api/v1/namespaces/${other}/pods/${name}`;
    expect(await subject.admin.request('POST', `${path}/eviction`, { body })).toMatchObject({
      status: 403,
      body: { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    });
    await subject.admin.request('PATCH', path, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
  });
});
