import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient } from './client.ts';
import type { HttpClient, HttpStream } from './client.ts';
import { HttpConnectionError, HttpTimeoutError } from './errors.ts';
import type { HttpError } from './errors.ts';
import type { HttpClientOptions } from './options.ts';
import { startRawServer, startServer, startTlsServer } from './testing/servers.ts';

let client: HttpClient;
let clock: VirtualClock;

function connectWith(options: HttpClientOptions = {}): HttpClient {
  clock = new VirtualClock();
  client = createHttpClient({ clock, ...options });
  return client;
}

afterEach(() => {
  client.close();
  expect(clock.timers).toBe(0);
});

/** Waits until something is so, in turns of the event loop and no time. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

async function failure(sending: Promise<unknown>): Promise<HttpError> {
  return sending.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as HttpError,
  );
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
const total = { totalTimeoutMs: 1_000 };

describe('a request', () => {
  it('goes out as it is given, and its answer comes back whole', async () => {
    await using server = await startServer((request, response) => {
      const { method, url, headers } = request;
      request.on('data', (body: Buffer) => {
        const seen = [method, url, headers['x-a'], headers.host, body.toString()];
        response.writeHead(201, { 'X-Own': 'yes' }).end(seen.join(' '));
      });
    });
    const request = { method: 'POST', url: new URL('/b?c=d', server.url), headers: { 'x-a': '1' }, body: 'é' };
    const { status, headers, body } = await connectWith().send(request, total);
    expect([status, headers['x-own']]).toEqual([201, 'yes']);
    expect(body.toString()).toBe(`POST /b?c=d 1 127.0.0.1:${server.port} é`);
  });

  it('keeps its connection for the next', async () => {
    await using server = await startServer((_request, response) => response.end());
    connectWith();
    for (let sent = 0; sent < 5; sent += 1) await client.send({ url: server.url }, total);
    expect(server.connections).toHaveLength(1);
  });

  it('shows user and password of its address as a header', async () => {
    await using server = await startServer((request, response) => response.end(request.headers.authorization));
    const url = Object.assign(new URL(server.url), { username: 'me', password: 'a%20b' });
    const { body } = await connectWith().send({ url }, total);
    expect(body.toString()).toBe(`Basic ${Buffer.from('me:a b').toString('base64')}`);
  });

  it('to anything but http and https is refused', async () => {
    const sending = connectWith().send({ url: new URL('unix:///run/x.sock') }, total);
    await expect(sending).rejects.toThrow('unix: is not supported');
  });

  it('whose connection is refused says so', async () => {
    const closed = await startRawServer();
    await closed[Symbol.asyncDispose]();
    const error = await failure(connectWith().send({ url: closed.url }, total));
    expect(error).toMatchObject({ code: 'ECONNREFUSED', stage: 'connection', wasKept: false });
  });

  it('whose answer becomes nonsense right after its head says so at once', async () => {
    await using server = await startRawServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense')),
    );
    const error = await failure(connectWith().send({ url: server.url }, total));
    expect(error).toBeInstanceOf(HttpConnectionError);
    expect([error.stage, error.answer?.status]).toEqual(['body', 200]);
  });

  it('reads no answer beyond its bound', async () => {
    await using server = await startServer((_request, response) => response.end('x'.repeat(100)));
    const error = await failure(connectWith().send({ url: server.url }, { ...total, maxBodyBytes: 99 }));
    expect(error).toBeInstanceOf(HttpConnectionError);
    expect(error.message).toBe('the answer is longer than 99 bytes');
    expect(error.answer?.status).toBe(200);
  });
});

describe('the total limit', () => {
  it.each([
    ['a server that takes the connection and says nothing', () => undefined, 'no answer within 1000 ms', 'answer'],
    ['head and a piece, then silence', (socket: Socket) => socket.write(`${HEAD}ab`), 'no end of the answer', 'body'],
  ] as const)('ends %s', async (_, onRequest, message, stage) => {
    await using server = await startRawServer((socket) => socket.once('data', () => onRequest(socket)));
    const sending = failure(connectWith().send({ url: server.url }, total));
    await until(() => server.connections.length === 1);
    const [socket] = server.connections;
    await once(socket!, 'data');
    // What was written meanwhile is on its way for as many turns as the machine wants.
    for (let turns = 0; turns < 50; turns += 1) await turn();
    await clock.advance(1_000);
    const error = await sending;
    expect(error).toBeInstanceOf(HttpTimeoutError);
    expect(error.message).toContain(message);
    expect(error.stage).toBe(stage);
    await until(() => socket!.destroyed);
  });

  it('ends an answer that trickles, and tells the head that had come', async () => {
    await using server = await startRawServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'));
    });
    const sending = failure(connectWith().send({ url: server.url }, total));
    await until(() => server.connections.length === 1);
    const [socket] = server.connections;
    await once(socket!, 'data');
    for (let second = 0; second < 10; second += 1) {
      socket!.write('x');
      for (let turns = 0; turns < 20; turns += 1) await turn();
      await clock.advance(100);
    }
    expect(await sending).toMatchObject({ stage: 'body', limitMs: 1_000, answer: { status: 200 } });
  });

  it('ends a handshake that never comes', async () => {
    await using server = await startRawServer();
    const sending = failure(connectWith().send({ url: new URL(`https://127.0.0.1:${server.port}`) }, total));
    await until(() => server.connections.length === 1);
    await clock.advance(1_000);
    expect((await sending).message).toBe('no connection within 1000 ms');
    await until(() => server.connections[0]!.destroyed);
  });

  it('leaves a part of it to the connection, if asked to', async () => {
    await using server = await startRawServer();
    const url = new URL(`https://127.0.0.1:${server.port}`);
    const sending = failure(connectWith().send({ url }, { ...total, connectTimeoutMs: 300 }));
    await until(() => server.connections.length === 1);
    await clock.advance(300);
    expect(await sending).toMatchObject({ name: 'HttpTimeoutError', limitMs: 300, stage: 'connection' });
  });
});

describe('the signal', () => {
  it('ends a request with its own reason, and leaves no listener', async () => {
    await using server = await startRawServer();
    const stop = new AbortController();
    const sending = connectWith().send({ url: server.url }, { ...total, signal: stop.signal });
    await until(() => server.connections.length === 1);
    stop.abort(new Error('enough'));
    await expect(sending).rejects.toThrow('enough');
    await until(() => server.connections[0]!.destroyed);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    await expect(client.send({ url: server.url }, { ...total, signal: stop.signal })).rejects.toThrow('enough');
    expect(server.connections).toHaveLength(1);
  });

  it('has no listener left after a thousand requests', async () => {
    await using server = await startServer((_request, response) => response.end());
    const { signal } = new AbortController();
    connectWith();
    for (let sent = 0; sent < 1_000; sent += 1) await client.send({ url: server.url }, { ...total, signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(server.connections).toHaveLength(1);
  });

  it('leaves the TLS session to the connections that come after', async () => {
    await using server = await startTlsServer(({ url }, response) => {
      if (url === '/answered') response.end();
      else if (url === '/stream') response.write('first');
    });
    connectWith({ tls: { verify: false } });
    const to = (path: string) => ({ url: new URL(path, server.url) });
    await client.send(to('/answered'), total);
    const stop = new AbortController();
    const { signal } = stop;
    const sending = failure(client.send(to('/silent'), { ...total, signal }));
    const options = { answerTimeoutMs: 1_000, idleTimeoutMs: 5_000, signal };
    const stream = (await client.stream(to('/stream'), options)) as HttpStream;
    const reading = stream.chunks[Symbol.asyncIterator]();
    expect(String((await reading.next()).value)).toBe('first');
    stop.abort(new Error('enough'));
    await expect(reading.next()).rejects.toThrow('enough');
    expect((await sending).message).toBe('enough');
    await until(() => server.connections.every(({ destroyed }) => destroyed));
    await client.send(to('/answered'), total);
    expect(server.resumed).toEqual([false, true, true]);
  });

  it('of a client that is closed ends what is under way', async () => {
    await using server = await startRawServer();
    const sending = connectWith().send({ url: server.url }, total);
    await until(() => server.connections.length === 1);
    client.close();
    await expect(sending).rejects.toThrow('the client is closed');
  });
});

describe('a kept connection', () => {
  /** Answers the first request of each of the first `dying` connections, and is silent or gone from then on. */
  async function dyingServer(dying: number, die: (socket: Socket) => void) {
    return startRawServer((socket, number) => {
      let requests = 0;
      socket.on('data', () => {
        requests += 1;
        if (number > dying || requests === 1) socket.write(`${HEAD}hello`);
        else die(socket);
      });
    });
  }

  async function openConnections(url: URL, number: number): Promise<void> {
    await Promise.all(Array.from({ length: number }, () => client.send({ url }, total)));
  }

  it('that died silently is tried no further: once more, on a new one', async () => {
    await using server = await dyingServer(4, () => undefined);
    connectWith();
    await openConnections(server.url, 4);
    const sending = client.send({ url: server.url }, total);
    for (let turns = 0; turns < 50; turns += 1) await turn();
    await clock.advance(500);
    expect((await sending).body.toString()).toBe('hello');
    expect(server.connections).toHaveLength(5);
    // The three others are given up with it.
    await until(() => server.connections.filter((socket) => !socket.destroyed).length === 1);
  });

  it('that is silent until the total is over takes the others with it', async () => {
    await using server = await dyingServer(4, () => undefined);
    connectWith();
    await openConnections(server.url, 4);
    const sending = failure(client.send({ url: server.url, method: 'POST' }, total));
    for (let turns = 0; turns < 50; turns += 1) await turn();
    await clock.advance(1_000);
    expect(await sending).toMatchObject({ name: 'HttpTimeoutError' });
    expect((await client.send({ url: server.url, method: 'POST' }, total)).body.toString()).toBe('hello');
  });

  it('that is reset is no verdict either', async () => {
    await using server = await dyingServer(1, (socket) => socket.resetAndDestroy());
    connectWith();
    await openConnections(server.url, 1);
    expect((await client.send({ url: server.url }, total)).body.toString()).toBe('hello');
    expect(server.connections).toHaveLength(2);
  });

  it('is not tried again with what must not be done twice, unless that is said to be safe', async () => {
    await using server = await dyingServer(2, (socket) => socket.resetAndDestroy());
    connectWith();
    const post = { method: 'POST', url: server.url, body: '{}' };
    await openConnections(server.url, 1);
    expect(await failure(client.send(post, total))).toMatchObject({ wasKept: true, stage: 'answer' });
    await openConnections(server.url, 1);
    expect((await client.send(post, { ...total, repeatable: true })).status).toBe(200);
  });

  it('is closed when it has carried nothing for too long, or the client is retired', async () => {
    await using server = await startServer((_request, response) => response.end());
    connectWith({ keptForMs: 1 });
    await openConnections(server.url, 1);
    await until(() => server.connections[0]!.destroyed);
    client.close();
    connectWith();
    await openConnections(server.url, 2);
    client.retire();
    await until(() => server.connections.every((socket) => socket.destroyed));
    await client.send({ url: server.url }, total);
    await until(() => server.connections.every((socket) => socket.destroyed));
  });
});

