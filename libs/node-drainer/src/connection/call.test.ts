import { describe, expect, it } from 'vitest';
import { refusal } from '../testing/scripted-cluster.ts';
import { isRetryable, retryDelayMs } from './call.ts';
import { KubernetesConnectionError } from './errors.ts';

describe('trying again', () => {
  const call = { verb: 'get', resource: 'nodes' } as const;
  const middle = () => 0.5;

  it('is for calls that only read, unless they say otherwise', () => {
    expect(isRetryable(call)).toBe(true);
    expect(isRetryable({ ...call, verb: 'list' })).toBe(true);
    expect(isRetryable({ ...call, verb: 'delete' })).toBe(false);
    expect(isRetryable({ ...call, verb: 'delete', retry: true })).toBe(true);
    expect(isRetryable({ ...call, retry: false })).toBe(false);
  });

  it.each([
    ['a lost connection', new KubernetesConnectionError('reset'), 100],
    ['a fault of the server', refusal(call, 500), 100],
    ['flow control', refusal(call, 429, { details: { retryAfterSeconds: 3 } }), 3000],
    ['a wait shorter than our own', refusal(call, 503, { details: { retryAfterSeconds: 0 } }), 100],
    ['a refusal', refusal(call, 403), undefined],
    ['an absence', refusal(call, 404), undefined],
    ['what the server does not know', refusal(call, 501), undefined],
    ['an error of our own', new TypeError('bug'), undefined],
  ])('after %s waits as it should', (_, error, delayMs) => {
    expect(retryDelayMs(error, 1, middle)).toBe(delayMs);
  });
});
