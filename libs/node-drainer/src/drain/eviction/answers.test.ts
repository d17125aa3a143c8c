import { describe, expect, it } from 'vitest';
import { KubernetesApiError, KubernetesConnectionError } from '../../connection/errors.ts';
import { budgetRefusal, refusal } from '../../testing/scripted-cluster.ts';
import { readAnswer } from './answers.ts';

const call = { verb: 'create' as const, resource: 'pods', subresource: 'eviction', namespace: 'shop', name: 'web-1' };
const budgetCause = (message: string) => ({ causes: [{ reason: 'DisruptionBudget', message }] });

describe('a 429', () => {
  it('of a budget names the budget', () => {
    expect(readAnswer(budgetRefusal(call, 'shop-budget'))).toEqual({
      kind: 'blocked',
      budget: 'shop-budget',
      message: 'The disruption budget shop-budget needs 3 healthy pods and has 3 currently',
      retryAfterMs: undefined,
    });
  });

  it('of a budget that is still being processed asks to wait', () => {
    const details = {
      ...budgetCause('The disruption budget b is still being processed by the server.'),
      retryAfterSeconds: 10,
    };
    expect(readAnswer(refusal(call, 429, { details }))).toMatchObject({
      kind: 'blocked',
      budget: 'b',
      retryAfterMs: 10_000,
    });
  });

  it('of a budget may be worded otherwise', () => {
    expect(readAnswer(refusal(call, 429, { details: budgetCause('no') }))).toMatchObject({
      budget: undefined,
      message: 'no',
    });
    const details = { causes: [{ reason: 'DisruptionBudget' }] };
    expect(readAnswer(refusal(call, 429, { details, message: 'no' }))).toMatchObject({ kind: 'blocked' });
  });

  it('of flow control slows everything down', () => {
    const error = new KubernetesApiError(call, 429, { reason: 'TooManyRequests', message: 'slow down' }, 4);
    expect(readAnswer(error)).toMatchObject({ kind: 'throttled', retryAfterMs: 4000 });
    expect(readAnswer(refusal(call, 429))).toMatchObject({ kind: 'throttled', retryAfterMs: 1000 });
    expect(readAnswer(refusal(call, 429, { details: { retryAfterSeconds: 0 } }))).toMatchObject({ retryAfterMs: 1000 });
  });
});

describe('a 500', () => {
  it('of two budgets is said as what it is', () => {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    expect(readAnswer(refusal(call, 500, { message }))).toMatchObject({ kind: 'blocked', budget: undefined });
  });

  it('of another kind is a fault', () => {
    expect(readAnswer(refusal(call, 500, { message: 'etcd' }))).toMatchObject({ kind: 'unanswered' });
  });
});

describe('a 403', () => {
  it('is a missing rule', () => {
    expect(readAnswer(refusal(call, 403, { reason: 'Forbidden', message: 'no' }))).toMatchObject({
      kind: 'refused',
      message: 'not allowed to create pods/eviction: add this rule to the role (no)',
    });
  });

  it('of a namespace that goes passes by itself', () => {
    const details = { causes: [{ reason: 'NamespaceTerminating' }] };
    expect(readAnswer(refusal(call, 403, { reason: 'Forbidden', details }))).toMatchObject({ kind: 'unanswered' });
  });

  it('of a budget whose bookkeeping lags behind passes by itself', () => {
    const details = { kind: 'poddisruptionbudget' };
    expect(readAnswer(refusal(call, 403, { reason: 'Forbidden', details }))).toMatchObject({ kind: 'blocked' });
  });
});

describe('any other answer', () => {
  it.each([
    [404, 'gone'],
    [409, 'uncertain'],
    [401, 'unanswered'],
    [408, 'unanswered'],
    [503, 'unanswered'],
    [504, 'unanswered'],
    [400, 'refused'],
    [422, 'refused'],
  ])('%i means %s', (status, kind) => {
    expect(readAnswer(refusal(call, status)).kind).toBe(kind);
  });

  it('that did not come is asked for again', () => {
    expect(readAnswer(new KubernetesConnectionError('reset'))).toEqual({ kind: 'unanswered', message: 'reset' });
  });

  it('that is no answer at all is not', () => {
    expect(readAnswer('surprise')).toEqual({ kind: 'refused', message: "'surprise'" });
  });
});
