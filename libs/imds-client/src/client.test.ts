import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it } from 'vitest';

import { createImdsClient } from './client.ts';
import {
  ImdsError,
  ImdsOptionsError,
  ImdsResponseError,
  ImdsStatusError,
  ImdsTimeoutError,
  ImdsUnreachableError,
} from './errors.ts';
import { until } from './testing/collect.ts';
import { answer, listen, startMetadataServer } from './testing/metadata-server.ts';

const run = promisify(execFile);

const ID = '/latest/meta-data/instance-id';
const TOKEN = '/latest/api/token';

describe('get', () => {
  it('reads a document with a session token', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    using imds = createImdsClient({ endpoint: server.url });
    expect(await imds.get(ID)).toBe('i-1');
    expect(server.seen).toEqual([
      { method: 'PUT', path: TOKEN, token: undefined },
      { method: 'GET', path: ID, token: 'TOKEN-1==' },
    ]);
  });

  it('gives undefined for a document that is not there', async () => {
    await using server = await startMetadataServer();
    using imds = createImdsClient({ endpoint: server.url });
    expect(await imds.get(ID)).toBeUndefined();
  });

  it('tells the date of each answer, whatever else that says, and when it was asked for', async () => {
    await using server = await startMetadataServer();
    server.intercept = (_request, response) => {
      response.setHeader('Date', 'Fri, 02 Jan 2026 05:00:00 GMT');
      return false;
    };
    const told: (readonly [string | undefined, number])[] = [];
    const clock = new VirtualClock();
    await clock.advance(7);
    using imds = createImdsClient({ endpoint: server.url, clock, onDate: (...date) => told.push(date) });
    await imds.get(ID);
    expect(told).toEqual(Array.from({ length: 2 }, () => ['Fri, 02 Jan 2026 05:00:00 GMT', 7]));
  });

  it('keeps one connection for request after request', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    using imds = createImdsClient({ endpoint: server.url });
    for (let count = 0; count < 20; count += 1) await imds.get(ID);
    expect(server.connections).toBe(1);
    expect(server.seen.filter(({ path }) => path === TOKEN)).toHaveLength(1);
  });

  it('keeps the path of an endpoint that has one', async () => {
    await using server = await startMetadataServer({ [`/proxy${ID}`]: 'i-1' });
    server.intercept = (request, response) => request.method === 'PUT' && answer(response, 404);
    server.needsToken = false;
    using imds = createImdsClient({ endpoint: `${server.url}/proxy/` });
    expect(await imds.get(ID)).toBe('i-1');
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

  it.runIf(hasIpv6)('reaches an IPv6 endpoint', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' }, '::1');
    using imds = createImdsClient({ endpoint: server.url });
    expect(await imds.get(ID)).toBe('i-1');
  });

  it('reads UTF-8 that is cut anywhere', async () => {
    await using server = await startMetadataServer();
    server.intercept = (request, response) => {
      if (request.method === 'PUT') return false;
      const bytes = Buffer.from('größer – 😀');
      response.write(bytes.subarray(0, 3));
      response.end(bytes.subarray(3));
      return true;
    };
    using imds = createImdsClient({ endpoint: server.url });
    expect(await imds.get(ID)).toBe('größer – 😀');
  });

  it('refuses a path that leaves the service', async () => {
    await using server = await startMetadataServer();
    using imds = createImdsClient({ endpoint: server.url });
    await expect(imds.get('/latest/../../etc')).rejects.toThrow(TypeError);
    expect(server.seen).toEqual([]);
  });

  it('takes another connection when the service has closed the idle one', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      let answered = 0;
      socket.on('data', () => {
        // The third request finds the connection closed, as after an idle timeout that falls on the same moment.
        if ((answered += 1) > 2) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ni-1');
      });
    });
    const { port, close } = await listen(server);
    using imds = createImdsClient({ endpoint: `http://127.0.0.1:${port}`, tries: 1 });
    for (let count = 0; count < 5; count += 1) expect(await imds.get(ID)).toBe('i-1');
    expect(connections).toBeGreaterThan(1);
    await close();
  });

  it('forgets idle connections that the service closes, and uses none that says too much', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ni-1HTTP/1.1 200 OK\r\n\r\n'));
    });
    const { port, close } = await listen(server);
    using imds = createImdsClient({ endpoint: `http://127.0.0.1:${port}` });
    expect(await imds.get(ID)).toBe('i-1');
    expect(await imds.get(ID)).toBe('i-1');
    // One for the token, which was sent with the answer of the first document, and one for each document.
    expect(connections).toBe(3);
    await close();
  });

  it('closes its connections, and opens new ones after that', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    const imds = createImdsClient({ endpoint: server.url });
    await imds.get(ID);
    imds.close();
    expect(await imds.get(ID)).toBe('i-1');
    expect(server.connections).toBe(2);
  });
});

