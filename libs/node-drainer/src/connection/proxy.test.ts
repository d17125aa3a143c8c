import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { json, startApiServer } from '../testing/api-server.ts';
import { connect } from './connect.ts';

const getNode = { verb: 'get', resource: 'nodes', name: 'a' } as const;

/** A proxy that only tunnels, and counts. */
async function startProxy() {
  const tunnels: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on('connect', (request, client: Duplex) => {
    tunnels.push(request.url ?? '');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const upstream = connectTcp(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

afterEach(() => vi.unstubAllEnvs());

describe('a proxy', () => {
  it('that the kubeconfig names is used, by one tunnel for many calls', async () => {
    await using proxy = await startProxy();
    await using server = await startApiServer((_, response) => json(response, 200, {}));
    const access = server.kubeConfig();
    access.clusters = access.clusters.map((cluster) => ({ ...cluster, proxyUrl: proxy.url }));
    const client = connect(access);
    for (let call = 0; call < 5; call += 1) await client.request(getNode);
    expect(server.requests).toHaveLength(5);
    expect(proxy.tunnels).toEqual([new URL(server.url).host]);
    client.close();
  });

  it('that takes the connection and is silent keeps no call, in its limit and at its signal', async () => {
    const open = new Set<Duplex>();
    const server = createServer().on('connect', (_request, socket: Duplex) => {
      open.add(socket.resume().on('close', () => open.delete(socket)));
      socket.on('end', () => socket.end()).on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using target = await startApiServer(() => undefined);
    const access = target.kubeConfig();
    const proxyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    access.clusters = access.clusters.map((cluster) => ({ ...cluster, proxyUrl }));
    const client = connect(access, { maxSockets: 1 });
    await expect(client.request({ ...getNode, retry: false, deadlineMs: 50 })).rejects.toThrow('50 ms');
    // Its place is free again, and its tunnel is gone.
    const stop = new AbortController();
    const stopped = client.request({ ...getNode, signal: stop.signal });
    await vi.waitFor(() => expect(open.size).toBe(1));
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await vi.waitFor(() => expect(open.size).toBe(0));
    client.close();
    server.close();
    await once(server, 'close');
  });

  it('that only the environment names is not', async () => {
    await using proxy = await startProxy();
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    vi.stubEnv('https_proxy', proxy.url);
    await using server = await startApiServer((_, response) => json(response, 200, {}));
    const client = connect(server.kubeConfig());
    await client.request(getNode);
    expect(proxy.tunnels).toEqual([]);
    client.close();
  });
});
