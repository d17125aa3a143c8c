import { describe, expect, it } from 'vitest';
import { KubernetesApiError, KubernetesConnectionError } from '../../connection/errors.ts';
import type { Status } from '../../connection/wire.ts';
import { budgetRefusal, missingRight, notFound, refusal } from '../../testing/scripted-cluster.ts';
import { isHeldByBudget, mayHaveWorked, readAnswer } from './answers.ts';

const call = { verb: 'create' as const, resource: 'pods', subresource: 'eviction', namespace: 'shop', name: 'web-1' };
const pod = { namespace: 'shop', name: 'web-1', uid: 'u' };
const read = (error: unknown) => readAnswer(error, pod);
const answer = (status: number, body: Partial<Status> = {}) => read(refusal(call, status, body));
const budgetCause = (message?: string) => ({ causes: [{ reason: 'DisruptionBudget', ...(message && { message }) }] });

const denied = 'admission webhook "no.example.com" denied the request: not now';
const unreachable =
  'Internal error occurred: failed calling webhook "no.example.com": failed to call webhook: Post "https://no.shop.svc:443/": context deadline exceeded';
const policy = `pods "web-1" is forbidden: ValidatingAdmissionPolicy 'keep' with binding 'keep-all' denied request: not now`;

describe('a refusal by an admission webhook or policy', () => {
  const disguises: [number, Partial<Status>][] = [
    [400, { reason: 'BadRequest' }],
    [401, { reason: 'Unauthorized' }],
    [403, { reason: 'Forbidden' }],
    [403, { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } }],
    [404, { reason: 'NotFound', details: { name: 'web-1', kind: 'pods' } }],
    [409, { reason: 'Conflict' }],
    [422, { reason: 'Invalid' }],
    [429, { reason: 'TooManyRequests', details: { ...budgetCause('no'), retryAfterSeconds: 60 } }],
    [429, { reason: 'TooManyRequests' }],
    [500, { reason: 'InternalError' }],
    [503, { reason: 'ServiceUnavailable' }],
    [504, { reason: 'Timeout' }],
  ];

  it.each(disguises)('is known by its name, whatever else it says: %i %j', (status, body) => {
    for (const message of [denied, unreachable]) {
      expect(answer(status, { ...body, message })).toMatchObject({
        kind: 'held',
        heldBy: { kind: 'webhook', name: 'no.example.com' },
      });
    }
    expect(answer(status, { ...body, message: policy })).toMatchObject({
      kind: 'held',
      heldBy: { kind: 'policy', name: 'keep' },
    });
  });

  it('is of the one that speaks, not of one that it speaks of', () => {
    const message = `admission webhook "a" denied the request: failed calling webhook "b", ValidatingAdmissionPolicy 'c'`;
    expect(answer(403, { message })).toMatchObject({ heldBy: { name: 'a' } });
  });

  it('advises no rule for the role', () => {
    const error = refusal(call, 403, { reason: 'Forbidden', message: denied });
    expect(error.message).toBe(`create pods/eviction shop/web-1: 403 Forbidden (${denied})`);
  });
});

describe('a namespace that is being deleted', () => {
  it('takes its pods with it', () => {
    const details = { causes: [{ reason: 'NamespaceTerminating' }] };
    expect(answer(403, { reason: 'Forbidden', details })).toMatchObject({ kind: 'namespace-terminating' });
  });
});