describe('a bad answer', () => {
  it.each([
    [500, 3],
    [503, 3],
    [429, 3],
    [403, 1],
    [301, 1],
    [400, 1],
  ])('with status %i is tried %i times', async (status, tried) => {
    await using server = await startMetadataServer();
    server.intercept = (request, response) => request.method === 'GET' && answer(response, status, 'no');
    using imds = createImdsClient({ endpoint: server.url, tries: 3 });
    const error: unknown = await imds.get(ID).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ImdsStatusError);
    expect(error).toMatchObject({ name: 'ImdsStatusError', status, path: ID });
    expect(server.seen.filter(({ method }) => method === 'GET')).toHaveLength(tried);
  });

  it('is forgotten when the next try is good', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    let bad = 2;
    server.intercept = (request, response) => request.method === 'GET' && (bad -= 1) >= 0 && answer(response, 500);
    using imds = createImdsClient({ endpoint: server.url });
    expect(await imds.get(ID)).toBe('i-1');
  });

  it.each(['<html><body>Log in</body></html>', '\n<!DOCTYPE html>'])('is a web page: %s', async (page) => {
    await using server = await startMetadataServer({ [ID]: page });
    using imds = createImdsClient({ endpoint: server.url, tries: 2 });
    await expect(imds.get(ID)).rejects.toThrow(new ImdsResponseError(ID, 'is a web page'));
  });

  it.each([
    ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{"action":', 'ended too early'],
    ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n{"act', 'ended too early'],
    ['half a header', 'HTTP/1.1 200 OK\r\nConte', 'ended too early'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', 'is not HTTP'],
    ['no UTF-8', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe', 'is not UTF-8'],
    ['too long a body', 'HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n', 'is longer than 65536 bytes'],
  ])('is %s', async (_name, bytes, problem) => {
    let tried = 0;
    const server = createServer((socket) => {
      socket.once('data', (request) => {
        if (request.toString().startsWith('PUT')) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
        else {
          tried += 1;
          socket.end(bytes, 'latin1');
        }
      });
    });
    const { port, close } = await listen(server);
    using imds = createImdsClient({ endpoint: `http://127.0.0.1:${port}`, tries: 2 });
    await expect(imds.get(ID)).rejects.toThrow(new ImdsResponseError(ID, problem));
    expect(tried).toBe(2);
    await close();
  });

  it('is none, because the connection is closed', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy()));
    const { port, close } = await listen(server);
    using imds = createImdsClient({ endpoint: `http://127.0.0.1:${port}`, tries: 2 });
    await expect(imds.get(ID)).rejects.toBeInstanceOf(ImdsUnreachableError);
    await close();
  });

  it('is none, because nobody listens', async () => {
    const { port, close } = await listen(createServer());
    await close();
    using imds = createImdsClient({ endpoint: `http://127.0.0.1:${port}`, tries: 2 });
    const error: unknown = await imds.get(ID).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ImdsUnreachableError);
    expect(error).toMatchObject({ message: `instance metadata cannot be reached (ECONNREFUSED): ${TOKEN}` });
    expect(error).toHaveProperty('cause.code', 'ECONNREFUSED');
  });

  it('is none, and a hanging request holds up no other', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.intercept = (request) => request.url?.endsWith('/slow') === true;
    using imds = createImdsClient({ endpoint: server.url, requestTimeoutMs: 60_000, totalTimeoutMs: 60_000 });
    const stop = new AbortController();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const slow = Promise.allSettled(names.map((name) => imds.get(`/${name}/slow`, { signal: stop.signal })));
    await until(() => server.seen.filter(({ path }) => path.endsWith('/slow')).length === names.length);
    expect(await imds.get(ID)).toBe('i-1');
    stop.abort();
    for (const { status } of await slow) expect(status).toBe('rejected');
  });

  it('is none within the total time, however many tries are left', async () => {
    await using server = await startMetadataServer();
    server.intercept = (request) => request.method === 'GET';
    using imds = createImdsClient({ endpoint: server.url, tries: 100, requestTimeoutMs: 30, totalTimeoutMs: 100 });
    await expect(imds.get(ID)).rejects.toBeInstanceOf(ImdsTimeoutError);
    expect(server.seen.length).toBeLessThan(10);
  });

  it('is none of a body that trickles', async () => {
    await using server = await startMetadataServer();
    server.intercept = (request, response) => {
      if (request.method === 'PUT') return false;
      response.setHeader('Content-Length', 1000);
      response.write('x');
      return true;
    };
    using imds = createImdsClient({ endpoint: server.url, tries: 1, requestTimeoutMs: 50 });
    await expect(imds.get(ID)).rejects.toThrow(new ImdsTimeoutError(ID, 50));
  });

  it('leaves nothing behind that would spoil the next', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.intercept = (request) => request.url === '/slow';
    using imds = createImdsClient({ endpoint: server.url, tries: 1 });
    await expect(imds.get('/slow')).rejects.toBeInstanceOf(ImdsError);
    expect(await imds.get(ID)).toBe('i-1');
  });
});

