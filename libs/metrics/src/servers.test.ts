import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';
import { createHealth } from './health.ts';
import { createMetrics } from './metrics.ts';
import { serveMetrics } from './metrics-server.ts';
import { serveProbes } from './probes-server.ts';
import { ListenError, serve } from './server.ts';
import { parseExposition } from './testing/parse-exposition.ts';

const host = '127.0.0.1';
const at = ({ port }: { port: number }, path: string) => `http://${host}:${port}${path}`;

describe('the metrics server', () => {
  it('answers on /metrics in the format that is asked for', async () => {
    using metrics = createMetrics();
    await using server = await serveMetrics(metrics, { port: 0, host });
    const text = await fetch(at(server, '/metrics?x=1'));
    expect(text.status).toBe(200);
    expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseExposition(await text.text()).has('actions_total')).toBe(true);
    const open = await fetch(at(server, '/metrics'), { headers: { accept: 'application/openmetrics-text' } });
    expect(open.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(await open.text()).toContain('# EOF');
  });

  it('answers nothing else', async () => {
    using metrics = createMetrics();
    await using server = await serveMetrics(metrics, { port: 0, host });
    expect((await fetch(at(server, '/'))).status).toBe(404);
    expect((await fetch(at(server, '/metrics/'))).status).toBe(404);
    const post = await fetch(at(server, '/metrics'), { method: 'POST', body: 'x' });
    expect(post.status).toBe(405);
    expect(post.headers.get('allow')).toBe('GET, HEAD');
    const head = await fetch(at(server, '/metrics'), { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1_000);
    expect(await head.text()).toBe('');
  });

  it('listens on every address by default', async () => {
    using metrics = createMetrics();
    await using server = await serveMetrics(metrics, { port: 0 });
    expect((await fetch(at(server, '/metrics'))).status).toBe(200);
  });

  it('says which setting to change when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, host, resolve));
    const { port } = other.address() as AddressInfo;
    using metrics = createMetrics();
    const failure = serveMetrics(metrics, { port, host });
    await expect(failure).rejects.toThrow(ListenError);
    await expect(failure).rejects.toThrow(
      `cannot serve metrics on port ${port}: another process (or another container with host networking) listens there; set PROMETHEUS_SERVER_PORT to another port`,
    );
    await expect(serveProbes(createHealth(), { port, host })).rejects.toThrow('PROBES_SERVER_PORT');
    await new Promise((resolve) => other.close(resolve));
  });

  it('closes with its signal, and is closed twice without harm', async () => {
    using metrics = createMetrics();
    const controller = new AbortController();
    const server = await serveMetrics(metrics, { port: 0, host, signal: controller.signal });
    await fetch(at(server, '/metrics')).then((response) => response.text());
    controller.abort();
    await server[Symbol.asyncDispose]();
    await expect(fetch(at(server, '/metrics'))).rejects.toThrow();
    await expect(serveMetrics(metrics, { port: 0, host, signal: controller.signal })).rejects.toThrow();
  });
});

it('a listen error explains what is known of its cause', () => {
  const message = (cause: unknown) => new ListenError('metrics', 80, 'PORT', cause).message;
  expect(message(Object.assign(new Error('x'), { code: 'EACCES' }))).toContain('may not listen there');
  expect(message(new Error('odd'))).toContain('odd');
  expect(message('odd')).toContain('odd');
});

it('an answer that fails is a 500, and the server goes on', async () => {
  let broken = true;
  const respond = () => {
    if (broken) throw new Error('secret detail');
    return { status: 200, contentType: 'text/plain', body: 'fine' } as const;
  };
  await using server = await serve(respond, { port: 0, host }, { what: 'tests', setting: 'NONE' });
  const failed = await fetch(at(server, '/'));
  expect(failed.status).toBe(500);
  expect(await failed.text()).not.toContain('secret');
  broken = false;
  expect((await fetch(at(server, '/'))).status).toBe(200);
});

describe('the probes server', () => {
  const get = async (server: { port: number }, path: string) => {
    const response = await fetch(at(server, path));
    return { status: response.status, body: await response.json() };
  };

  it('tells the truth about the loops', async () => {
    const clock = new VirtualClock();
    const health = createHealth({ clock });
    const loop = health.loop('receiver 1', { withinMs: 10_000 });
    await using server = await serveProbes(health, { port: 0, host });
    expect(await get(server, '/healthz')).toEqual({ status: 200, body: { health: 'OK' } });
    await clock.advance(12_340);
    const late = {
      name: 'receiver 1',
      lastSuccessSecondsAgo: null,
      allowedSeconds: 10,
      reason: 'it stands still',
    };
    const bad = { status: 503, body: { health: 'FAILED', late: [late] } };
    expect(await get(server, '/healthz')).toEqual(bad);
    expect(await get(server, '/readyz')).toEqual(bad);
    expect(await get(server, '/livez')).toEqual({ status: 200, body: { health: 'OK' } });
    loop.turned();
    expect((await get(server, '/healthz')).status).toBe(200);
  });

  it('tell of what is outside of the process by the readiness alone', async () => {
    const clock = new VirtualClock();
    const health = createHealth({ clock });
    const poll = health.dependency('imds poll', { withinMs: 10_000 });
    await using server = await serveProbes(health, { port: 0, host });
    const late = { name: 'imds poll', lastSuccessSecondsAgo: null as number | null, allowedSeconds: 10 };
    const isLate = (more: object) => ({ status: 503, body: { health: 'FAILED', late: [{ ...late, ...more }] } });
    expect(await get(server, '/readyz')).toEqual(isLate({ reason: 'no answer yet' }));
    poll.succeeded();
    expect((await get(server, '/readyz')).status).toBe(200);
    await clock.advance(12_340);
    late.lastSuccessSecondsAgo = 12.3;
    expect(await get(server, '/readyz')).toEqual(isLate({ reason: 'no answer any more' }));
    poll.failed('connect ECONNREFUSED');
    expect(await get(server, '/readyz')).toEqual(isLate({ reason: 'connect ECONNREFUSED' }));
    expect(await get(server, '/healthz')).toEqual({ status: 200, body: { health: 'OK' } });
    poll.succeeded();
    expect((await get(server, '/readyz')).status).toBe(200);
  });

  it('answers on another path', async () => {
    await using server = await serveProbes(createHealth(), { port: 0, host, path: '/alive' });
    expect((await get(server, '/alive')).status).toBe(200);
    expect((await fetch(at(server, '/healthz'))).status).toBe(404);
  });
});