describe('a certificate', () => {
  it('is verified whatever the environment says, unless the client is told otherwise', async () => {
    await using server = await startTlsServer((_request, response) => response.end('secret'));
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const error = await failure(connectWith().send({ url: server.url }, total));
      expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      client.close();
      expect((await connectWith({ tls: { verify: false } }).send({ url: server.url }, total)).status).toBe(200);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });
});

describe('a stream', () => {
  const limits = { answerTimeoutMs: 1_000, idleTimeoutMs: 5_000 };

  async function streaming(onRequest: (socket: Socket) => void, signal?: AbortSignal) {
    const server = await startRawServer((socket) => socket.once('data', () => onRequest(socket)));
    const stream = await connectWith().stream({ url: server.url }, { ...limits, signal });
    return { server, stream: stream as HttpStream, socket: server.connections[0]! };
  }
  const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

  it('goes on for longer than any limit, as long as something comes', async () => {
    const { server, stream, socket } = await streaming((peer) => peer.write(`${CHUNKED}1\r\na\r\n`));
    await using _ = server;
    let read = '';
    for await (const chunk of stream.chunks) {
      read += chunk.toString();
      if (read.length === 5) break;
      await clock.advance(4_000);
      socket.write('1\r\nb\r\n');
    }
    expect(read).toBe('abbbb');
    await until(() => socket.destroyed);
  });

  it('that is silent for too long is ended', async () => {
    const { server, stream, socket } = await streaming((peer) => peer.write(CHUNKED));
    await using _ = server;
    const reading = failure(stream.chunks[Symbol.asyncIterator]().next());
    await clock.advance(5_000);
    expect(await reading).toMatchObject({
      name: 'HttpTimeoutError',
      message: expect.stringContaining('silent for 5000 ms'),
    });
    await until(() => socket.destroyed);
  });

  it('is ended by its signal before anybody reads it, and leaves no listener', async () => {
    const stop = new AbortController();
    const { server, stream, socket } = await streaming((peer) => peer.write(CHUNKED), stop.signal);
    await using _ = server;
    stop.abort(new Error('enough'));
    await until(() => socket.destroyed);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    await expect(stream.chunks[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
  });

  it('that is cut off says so', async () => {
    const { server, stream } = await streaming((peer) => peer.end(CHUNKED));
    await using _ = server;
    expect(await failure(stream.chunks[Symbol.asyncIterator]().next())).toMatchObject({ stage: 'body' });
  });

  it('that is refused is an answer like any other, within the limit of its head', async () => {
    await using server = await startRawServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\n{')),
    );
    const opening = failure(connectWith().stream({ url: server.url }, limits));
    await until(() => server.connections.length === 1);
    await once(server.connections[0]!, 'data');
    for (let turns = 0; turns < 50; turns += 1) await turn();
    await clock.advance(1_000);
    expect(await opening).toMatchObject({ stage: 'body', limitMs: 1_000, answer: { status: 403 } });
  });
});
