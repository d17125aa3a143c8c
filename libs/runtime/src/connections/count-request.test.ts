import { HttpConnectionError, HttpTimeoutError } from '@node-termination-handler/http-client';
import { createMetrics } from '@node-termination-handler/metrics';
import { KubernetesApiError, KubernetesConnectionError } from '@node-termination-handler/node-drainer';
import type { Status } from '@node-termination-handler/node-drainer';
import { expect, it } from 'vitest';
import { countRequest } from './count-request.ts';

const eviction = { verb: 'create', resource: 'pods', subresource: 'eviction' } as const;
const refused = (code: number, body: Status = {}) => new KubernetesApiError(eviction, code, body);
const broken = (cause: unknown) => new KubernetesConnectionError('no answer', { cause });
const caused = (reason: string): Status => ({ details: { causes: [{ reason }] } });
const webhook = (text: string): Status => ({ message: `admission webhook "no.example.com" ${text}` });

it.each([
  ['ok', undefined],
  ['blocked', refused(429, caused('DisruptionBudget'))],
  [
    'blocked',
    refused(500, {
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    }),
  ],
  // A webhook may answer with whatever code and cause it likes.
  ['admission', refused(403, webhook('denied the request'))],
  ['admission', refused(429, { ...webhook('denied'), ...caused('DisruptionBudget') })],
  ['throttled', refused(429)],
  ['denied', refused(401)],
  ['denied', refused(403, { message: 'pods is forbidden: User "x" cannot create resource "pods/eviction"' })],
  ['not_found', refused(404)],
  ['not_found', refused(410)],
  ['conflict', refused(409)],
  ['conflict', refused(422)],
  ['conflict', refused(403, caused('NamespaceTerminating'))],
  ['error', refused(422, caused('FieldValueTooLong'))],
  ['error', refused(503)],
  ['timeout', broken(new HttpTimeoutError(10, { stage: 'answer' }))],
  ['timeout', broken(undefined)],
  // Such as a page of a proxy's.
  ['error', broken(new SyntaxError('no JSON'))],
  ['unreachable', broken(new HttpConnectionError('refused', { stage: 'connection', code: 'ECONNREFUSED' }))],
  ['cancelled', new Error('the pod is gone')],
] as const)('a request is counted as %s', async (result, error) => {
  using metrics = createMetrics();
  const call = { ...eviction, namespace: 'default', name: 'web-1', durationMs: 1, attempt: 1 };
  countRequest(error === undefined ? call : { ...call, error }, metrics);
  const { body } = await metrics.scrape();
  const counted = [...body.matchAll(/^nth_kubernetes_requests_total\{(.*)\} [^0]/gm)].map(([, labels]) => labels);
  expect(counted).toEqual([`verb="create",resource="pods/eviction",result="${result}"`]);
});