describe('a budget', () => {
  it('is named', () => {
    expect(read(budgetRefusal(call, 'shop-budget'))).toEqual({
      kind: 'held',
      heldBy: { kind: 'budget', name: 'shop-budget' },
      message: 'The disruption budget shop-budget needs 3 healthy pods and has 3 currently',
    });
  });

  it('that is still being processed asks to wait', () => {
    const message = 'The disruption budget b is still being processed by the server.';
    const details = { ...budgetCause(message), retryAfterSeconds: 10 };
    expect(answer(429, { details })).toMatchObject({ heldBy: { kind: 'budget', name: 'b' }, retryAfterMs: 10_000 });
  });

  it.each([429, 403, 500])('may be worded otherwise, and answer with %i', (status) => {
    expect(answer(status, { details: budgetCause('no') })).toMatchObject({ heldBy: { kind: 'budget' }, message: 'no' });
    expect(answer(status, { details: budgetCause(), message: 'never' })).toMatchObject({
      heldBy: { kind: 'budget' },
      message: expect.stringContaining('never') as string,
    });
  });

  it('whose bookkeeping lags behind or is contended is one', () => {
    const details = { kind: 'poddisruptionbudget', name: 'b' };
    expect(answer(403, { reason: 'Forbidden', details })).toMatchObject({ heldBy: { kind: 'budget', name: 'b' } });
    const message = `couldn't update PodDisruptionBudget "b" due to conflicts`;
    expect(answer(504, { reason: 'Timeout', message })).toMatchObject({ heldBy: { kind: 'budget', name: 'b' } });
  });

  it('without a name has none', () => {
    expect(answer(429, { details: budgetCause('no') })).toStrictEqual({
      kind: 'held',
      heldBy: { kind: 'budget' },
      message: 'no',
    });
  });

  it('is no other cause, and no budget that another answer is about', () => {
    const causes = { causes: [{ reason: 'FieldValueInvalid' }] };
    for (const details of [causes, { kind: 'poddisruptionbudget', name: 'b' }])
      expect(answer(500, { details })).toMatchObject({ heldBy: { kind: 'fault' } });
  });

  it('that is one of several is said as what it is', () => {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    expect(answer(500, { message })).toMatchObject({
      heldBy: { kind: 'budget' },
      message: expect.stringContaining('does not support') as string,
    });
  });
});

describe('who counts refusals', () => {
  it('hears of those by a budget, and takes no webhook’s word for one', () => {
    const inItsName = refusal(call, 429, { message: denied, details: budgetCause('no') });
    const others = [inItsName, refusal(call, 429), missingRight(call)];
    expect([budgetRefusal(call, 'b'), ...others].map(isHeldByBudget)).toEqual([true, false, false, false]);
  });
});

describe('a 404', () => {
  it('that names the pod says that it may be gone', () => {
    expect(read(notFound(call))).toMatchObject({ kind: 'uncertain' });
    expect(answer(500, { details: { name: 'web-1', kind: 'pods' } })).toMatchObject({ heldBy: { kind: 'fault' } });
  });

  it.each<[string, Partial<Status>]>([
    ['nothing', {}],
    ['another pod', { details: { name: 'web-2', kind: 'pods' } }],
    ['the namespace', { details: { name: 'web-1', kind: 'namespaces' } }],
  ])('that names %s is a fault', (_, body) => {
    expect(answer(404, body)).toMatchObject({ heldBy: { kind: 'fault' } });
  });
});

describe('a 429 that no budget gives', () => {
  it('slows everything down', () => {
    const error = new KubernetesApiError(call, 429, { reason: 'TooManyRequests', message: 'slow down' }, 4);
    expect(read(error)).toMatchObject({ kind: 'throttled', retryAfterMs: 4000 });
    expect(read(new KubernetesApiError(call, 429, undefined, 60))).toMatchObject({ retryAfterMs: 60_000 });
    expect(answer(429)).toMatchObject({ kind: 'throttled', retryAfterMs: 1000 });
    expect(answer(429, { details: { retryAfterSeconds: 0 } })).toMatchObject({ retryAfterMs: 1000 });
  });
});

describe('a 403 of the authorizer', () => {
  it('advises the missing rule', () => {
    expect(read(missingRight(call))).toMatchObject({
      kind: 'held',
      heldBy: { kind: 'role' },
      message: expect.stringMatching(/^not allowed to create pods\/eviction: add this rule to the role/) as string,
    });
  });
});

describe('any other answer', () => {
  it.each([
    [409, 'uncertain'],
    [401, 'unauthorized'],
  ])('%i means %s', (status, kind) => {
    expect(answer(status).kind).toBe(kind);
  });

  it.each([400, 403, 408, 422, 500, 503, 504])('%i is a fault', (status) => {
    expect(answer(status, { message: 'etcd' })).toMatchObject({ kind: 'held', heldBy: { kind: 'fault' } });
  });

  it('that did not come is a fault, too', () => {
    const reset = new KubernetesConnectionError('reset');
    expect(read(reset)).toEqual({ kind: 'held', heldBy: { kind: 'fault' }, message: 'reset' });
    expect(read('surprise')).toMatchObject({ heldBy: { kind: 'fault' }, message: "'surprise'" });
  });

  it('may have done its work only if it says nothing, or is the server’s own fault', () => {
    const errors = [new KubernetesConnectionError('reset'), refusal(call, 500), refusal(call, 422), 'surprise'];
    expect(errors.map(mayHaveWorked)).toEqual([true, true, false, false]);
  });
});
