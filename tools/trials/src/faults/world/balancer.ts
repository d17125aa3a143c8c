import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import type { World } from './world.ts';

/** A load balancer before three API servers, one of which may be a black hole: it takes connections and answers nothing. */
export interface Balancer extends AsyncDisposable {
  /** A kubeconfig that leads through the balancer. */
  readonly kubeconfig: string;
  /** Switches the black hole on: connections to the third server that are open fall silent too. */
  readonly blackHole: (on: boolean) => void;
}

const SERVERS = 3;

/** Starts a balancer that gives connections to three servers in turn. */
export async function startBalancer(world: World): Promise<Balancer> {
  const target = new URL(world.sandbox.kubernetes.url);
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  let isBlack = false;
  let count = 0;
  const server = createServer((client) => {
    const isThird = count++ % SERVERS === SERVERS - 1;
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    if (isThird) silent.add(client);
    const upstream = connect(Number(target.port), target.hostname);
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => {
      sockets.delete(upstream);
      client.destroy();
    });
    client.on('close', () => upstream.destroy());
    const swallows = (): boolean => isBlack && silent.has(client);
    client.on('data', (bytes) => {
      if (!swallows()) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!swallows()) client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const original = world.sandbox.queueProcessorEnvironment().KUBECONFIG ?? '';
  const kubeconfig = path.join(world.directory, 'balanced.kubeconfig');
  const text = await readFile(original, 'utf8');
  await writeFile(kubeconfig, text.replaceAll(target.origin, `https://127.0.0.1:${port}`), { mode: 0o600 });
  return {
    kubeconfig,
    blackHole: (on) => void (isBlack = on),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
