import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMetrics } from './metrics.ts';
import { serveMetrics } from './metrics-server.ts';
import { serve } from './server.ts';
import type { ListenOptions, Respond } from './server.ts';

const host = '127.0.0.1';
const fine = { status: 200, contentType: 'text/plain', body: 'fine' } as const;

/** A connection, and what came back on it until it was closed. */
interface Conversation {
  readonly socket: Socket;
  readonly heard: Promise<string>;
}

const open: Socket[] = [];
afterEach(() => open.splice(0).forEach((socket) => socket.destroy()));

function call({ port }: { readonly port: number }, text = ''): Conversation {
  const socket = connect(port, host);
  open.push(socket);
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
  // A server that has heard enough ends the connection, also in the middle of what is sent.
  socket.on('error', () => undefined);
  if (text !== '') socket.write(text);
  return { socket, heard: once(socket, 'close').then(() => heard) };
}

function start(respond: Respond, options: Partial<ListenOptions> = {}) {
  return serve(respond, { port: 0, host, ...options }, { what: 'tests', setting: 'NONE' });
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const answersIn = (heard: string): number => heard.match(/HTTP\/1\.1 \d+/g)?.length ?? 0;

describe('a connection', () => {
  it('gets one answer, which says that it is the last', async () => {
    await using server = await start(() => fine, { clock: new VirtualClock() });
    const { socket, heard } = call(server, get('/'));
    await once(socket, 'end');
    socket.end();
    expect(await heard).toBe(
      [
        'HTTP/1.1 200 OK',
        'content-type: text/plain',
        'content-length: 4',
        'date: Fri, 02 Jan 2026 03:04:05 GMT',
        'connection: close',
        '',
        'fine',
      ].join('\r\n'),
    );
  });

  it('is answered also when its request comes byte by byte, or its sender says no more', async () => {
    await using server = await start(() => fine);
    const slow = call(server);
    await once(slow.socket, 'connect');
    slow.socket.setNoDelay(true);
    for (const letter of get('/')) {
      slow.socket.write(letter);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await slow.heard).toContain('200 OK');
    const half = call(server);
    half.socket.end(get('/'));
    expect(await half.heard).toContain('fine');
  });

  it.each([
    ['that is malformed', 'GET\r\n\r\n', '400 Bad Request'],
    ['that is too long', `GET / HTTP/1.1\r\nA: ${'x'.repeat(5_000)}`, '431 Request Header Fields Too Large'],
    ['that is refused', 'POST / HTTP/1.1\r\n\r\n', '405 Method Not Allowed'],
  ])('with a request %s is told so', async (_what, text, told) => {
    await using server = await start(() => fine);
    expect(await call(server, text).heard).toContain(`HTTP/1.1 ${told}\r\n`);
  });

  it('that says nothing, or not enough, or does not close, is ended', async () => {
    const clock = new VirtualClock();
    await using server = await start(() => fine, { clock });
    const silent = call(server);
    const unfinished = call(server, 'GET / HTTP/1.1\r\n');
    const staying = call(server, get('/'));
    await once(staying.socket, 'end');
    await vi.waitFor(() => expect(clock.timers).toBe(3));
    await clock.advance(5_000);
    expect(await Promise.all([silent.heard, unfinished.heard])).toEqual(['', '']);
    expect(answersIn(await staying.heard)).toBe(1);
    expect(clock.timers).toBe(0);
    const gone = call(server);
    gone.socket.end('GET / HT');
    expect(await gone.heard).toBe('');
  });
});

describe('a flood', () => {
  it('of pipelined scrapes gets one exposition a connection, and all of them the same', async () => {
    const metrics = createMetrics();
    const scrape = vi.spyOn(metrics, 'scrape');
    await using server = await serveMetrics(metrics, { port: 0, host, clock: new VirtualClock() });
    const flood = Array.from({ length: 4 }, () => call(server, get('/metrics').repeat(5_000)));
    const heard = await Promise.all(flood.map((each) => each.heard));
    for (const text of heard) expect(answersIn(text)).toBeLessThanOrEqual(1);
    expect(scrape).toHaveBeenCalledTimes(1);
    metrics[Symbol.dispose]();
  });

  it('of pipelined probes on many connections is answered once for each that is held, and then as ever', async () => {
    const respond = vi.fn<Respond>(() => fine);
    await using server = await start(respond);
    const flood = Array.from({ length: 50 }, () => call(server, get('/healthz').repeat(2_000)));
    const heard = await Promise.all(flood.map((each) => each.heard));
    for (const text of heard) expect(answersIn(text)).toBeLessThanOrEqual(1);
    expect(respond.mock.calls.length).toBeLessThanOrEqual(50);
    expect(await call(server, get('/healthz')).heard).toContain('fine');
  });

  it('of connections that say nothing keeps no probe out: the oldest go', async () => {
    await using server = await start(() => fine);
    const silent = Array.from({ length: 40 }, () => call(server));
    await Promise.all(silent.map(({ socket }) => once(socket, 'connect')));
    expect(await call(server, get('/healthz')).heard).toContain('fine');
    const ended = await Promise.all(silent.slice(0, 24).map((each) => each.heard));
    expect(ended).toEqual(Array.from({ length: 24 }, () => ''));
    expect(silent.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(16);
  });

  it('of bytes after the request is not read to its end', async () => {
    await using server = await start(() => fine);
    const { socket, heard } = call(server, get('/'));
    const more = setInterval(() => socket.write('x'.repeat(16_384)), 1);
    expect(answersIn(await heard)).toBe(1);
    clearInterval(more);
    expect(socket.bytesWritten).toBeLessThan(8 * 1024 * 1024);
  });
});

describe('an exposition', () => {
  it('is made again after a second, and for each format by itself', async () => {
    const clock = new VirtualClock();
    const metrics = createMetrics();
    const scrape = vi.spyOn(metrics, 'scrape');
    await using server = await serveMetrics(metrics, { port: 0, host, clock });
    const ask = async (accept: string) =>
      (await fetch(`http://${host}:${server.port}/metrics`, { headers: { accept } })).text();
    metrics.countDrainShortOfTime();
    expect(await ask('text/plain')).toContain('nth_drains_short_of_time_total 1\n');
    metrics.countDrainShortOfTime();
    expect(await ask('text/plain')).toContain('nth_drains_short_of_time_total 1\n');
    expect(await ask('application/openmetrics-text')).toContain('nth_drains_short_of_time_total 2\n');
    expect(scrape).toHaveBeenCalledTimes(2);
    await clock.advance(1_000);
    expect(await ask('text/plain')).toContain('nth_drains_short_of_time_total 2\n');
    metrics[Symbol.dispose]();
  });
});
