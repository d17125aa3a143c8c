import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { refusal } from '../testing/scripted-cluster.ts';
import { InvalidNameError, KubernetesConnectionError } from './errors.ts';
import { createGate } from './gate.ts';
import { splitLines } from './lines.ts';
import { createRateLimit } from './rate-limit.ts';
import { isRetryable, retryDelayMs } from './retry.ts';
import { escapeFieldValue, isPathSegment, urlPath } from './url-path.ts';

describe('a path', () => {
  it.each([
    [{ resource: 'nodes' }, '/api/v1/nodes'],
    [{ resource: 'nodes', name: 'ip-10-0-0-1.ec2.internal' }, '/api/v1/nodes/ip-10-0-0-1.ec2.internal'],
    [
      { group: 'policy', resource: 'poddisruptionbudgets', namespace: 'a' },
      '/apis/policy/v1/namespaces/a/poddisruptionbudgets',
    ],
    [{ group: 'x.io', version: 'v1beta1', resource: 'y' }, '/apis/x.io/v1beta1/y'],
    [{ resource: 'pods', namespace: 'a', name: 'b', subresource: 'eviction' }, '/api/v1/namespaces/a/pods/b/eviction'],
  ])('of %j is %s', (ref, path) => {
    expect(urlPath(ref)).toBe(path);
  });

  it.each(['', '.', '..', '../pods', 'a/b', 'a%2fb', 'a\\b', 'a\nb', 'x'.repeat(254)])(
    'never holds the name %j',
    (name) => {
      expect(() => urlPath({ resource: 'nodes', name })).toThrow(InvalidNameError);
      expect(isPathSegment(name)).toBe(false);
    },
  );

  it('keeps any name that it takes in its own segment', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (name) => {
        fc.pre(isPathSegment(name));
        const url = new URL(urlPath({ resource: 'nodes', name }, { q: name }), 'https://host');
        expect(url.pathname.split('/')).toHaveLength(5);
        expect(decodeURIComponent(url.pathname.split('/')[4]!)).toBe(name);
        expect(url.searchParams.get('q')).toBe(name);
        expect(url.hash).toBe('');
      }),
    );
  });

  it('leaves a selector one selector, whatever the value', () => {
    expect(escapeFieldValue('a=b,c\\d')).toBe('a\\=b\\,c\\\\d');
  });
});

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

describe('the rate limit', () => {
  it('lets a burst through, then so many a second, in order', async () => {
    const clock = new VirtualClock(0);
    const limit = createRateLimit({ qps: 10, burst: 2 }, clock);
    const times: number[] = [];
    const signal = new AbortController().signal;
    await clock.run(Promise.all([1, 2, 3, 4].map(() => limit.take(signal).then(() => times.push(clock.now())))));
    expect(times).toEqual([0, 0, 100, 200]);
    await clock.advance(60_000);
    times.length = 0;
    await clock.run(Promise.all([1, 2, 3].map(() => limit.take(signal).then(() => times.push(clock.now() - 60_200)))));
    expect(times).toEqual([0, 0, 100]);
  });

  it('gives back the place of a call that is cancelled', async () => {
    const clock = new VirtualClock(0);
    const limit = createRateLimit({ qps: 1, burst: 1 }, clock);
    const controller = new AbortController();
    await limit.take(controller.signal);
    const waiting = limit.take(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await clock.run(limit.take(new AbortController().signal));
    expect(clock.now()).toBe(1000);
  });
});

describe('the gate', () => {
  it('lets so many in, the others in order, and forgets who gives up', async () => {
    const gate = createGate(1);
    const controller = new AbortController();
    const signal = new AbortController().signal;
    const leave = await gate.enter(signal);
    const gaveUp = gate.enter(controller.signal);
    const order: string[] = [];
    const second = gate.enter(signal).then((leaveSecond) => {
      order.push('second');
      leaveSecond();
    });
    const third = gate.enter(signal).then((leaveThird) => {
      order.push('third');
      leaveThird();
    });
    controller.abort(new Error('enough'));
    await expect(gaveUp).rejects.toThrow('enough');
    await expect(gate.enter(controller.signal)).rejects.toThrow('enough');
    leave();
    await Promise.all([second, third]);
    expect(order).toEqual(['second', 'third']);
    (await gate.enter(signal))();
  });
});

describe('lines', () => {
  async function linesOf(chunks: Buffer[], maxBytes = 1000): Promise<string[]> {
    async function* source() {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    }
    const lines: string[] = [];
    for await (const line of splitLines(source(), maxBytes)) lines.push(line);
    return lines;
  }

  it('come out whole however the bytes are cut', async () => {
    const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', '€', '😀', ' '), minLength: 1 }), {
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(200)), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(await linesOf(chunks)).toEqual(lines);
      }),
    );
  });

  it('do not grow without an end', async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(100, 'x'));
    await expect(linesOf(chunks, 1000)).rejects.toThrow('longer than 1000 bytes');
  });
});
