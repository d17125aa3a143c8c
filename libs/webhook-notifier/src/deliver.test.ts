import { getEventListeners } from 'node:events';
import { withTimeLimit } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { HttpTimeoutError } from '@node-termination-handler/http-client';
import type { HttpClient } from '@node-termination-handler/http-client';
import { describe, expect, it } from 'vitest';
import { deliver, failureOf, isWorthRetrying, redirectTarget, retryAfterMs } from './deliver.ts';
import { WebhookDeliveryError } from './errors.ts';
import { checkOptions } from './options.ts';
import type { WebhookNotifierOptions } from './options.ts';

const answer = (status: number, location?: string) => ({ status, headers: location === undefined ? {} : { location } });

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
    expect(retryAfterMs(value, now.getTime())).toBe(ms);
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

describe('a delivery takes its time', () => {
  interface Canned {
    readonly status: number;
    readonly retryAfter?: string;
  }

  /** A receiver that gives these answers in turn; one that is `undefined` never comes. */
  function receiver(clock: VirtualClock, answers: readonly (Canned | undefined)[]) {
    const askedAtMs: number[] = [];
    const send: HttpClient['send'] = async (_request, { totalTimeoutMs: limitMs, signal }) => {
      const answer = answers[askedAtMs.length];
      askedAtMs.push(clock.monotonic());
      const reason = () => new HttpTimeoutError(limitMs, { stage: 'answer' });
      const coming = answer === undefined ? Promise.withResolvers<Canned>().promise : Promise.resolve(answer);
      const { status, retryAfter } = await withTimeLimit({ clock, limitMs, signals: [signal], reason }, coming);
      const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      return { status, headers, body: Buffer.alloc(0) };
    };
    return { send, askedAtMs };
  }

  function run(
    answers: readonly (Canned | undefined)[],
    options: Partial<WebhookNotifierOptions> = {},
    stop = new AbortController(),
  ) {
    const clock = new VirtualClock({ startMs: Date.parse('2026-01-02T03:04:05Z') });
    const { send, askedAtMs } = receiver(clock, answers);
    const route = {
      clock,
      options: checkOptions({ url: 'http://receiver.example/', ...options }),
      client: { send },
      onRetry: () => undefined,
    };
    const delivery = deliver(Buffer.from('body'), route, stop.signal);
    return { clock, delivery, askedAtMs, signal: stop.signal };
  }

  const seconds = (times: readonly number[]) =>
    times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1000);

  it('and waits longer before each further attempt', async () => {
    const busy = { status: 503 };
    const { clock, delivery, askedAtMs } = run([busy, busy, busy, { status: 200 }]);
    expect(await clock.run(delivery)).toEqual({ statusCode: 200, attempts: 4 });
    const [first = 0, second = 0, third = 0] = seconds(askedAtMs);
    for (const [wait, plain] of [
      [first, 0.5],
      [second, 1],
      [third, 2],
    ] as const) {
      expect(wait).toBeGreaterThanOrEqual(plain * 0.8);
      expect(wait).toBeLessThanOrEqual(plain * 1.2);
    }
  });

  it('and waits as long as the receiver asks for on top of that, by its count or its clock', async () => {
    const { clock, delivery, askedAtMs } = run(
      [
        { status: 429, retryAfter: '7' },
        { status: 503, retryAfter: 'Fri, 02 Jan 2026 03:04:32 GMT' },
        { status: 503 },
        { status: 204 },
      ],
      { retryDelayMs: 0 },
    );
    expect(await clock.run(delivery)).toEqual({ statusCode: 204, attempts: 4 });
    expect(seconds(askedAtMs)).toEqual([7, 20, 0]);
  });

  it('and gives up an attempt that is not answered', async () => {
    const { clock, delivery, askedAtMs } = run([undefined, undefined], {
      tries: 2,
      retryDelayMs: 0,
      timeoutMs: 1500,
    });
    const result = await clock.run(delivery);
    expect(result).toMatchObject({
      attempts: 2,
      error: { failure: 'timeout', message: 'there was no answer within 1500 ms' },
    });
    expect(seconds(askedAtMs)).toEqual([1.5]);
  });

  it('and leaves no timer and no listener behind, however it ends', async () => {
    const busy = { status: 503 };
    for (const answers of [[busy, { status: 200 }], [busy, undefined], [{ status: 404 }], [undefined, busy]]) {
      const { clock, delivery, signal } = run(answers, { tries: 2 });
      await clock.run(delivery);
      expect(clock.timers).toBe(0);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
  });

  it('but none once it is given up, in an attempt and in a wait', async () => {
    for (const answers of [[undefined], [{ status: 503, retryAfter: '20' }]]) {
      const stop = new AbortController();
      const { clock, delivery } = run(answers, {}, stop);
      await clock.advance(100);
      stop.abort();
      expect(await delivery).toMatchObject({ attempts: 1, error: { failure: 'aborted' } });
      expect(clock.timers).toBe(0);
      expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    }
  });
});
