import { getEventListeners } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultBody } from './default-body.ts';
import { InvalidTemplateError, InvalidWebhookOptionError } from './errors.ts';
import { createWebhookNotifier } from './notifier.ts';
import type { DeliveryResult, WebhookNotifierOptions } from './options.ts';
import { certificate } from './testing/certificate.ts';
import { aNotification } from './testing/notification.ts';
import { startProxy } from './testing/proxy.ts';
import { startReceiver } from './testing/receiver.ts';
import { collectResults } from './testing/results.ts';

/** Delivers one notification and gives what became of it. */
async function deliverOne(options: WebhookNotifierOptions): Promise<DeliveryResult> {
  const results = collectResults();
  await using notifier = await createWebhookNotifier({ retryDelayMs: 0, ...options, onResult: results.onResult });
  notifier.notify(aNotification());
  const [result] = await results.count(1);
  return result!;
}

/** The few words that tell how a delivery ended. */
function summary(result: DeliveryResult): string {
  if (result.outcome === 'delivered') return `delivered ${result.statusCode} at attempt ${result.attempts}`;
  if (result.outcome === 'dropped') return `dropped: ${result.reason}`;
  return `failed after ${result.attempts}: ${result.error.failure}: ${result.error.message}`;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a delivery', () => {
  it('posts the default body with the default headers', async () => {
    await using receiver = await startReceiver();
    expect(summary(await deliverOne({ url: receiver.url }))).toBe('delivered 204 at attempt 1');
    expect(receiver.requests).toMatchObject([
      {
        method: 'POST',
        url: '/hook',
        body: defaultBody(aNotification()),
        headers: { 'content-type': 'application/json', 'user-agent': 'node-termination-handler' },
      },
    ]);
  });

  it("sends the user's headers and the address's credentials", async () => {
    await using receiver = await startReceiver();
    await deliverOne({
      url: receiver.url.replace('//', '//me:s%20cret@'),
      headers: { 'X-Token': 't', 'User-Agent': 'mine' },
    });
    expect(receiver.requests[0]?.headers).toMatchObject({
      'x-token': 't',
      'user-agent': 'mine',
      authorization: `Basic ${Buffer.from('me:s cret').toString('base64')}`,
    });
    expect(receiver.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('is tried again while the receiver is out of order', async () => {
    await using receiver = await startReceiver([
      { status: 503 },
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 200 },
    ]);
    expect(summary(await deliverOne({ url: receiver.url }))).toBe('delivered 200 at attempt 3');
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  });

  it('waits as long as the receiver asks for', async () => {
    const soon = new Date(Date.now() + 20).toUTCString();
    await using receiver = await startReceiver([{ status: 503, headers: { 'retry-after': soon } }, { status: 200 }]);
    expect(summary(await deliverOne({ url: receiver.url }))).toBe('delivered 200 at attempt 2');
  });

  it('is given up after the last try', async () => {
    await using receiver = await startReceiver([{ status: 500 }]);
    expect(summary(await deliverOne({ url: receiver.url, tries: 3 }))).toBe(
      'failed after 3: status: the receiver answered with status 500',
    );
    expect(receiver.requests).toHaveLength(3);
  });

  it('is not tried again when the receiver refuses it', async () => {
    await using receiver = await startReceiver([{ status: 404 }]);
    expect(summary(await deliverOne({ url: receiver.url }))).toBe(
      'failed after 1: status: the receiver answered with status 404',
    );
  });

  it('has a time limit for each try', async () => {
    await using receiver = await startReceiver([{}, { status: 200 }]);
    expect(summary(await deliverOne({ url: receiver.url, timeoutMs: 1500 }))).toBe('delivered 200 at attempt 2');
    await using silent = await startReceiver([{}]);
    expect(summary(await deliverOne({ url: silent.url, timeoutMs: 20, tries: 2 }))).toBe(
      'failed after 2: timeout: there was no answer within 20 ms',
    );
  });

  it('names the fault when nobody listens', async () => {
    const port = await closedPort();
    expect(summary(await deliverOne({ url: `http://127.0.0.1:${port}/`, tries: 2 }))).toBe(
      'failed after 2: network: the connection failed (ECONNREFUSED)',
    );
  });

  it.each(['endless', 'stalled', 'broken'] as const)('succeeds by its status when the body is %s', async (body) => {
    await using receiver = await startReceiver([{ status: 200, body }]);
    expect(summary(await deliverOne({ url: receiver.url, timeoutMs: 1500 }))).toBe('delivered 200 at attempt 1');
  });

  it('follows redirects that keep the body, on the same host, a few times', async () => {
    const moved = { status: 308, headers: { location: '/elsewhere' } };
    await using receiver = await startReceiver([moved, { status: 200 }]);
    expect(summary(await deliverOne({ url: receiver.url }))).toBe('delivered 200 at attempt 1');
    expect(receiver.requests[1]).toMatchObject({
      method: 'POST',
      url: '/elsewhere',
      body: defaultBody(aNotification()),
    });

    await using loop = await startReceiver([moved]);
    expect(summary(await deliverOne({ url: loop.url }))).toBe(
      'failed after 1: redirect: the receiver answered with status 308, a redirect that is not followed',
    );
    expect(loop.requests).toHaveLength(4);
  });

  it('takes no redirect to another host', async () => {
    await using other = await startReceiver();
    await using receiver = await startReceiver([{ status: 307, headers: { location: other.url } }]);
    expect(summary(await deliverOne({ url: receiver.url }))).toContain('failed after 1: redirect');
    expect(other.requests).toEqual([]);
  });
});

describe('over TLS and through a proxy', () => {
  const trusted = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...trusted, certificate.cert]));
  afterAll(() => setDefaultCACertificates(trusted));

  it('speaks TLS', async () => {
    await using receiver = await startReceiver([{ status: 200 }], certificate);
    expect(summary(await deliverOne({ url: receiver.url }))).toBe('delivered 200 at attempt 1');
  });

  it('has an http: request forwarded, with credentials', async () => {
    await using receiver = await startReceiver();
    await using proxy = await startProxy('me:p@ss');
    const url = receiver.url;
    expect(summary(await deliverOne({ url, proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}` }))).toBe(
      'delivered 204 at attempt 1',
    );
    expect(proxy.asked).toEqual([`POST ${url}`]);
    expect(receiver.requests[0]?.body).toBe(defaultBody(aNotification()));
  });

  it('has an https: request tunnelled, with credentials', async () => {
    await using receiver = await startReceiver([{ status: 200 }], certificate);
    await using proxy = await startProxy('me:p@ss');
    const { url } = receiver;
    expect(summary(await deliverOne({ url, proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}` }))).toBe(
      'delivered 200 at attempt 1',
    );
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${receiver.port}`]);
  });

  it.each([true, false])('says so when the proxy refuses the credentials (TLS: %s)', async (isSecure) => {
    await using receiver = await startReceiver(undefined, isSecure ? certificate : undefined);
    await using proxy = await startProxy('me:right');
    const { url } = receiver;
    expect(summary(await deliverOne({ url, proxy: `http://me:wrong@127.0.0.1:${proxy.port}` }))).toBe(
      'failed after 1: status: the receiver answered with status 407: the proxy wants credentials',
    );
    expect(receiver.requests).toEqual([]);
  });

  it('gives up a proxy that takes CONNECT and never answers, in time and when it is closed', async () => {
    await using proxy = await startProxy();
    const address = `http://127.0.0.1:${proxy.port}`;
    const delivery = { url: 'https://receiver.example/', proxy: address, tries: 1 };
    expect(summary(await deliverOne({ ...delivery, timeoutMs: 100 }))).toBe(
      'failed after 1: timeout: there was no answer within 100 ms',
    );
    const results = collectResults();
    const notifier = await createWebhookNotifier({ ...delivery, timeoutMs: 300_000, onResult: results.onResult });
    notifier.notify(aNotification());
    while (proxy.asked.length < 2) await turn();
    await notifier.close({ deadlineMs: 0 });
    expect(results.all.map(summary)).toEqual(['failed after 1: aborted: the delivery was given up']);
    // The sockets of the tunnels are gone, too.
    while (proxy.open() > 0) await turn();
  });
});

