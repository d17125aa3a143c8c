import { describe, expect, it } from 'vitest';
import { WebhookDeliveryError } from '../errors.ts';
import { failureOf, isWorthRetrying, redirectTarget, retryAfterMs } from './answer.ts';

const answer = (statusCode: number, location?: string) => ({ statusCode, location, retryAfter: undefined });

describe('an answer', () => {
  it.each([200, 201, 204, 299])('%d is a success', (status) => {
    expect(failureOf(answer(status))).toBeUndefined();
  });

  it.each<[number, boolean, string]>([
    [199, false, 'the receiver answered with status 199'],
    [302, false, 'the receiver answered with status 302, a redirect that is not followed'],
    [400, false, 'the receiver answered with status 400'],
    [404, false, 'the receiver answered with status 404'],
    [407, false, 'the receiver answered with status 407: the proxy wants credentials'],
    [408, true, 'the receiver answered with status 408'],
    [425, true, 'the receiver answered with status 425'],
    [429, true, 'the receiver answered with status 429'],
    [500, true, 'the receiver answered with status 500'],
    [503, true, 'the receiver answered with status 503'],
  ])('%d is a failure; another try: %s', (status, isRetried, message) => {
    const failure = failureOf(answer(status));
    expect(failure?.message).toBe(message);
    expect(failure && isWorthRetrying(failure)).toBe(isRetried);
  });

  it('is not waited for again once the delivery is given up or the template has failed', () => {
    expect(isWorthRetrying(new WebhookDeliveryError('aborted', ''))).toBe(false);
    expect(isWorthRetrying(new WebhookDeliveryError('template', ''))).toBe(false);
    expect(isWorthRetrying(new WebhookDeliveryError('network', ''))).toBe(true);
    expect(isWorthRetrying(new WebhookDeliveryError('timeout', ''))).toBe(true);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  it.each([
    [undefined, 0],
    ['', 0],
    ['soon', 0],
    ['2', 2000],
    [' 2 ', 2000],
    ['3600', 30_000],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
  ])('%j is %d ms', (value, ms) => {
    expect(retryAfterMs(value, now)).toBe(ms);
  });
});

describe('a redirect', () => {
  const from = new URL('http://user:secret@a.example:8080/hook');
  it.each<[number, string | undefined, string | undefined]>([
    [308, '/new', 'http://user:secret@a.example:8080/new'],
    [307, 'http://a.example:8080/new?x=1', 'http://user:secret@a.example:8080/new?x=1'],
    [308, 'https://a.example/new', 'https://user:secret@a.example/new'],
    [308, 'http://a.example:9090/new', undefined],
    [308, 'https://a.example:9443/new', undefined],
    [308, 'http://b.example:8080/new', undefined],
    [308, 'file:///etc/passwd', undefined],
    [308, 'http://[', undefined],
    [308, undefined, undefined],
    [301, '/new', undefined],
    [303, '/new', undefined],
  ])('%d to %s leads to %s', (status, location, target) => {
    expect(redirectTarget(answer(status, location), from)?.href).toBe(target);
  });

  it('never leads from TLS to plain text', () => {
    expect(redirectTarget(answer(308, 'http://a.example/x'), new URL('https://a.example/'))).toBeUndefined();
  });
});