describe('an abort', () => {
  it('ends a request that hangs', async () => {
    await using server = await startMetadataServer();
    server.intercept = (request) => request.method === 'GET';
    using imds = createImdsClient({ endpoint: server.url });
    const stop = new AbortController();
    const request = imds.get(ID, { signal: stop.signal });
    await until(() => server.seen.some(({ method }) => method === 'GET'));
    const reason = new Error('shutting down');
    stop.abort(reason);
    await expect(request).rejects.toBe(reason);
  });

  it('ends the wait for a token, and not the wait of others', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    let release: (() => void) | undefined;
    server.intercept = (request, response) => {
      if (request.method !== 'PUT') return false;
      release = () => {
        answer(response, 404);
      };
      return true;
    };
    server.needsToken = false;
    using imds = createImdsClient({ endpoint: server.url, tokenTimeoutMs: 60_000 });
    const stop = new AbortController();
    const ended = imds.get(ID, { signal: stop.signal });
    const going = imds.get(ID);
    await until(() => server.seen.length > 0);
    stop.abort('enough');
    await expect(ended).rejects.toThrow('This operation was aborted');
    release?.();
    expect(await going).toBe('i-1');
    expect(server.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('that has come before asks for nothing', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    using imds = createImdsClient({ endpoint: server.url });
    await expect(imds.get(ID, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    await imds.get(ID);
    const before = server.seen.length;
    await expect(imds.get(ID, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(server.seen).toHaveLength(before);
  });

  it('ends the pause between two tries', async () => {
    await using server = await startMetadataServer();
    server.intercept = (request, response) => request.method === 'GET' && answer(response, 500);
    using imds = createImdsClient({ endpoint: server.url, tries: 100, totalTimeoutMs: 600_000 });
    const stop = new AbortController();
    const request = imds.get(ID, { signal: stop.signal });
    await until(() => server.seen.filter(({ method }) => method === 'GET').length >= 3);
    stop.abort();
    await expect(request).rejects.toThrow('aborted');
  });
});

describe('a token that does not come', () => {
  it('is waited for no longer than the request may take', async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    server.intercept = (request) => request.method === 'PUT';
    using imds = createImdsClient({ endpoint: server.url, tokenTimeoutMs: 60_000, totalTimeoutMs: 50 });
    await expect(imds.get(ID)).rejects.toThrow(new ImdsTimeoutError(ID, 50));
  });
});

describe('createImdsClient', () => {
  it('refuses wrong options', () => {
    expect(() => createImdsClient({ tries: 0 })).toThrow(ImdsOptionsError);
  });

  /** Reads the instance's id in a process of its own, which must end by itself. */
  async function readIdElsewhere(url: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const script = `
      import { createImdsClient } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      console.log(await createImdsClient({ endpoint: process.argv[1] }).get(${JSON.stringify(ID)}));`;
    const { stdout } = await run(
      process.execPath,
      ['-C', '@node-termination-handler/source', '--input-type=module', '--eval', script, url],
      {
        env: { ...process.env, ...env },
      },
    );
    return stdout;
  }

  it('keeps no process alive', { timeout: 60_000 }, async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    expect(await readIdElsewhere(server.url)).toBe('i-1\n');
    expect(server.connections).toBe(1);
  });

  it('goes through no proxy of the environment', { timeout: 60_000 }, async () => {
    await using server = await startMetadataServer({ [ID]: 'i-1' });
    const proxy = 'http://127.0.0.1:9';
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy, NO_PROXY: '', no_proxy: '' };
    expect(await readIdElsewhere(server.url, env)).toBe('i-1\n');
  });
});