describe('a notifier', () => {
  it('reports what it drops when too many wait', async () => {
    await using receiver = await startReceiver([{}]);
    const results = collectResults();
    const notifier = await createWebhookNotifier({
      url: receiver.url,
      onResult: results.onResult,
      queueLimit: 2,
      concurrency: 1,
    });
    for (const phase of ['received', 'cordoned', 'drained', 'failed'] as const)
      notifier.notify(aNotification({ phase }));
    expect(results.all.map((result) => [result.notification.phase, summary(result)])).toEqual([
      ['failed', 'dropped: queue-full'],
    ]);
    await receiver.request(1);
    await notifier.close({ deadlineMs: 0 });
    expect(results.all.slice(1).map((result) => [result.notification.phase, summary(result)])).toEqual([
      ['cordoned', 'dropped: closed'],
      ['drained', 'dropped: closed'],
      ['received', 'failed after 1: aborted: the delivery was given up'],
    ]);
  });

  it('keeps the order of what is told about one instance, with whatever event: what opens an alert comes before what closes it', async () => {
    await using receiver = await startReceiver([{ status: 503 }, { status: 200 }]);
    const results = collectResults();
    const key = '0123456789abcdef0123456789abcdef';
    const options = { url: `${receiver.url}?routing_key=${key}`, preset: 'pagerduty', retryDelayMs: 0 } as const;
    await using notifier = await createWebhookNotifier({ ...options, onResult: results.onResult });
    notifier.notify(aNotification({ phase: 'failed', event: { eventId: 'spot-1' } }));
    notifier.notify(aNotification({ phase: 'drained', event: { eventId: 'rebalance-2' } }));
    await results.count(2);
    const sent = receiver.requests.map(({ body }) => JSON.parse(body) as { event_action: string; dedup_key: string });
    // The first try of the first is refused: the second waits for the other.
    expect(sent.map(({ event_action }) => event_action)).toEqual(['trigger', 'trigger', 'resolve']);
    expect(new Set(sent.map(({ dedup_key }) => dedup_key)).size).toBe(1);
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/hook', '/hook', '/hook']);
    expect(receiver.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  it("sends a preset's own content type, and the user's other headers", async () => {
    await using receiver = await startReceiver();
    await deliverOne({
      url: receiver.url,
      preset: 'cloudevents',
      headers: { 'content-type': 'text/plain', 'X-Team': 'a' },
    });
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      'x-team': 'a',
    });
    await expect(createWebhookNotifier({ url: receiver.url, preset: 'slack', template: 'a' })).rejects.toThrow(
      'Invalid webhook options: preset and template are both given: give one',
    );
  });

  it('keeps the order of what is told about one event', async () => {
    await using receiver = await startReceiver([{ status: 503 }, { status: 204 }]);
    const results = collectResults();
    await using notifier = await createWebhookNotifier({
      url: receiver.url,
      retryDelayMs: 0,
      onResult: results.onResult,
    });
    const phases = ['received', 'cordoned', 'drained'] as const;
    for (const phase of phases) notifier.notify(aNotification({ phase }));
    await results.count(3);
    expect(results.all.map(({ notification }) => notification.phase)).toEqual(phases);
  });

  it('delivers what it was given before it closes, and takes nothing more', async () => {
    await using receiver = await startReceiver();
    const results = collectResults();
    const notifier = await createWebhookNotifier({ url: receiver.url, onResult: results.onResult });
    for (let index = 0; index < 20; index += 1) notifier.notify(aNotification({ event: { eventId: `e${index}` } }));
    await Promise.all([notifier.close(), notifier.close()]);
    expect(results.all.map(summary)).toEqual(Array(20).fill('delivered 204 at attempt 1'));
    notifier.notify(aNotification());
    expect(summary(results.all[20]!)).toBe('dropped: closed');
    expect(receiver.requests).toHaveLength(20);
    expect(receiver.connections).toBeLessThan(20);
  });

  it('closes at its deadline, and leaves no timer and no listener behind', async () => {
    await using receiver = await startReceiver([{}]);
    const clock = new VirtualClock();
    const results = collectResults();
    const { signal } = new AbortController();
    const notifier = await createWebhookNotifier({
      url: receiver.url,
      timeoutMs: 300_000,
      clock,
      signal,
      onResult: results.onResult,
    });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    notifier.notify(aNotification());
    await receiver.request(1);
    const closed = notifier.close({ deadlineMs: 60_000 });
    await clock.advance(59_999);
    expect(results.all).toEqual([]);
    await clock.advance(1);
    await closed;
    expect(results.all.map(summary)).toEqual(['failed after 1: aborted: the delivery was given up']);
    expect(clock.timers).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('gives up at its signal, in the middle of a wait too', async () => {
    await using receiver = await startReceiver([{ status: 503, headers: { 'retry-after': '30' } }]);
    const results = collectResults();
    const stop = new AbortController();
    const retried = Promise.withResolvers<undefined>();
    const notifier = await createWebhookNotifier({
      url: receiver.url,
      retryDelayMs: 0,
      signal: stop.signal,
      onResult: results.onResult,
      log: (_level, message) => message.includes('trying again') && retried.resolve(undefined),
    });
    notifier.notify(aNotification());
    await retried.promise;
    stop.abort();
    await results.count(1);
    notifier.notify(aNotification());
    expect(results.all.map(summary)).toEqual(['failed after 1: aborted: the delivery was given up', 'dropped: closed']);
    await notifier.close();
  });

  it('takes nothing when its signal is aborted from the start', async () => {
    const results = collectResults();
    const options = { url: 'http://127.0.0.1:9/', signal: AbortSignal.abort(), onResult: results.onResult };
    const notifier = await createWebhookNotifier(options);
    notifier.notify(aNotification());
    await notifier.close();
    expect(results.all.map(summary)).toEqual(['dropped: closed']);
  });

  it('goes on when its listener throws', async () => {
    await using receiver = await startReceiver();
    const lines: string[] = [];
    const notifier = await createWebhookNotifier({
      url: receiver.url,
      log: (level, message) => lines.push(`${level} ${message}`),
      onResult: () => {
        throw new Error('not mine');
      },
    });
    notifier.notify(aNotification());
    notifier.notify(aNotification());
    await notifier.close();
    expect(receiver.requests).toHaveLength(2);
    expect(lines).toContain('warn the listener for webhook results threw');
  });

  it('is not created from options that do not hold', async () => {
    await expect(createWebhookNotifier({ url: 'nowhere' })).rejects.toBeInstanceOf(InvalidWebhookOptionError);
  });
});

describe('a template', () => {
  it('writes the body', async () => {
    await using receiver = await startReceiver();
    expect(summary(await deliverOne({ url: receiver.url, template: '{{ .Kind | lower }} é' }))).toBe(
      'delivered 204 at attempt 1',
    );
    expect(receiver.requests[0]?.body).toBe('spot_itn é');
  });

  it('that fails on an event costs that message alone', async () => {
    await using receiver = await startReceiver();
    const results = collectResults();
    await using notifier = await createWebhookNotifier({
      url: receiver.url,
      template: '{{ if eq .NodeName "bad" }}{{ fail "sorry" }}{{ end }}{{ .NodeName }}',
      onResult: results.onResult,
    });
    notifier.notify(aNotification({ event: { nodeName: 'bad' } }));
    notifier.notify(aNotification({ event: { nodeName: 'good' } }));
    await results.count(2);
    expect(results.all.map(summary)).toEqual([
      'failed after 0: template: the template failed on this event',
      'delivered 204 at attempt 1',
    ]);
    const [failed] = results.all;
    expect(failed?.outcome === 'failed' && inspect(failed.error.cause)).toContain('error calling fail: sorry');
  });

  it('that can not be used keeps the notifier from being created', async () => {
    await expect(createWebhookNotifier({ url: 'http://127.0.0.1/', template: '{{ .Nope }}' })).rejects.toBeInstanceOf(
      InvalidTemplateError,
    );
  });
});

describe('secrets', () => {
  it.each<[string, (receiver: { readonly port: number }) => Promise<Partial<WebhookNotifierOptions>>]>([
    ['an answer', () => Promise.resolve({})],
    ['no answer', () => Promise.resolve({ timeoutMs: 20 })],
    ['a closed port', async () => ({ url: `http://u:hunter2@127.0.0.1:${await closedPort()}/hunter2` })],
    ['an unknown host', () => Promise.resolve({ url: 'http://hunter2.invalid/hunter2' })],
    ['a TLS fault', ({ port }) => Promise.resolve({ url: `https://u:hunter2@127.0.0.1:${port}/hunter2` })],
    ['a closed proxy', async () => ({ proxy: `http://u:hunter2@127.0.0.1:${await closedPort()}` })],
  ])('are in no line, result or error after %s', async (_what, changes) => {
    await using receiver = await startReceiver([{ status: 500, headers: { location: '/hunter2' } }, {}]);
    const lines: unknown[] = [];
    const results = collectResults();
    await using notifier = await createWebhookNotifier({
      url: `http://u:hunter2@127.0.0.1:${receiver.port}/hunter2?token=hunter2`,
      headers: { Authorization: 'Bearer hunter2', 'X-Api-Key': 'hunter2' },
      tries: 2,
      retryDelayMs: 0,
      timeoutMs: 100,
      log: (...line) => lines.push(line),
      onResult: results.onResult,
      ...(await changes(receiver)),
    });
    notifier.notify(aNotification());
    await results.count(1);
    expect(results.all[0]?.outcome).toBe('failed');
    const everything = inspect([lines, results.all, notifier], { depth: 20, showHidden: true, getters: true });
    expect(everything).toContain('webhook notification failed');
    expect(everything).not.toContain('hunter2');
    expect(everything).not.toContain(Buffer.from('u:hunter2').toString('base64'));
  });
});
