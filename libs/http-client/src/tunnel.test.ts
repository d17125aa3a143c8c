import { setImmediate as turn } from 'node:timers/promises';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { afterEach, expect, it } from 'vitest';
import { createHttpClient } from './client.ts';
import type { HttpClient } from './client.ts';
import type { HttpError } from './errors.ts';
import { certificate } from './testing/certificate.ts';
import { startProxy, startRawServer, startServer, startSocksProxy, startTlsServer } from './testing/servers.ts';

let client: HttpClient;
const clock = new VirtualClock();
const total = { totalTimeoutMs: 1_000 };

function through(proxy: URL): HttpClient {
  client = createHttpClient({ clock, proxy: () => proxy, tls: { ca: certificate.cert } });
  return client;
}

afterEach(() => {
  client.close();
  expect(clock.timers).toBe(0);
});

async function failure(sending: Promise<unknown>): Promise<HttpError> {
  return sending.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as HttpError,
  );
}

it.each([
  ['p%40ss', 'p@ss'],
  ['100%', '100%'],
])('leads to a server with TLS, and is kept, with the password %s', async (password, meant) => {
  await using proxy = await startProxy();
  await using server = await startTlsServer((_request, response) => response.end('behind it'));
  const withUser = Object.assign(new URL(proxy.url), { username: 'me', password });
  through(withUser);
  for (let sent = 0; sent < 3; sent += 1) {
    expect((await client.send({ url: server.url }, total)).body.toString()).toBe('behind it');
  }
  expect(proxy.asked.map(({ what }) => what)).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  const credentials = Buffer.from(`me:${meant}`).toString('base64');
  expect(proxy.asked[0]!.headers['proxy-authorization']).toBe(`Basic ${credentials}`);
});

it('is not dug for what goes in the clear: an HTTP proxy forwards it', async () => {
  await using proxy = await startProxy();
  const url = new URL('http://user:secret@queue.example/path?a=b');
  const { body } = await through(proxy.url).send({ url, headers: { 'X-A': '1' } }, total);
  expect(body.toString()).toBe('through the proxy');
  expect(proxy.asked[0]!.what).toBe('GET http://queue.example/path?a=b');
  expect(proxy.asked[0]!.headers).toMatchObject({ host: 'queue.example', 'x-a': '1' });
});

it.each(['localhost', '127.0.0.1'])(
  'to a proxy with TLS asks for the name of the proxy and checks that, whatever the server is called: %s',
  async (host) => {
    await using proxy = await startProxy(200, 'https');
    await using server = await startTlsServer((_request, response) => response.end('behind it'));
    const url = new URL(`https://${host}:${proxy.port}`);
    const tls = { ca: certificate.cert, servername: 'localhost' };
    for (const trust of [tls, { ca: certificate.cert }]) {
      client = createHttpClient({ clock, proxy: () => url, tls: trust });
      expect((await client.send({ url: new URL('http://queue.example/') }, total)).body.toString()).toBe(
        'through the proxy',
      );
      expect((await client.send({ url: server.url }, total)).body.toString()).toBe('behind it');
      client.close();
    }
    expect(proxy.names).toEqual(Array<unknown>(4).fill(host === 'localhost' ? 'localhost' : false));
  },
);

it('is chosen by the address', async () => {
  await using proxy = await startProxy();
  await using server = await startServer((_request, response) => response.end('direct'));
  client = createHttpClient({ clock, proxy: ({ hostname }) => (hostname === '127.0.0.1' ? undefined : proxy.url) });
  expect((await client.send({ url: server.url }, total)).body.toString()).toBe('direct');
  expect((await client.send({ url: new URL('http://a.example/') }, total)).body.toString()).toBe('through the proxy');
});

it.each(['https', 'socks5'])(
  'to a proxy that takes the connection and is silent ends with its limit and signal: %s',
  async (kind) => {
    await using proxy = await startRawServer();
    const url = new URL('https://a.example/');
    const address = kind === 'https' ? proxy.url : new URL(`${kind}://127.0.0.1:${proxy.port}`);
    through(address);
    const sending = failure(client.send({ url }, total));
    while (proxy.connections.length === 0) await turn();
    await clock.advance(1_000);
    expect(await sending).toMatchObject({ message: 'no connection within 1000 ms', stage: 'connection' });
    while (!proxy.connections[0]!.destroyed) await turn();

    const stop = new AbortController();
    const stopped = client.send({ url }, { ...total, signal: stop.signal });
    while (proxy.connections.length === 1) await turn();
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    while (!proxy.connections[1]!.destroyed) await turn();
  },
);

it('is torn down with the request that it carries', async () => {
  await using proxy = await startProxy();
  await using server = await startTlsServer(() => undefined);
  const sending = failure(through(proxy.url).send({ url: server.url }, total));
  while (server.connections.length === 0) await turn();
  await clock.advance(1_000);
  expect(await sending).toMatchObject({ name: 'HttpTimeoutError' });
  while (!proxy.connections[0]!.destroyed) await turn();
});

it('that the proxy refuses is said, without its credentials', async () => {
  await using proxy = await startProxy(407);
  const withUser = Object.assign(new URL(proxy.url), { username: 'me', password: 'hidden' });
  const error = await failure(through(withUser).send({ url: new URL('https://a.example/') }, total));
  const host = `127.0.0.1:${proxy.port}`;
  expect(error).toMatchObject({
    message: `the proxy ${host} refuses the connection with status 407: it wants credentials`,
    answer: { status: 407 },
  });
  expect(error.cause).toBeUndefined();
});

it('that cannot be dug says which proxy it is', async () => {
  const closed = await startRawServer();
  await closed[Symbol.asyncDispose]();
  const error = await failure(through(closed.url).send({ url: new URL('https://a.example/') }, total));
  expect(error).toMatchObject({ code: 'ECONNREFUSED', stage: 'connection' });
  expect(error.message).toContain(`proxy 127.0.0.1:${closed.port}: connect ECONNREFUSED`);
});

it('goes through SOCKS as well, with TLS and without', async () => {
  await using proxy = await startSocksProxy();
  await using secure = await startTlsServer((_request, response) => response.end('secure'));
  await using plain = await startServer((_request, response) => response.end('plain'));
  through(new URL(`socks5://127.0.0.1:${proxy.port}`));
  expect((await client.send({ url: secure.url }, total)).body.toString()).toBe('secure');
  expect((await client.send({ url: plain.url }, total)).body.toString()).toBe('plain');
  expect(proxy.asked).toEqual([`127.0.0.1:${secure.port}`, `127.0.0.1:${plain.port}`]);
});

it('of an unknown kind is refused, with those that are known', async () => {
  const sending = through(new URL('ftp://127.0.0.1')).send({ url: new URL('https://a.example/') }, total);
  await expect(sending).rejects.toThrow('a proxy with ftp: is not supported: it must be one of http:, https:, socks:');
});
