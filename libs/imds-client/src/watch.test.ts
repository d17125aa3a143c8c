import { describe, expect, it } from 'vitest';

import { listenersOn, systemClock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createImdsClient } from './client.ts';
import type { ImdsClient } from './client.ts';
import { collectUntil, until } from './testing/collect.ts';
import { startMetadataServer } from './testing/metadata-server.ts';
import { watchDocuments } from './watch.ts';
import type { DocumentObservation } from './watch.ts';

const AT = new Date('2026-01-02T03:04:05Z');
const clock = { ...systemClock, now: () => AT.getTime() };

/** A client whose answers are given one after the other; the last one is given forever. */
function scripted(...answers: readonly (string | undefined | Error)[]): Pick<ImdsClient, 'get'> & { asked: number } {
  const client = {
    asked: 0,
    get() {
      const next = answers[Math.min(client.asked, answers.length - 1)];
      client.asked += 1;
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  };
  return client;
}

function watch(imds: Pick<ImdsClient, 'get'>, signal = new AbortController().signal) {
  return watchDocuments(imds, { documents: [{ name: 'spot', path: '/spot', intervalMs: 1 }], signal, clock });
}

function withoutPolls(observations: readonly DocumentObservation[]): DocumentObservation[] {
  return observations.filter(({ type }) => type !== 'polled');
}

describe('watchDocuments', () => {
  it('tells of a document that appears, changes and disappears, and of nothing else', async () => {
    const imds = scripted(undefined, undefined, 'a', 'a', 'b', undefined, undefined, 'last');
    const observations = await collectUntil(watch(imds), (o) => o.type === 'changed' && o.body === 'last');
    expect(withoutPolls(observations)).toEqual([
      { type: 'changed', name: 'spot', body: 'a', observedAt: AT },
      { type: 'changed', name: 'spot', body: 'b', observedAt: AT },
      { type: 'changed', name: 'spot', body: undefined, observedAt: AT },
      { type: 'changed', name: 'spot', body: 'last', observedAt: AT },
    ]);
  });

  it('tells of each poll, after the change that it brought', async () => {
    const observations = await collectUntil(watch(scripted('a')), ({ type }) => type === 'polled');
    expect(observations).toEqual([
      { type: 'changed', name: 'spot', body: 'a', observedAt: AT },
      { type: 'polled', name: 'spot', observedAt: AT },
    ]);
  });

  it('takes an empty document for one that is there', async () => {
    const [first] = await collectUntil(watch(scripted('')), () => true);
    expect(first).toEqual({ type: 'changed', name: 'spot', body: '', observedAt: AT });
  });

  it('goes on after failures, and keeps in mind what it saw before', async () => {
    const error = new Error('down');
    const imds = scripted('a', error, error, 'a', 'b');
    const observations = await collectUntil(watch(imds), (o) => o.type === 'changed' && o.body === 'b');
    expect(withoutPolls(observations)).toEqual([
      { type: 'changed', name: 'spot', body: 'a', observedAt: AT },
      { type: 'failed', name: 'spot', error },
      { type: 'failed', name: 'spot', error },
      { type: 'changed', name: 'spot', body: 'b', observedAt: AT },
    ]);
  });

  it('lets a document that hangs hold up no other', async () => {
    const imds = {
      get: (path: string) => (path === '/slow' ? new Promise<never>(() => undefined) : Promise.resolve('a')),
    };
    const documents = ['slow', 'quick'].map((name) => ({ name, path: `/${name}`, intervalMs: 1 }));
    let polls = 0;
    await collectUntil(
      watchDocuments(imds, { documents, signal: new AbortController().signal }),
      ({ type, name }) => type === 'polled' && name === 'quick' && (polls += 1) >= 5,
    );
    expect(polls).toBe(5);
  });

  it('ends quietly when its signal is aborted, in the middle of a request', async () => {
    await using server = await startMetadataServer();
    server.intercept = (request) => request.method === 'GET';
    using imds = createImdsClient({ endpoint: server.url });
    const stop = new AbortController();
    const all = collectUntil(watch(imds, stop.signal), () => false);
    await until(() => server.seen.some(({ method }) => method === 'GET'));
    stop.abort();
    expect(await all).toEqual([]);
  });

  it('ends at once when its signal was aborted before', async () => {
    const imds = scripted('a');
    expect(await collectUntil(watch(imds, AbortSignal.abort()), () => false)).toEqual([]);
    expect(imds.asked).toBe(0);
  });

  it('ends a poll when its consumer leaves', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const imds: Pick<ImdsClient, 'get'> = {
      get(path, options) {
        signals.push(options?.signal);
        return path === '/spot' ? Promise.resolve('a') : new Promise<never>(() => undefined);
      },
    };
    const documents = ['spot', 'slow'].map((name) => ({ name, path: `/${name}`, intervalMs: 1 }));
    await collectUntil(watchDocuments(imds, { documents, signal: new AbortController().signal }), () => true);
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
  });

  it('misses no change for a consumer that is slow, and keeps only the newest of the rest', async () => {
    const bodies = Array.from({ length: 50 }, (_, index) => String(index));
    const imds = scripted(...bodies);
    const watching = watch(imds);
    const taken: DocumentObservation[] = [];
    const first = await watching.next();
    if (first.done !== true) taken.push(first.value);
    await until(() => imds.asked > 60);
    for await (const observation of watching) {
      taken.push(observation);
      if (observation.type === 'polled') break;
    }
    expect(taken.flatMap((o) => (o.type === 'changed' ? [o.body] : []))).toEqual(bodies);
    expect(taken.filter(({ type }) => type === 'polled')).toHaveLength(1);
  });

  it('passes on a fault in what it was given', async () => {
    const watching = watchDocuments(scripted('a'), {
      documents: [
        {
          name: 'spot',
          path: '/spot',
          intervalMs: () => {
            throw new Error('no interval');
          },
        },
      ],
      signal: new AbortController().signal,
    });
    await expect(collectUntil(watching, () => false)).rejects.toThrow('no interval');
  });

  it('tells the time by the system when it is given no clock', async () => {
    const before = Date.now();
    const watching = watchDocuments(scripted('a'), {
      documents: [{ name: 'spot', path: '/spot', intervalMs: 1 }],
      signal: new AbortController().signal,
    });
    const [first] = await collectUntil(watching, () => true);
    expect(first?.type === 'changed' && first.observedAt.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('holds after a hundred thousand polls what it held after ten', async () => {
    const clock = new VirtualClock({ turns: 1 });
    const stop = new AbortController();
    const imds = scripted(undefined);
    const documents = [{ name: 'spot', path: '/spot', intervalMs: 500 }];
    const watching = watchDocuments(imds, { documents, signal: stop.signal, clock });
    const all = collectUntil(watching, () => false);
    const held = () => [clock.timers, listenersOn(stop.signal)];
    await clock.advance(10 * 500);
    const atFirst = held();
    await clock.advance(100_000 * 500);
    expect(imds.asked).toBeGreaterThan(100_000);
    expect(held()).toEqual(atFirst);
    stop.abort();
    await all;
    expect(held()).toEqual([0, 0]);
  });

  it('sees a notice through a real connection', async () => {
    await using server = await startMetadataServer();
    using imds = createImdsClient({ endpoint: server.url });
    const path = '/latest/meta-data/spot/instance-action';
    const watching = watchDocuments(imds, {
      documents: [{ name: 'spot', path, intervalMs: 1 }],
      signal: new AbortController().signal,
    });
    const observations = await collectUntil(watching, ({ type }) => {
      server.documents.set(path, '{"action":"stop"}');
      return type === 'changed';
    });
    expect(observations.at(-1)).toMatchObject({ type: 'changed', body: '{"action":"stop"}' });
    expect(server.connections).toBe(1);
  });
});
