import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/**
 * Reads a request's body to its end.
 * @throws Error when it is longer than `limitBytes` (default 8 MiB) or the client goes away.
 */
export async function readBody(request: IncomingMessage, limitBytes = 8 * 1024 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limitBytes) throw new Error(`The request's body is longer than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Where a server of the sandbox may listen: the machine itself, never the network. */
export type LoopbackHost = '127.0.0.1' | '::1';

/** What a loopback server is started with. */
interface LoopbackServerOptions {
  /** Default `127.0.0.1`. */
  readonly host?: LoopbackHost;
  /** Serve HTTPS with this certificate. Default: plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** How long an idle connection is kept, in ms. Default 60,000: longer than any poll, so that keep-alive is the client's choice. */
  readonly keepAliveTimeoutMs?: number;
}

/** A running HTTP server on a port that the system chose. */
interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** How many connections clients have opened so far. */
  readonly connections: () => number;
  /** Stops listening and resets every connection: clients are refused until {@link LoopbackServer.resume}. */
  readonly pause: () => Promise<void>;
  /** Listens again on the same port. */
  readonly resume: () => Promise<void>;
}

/**
 * Starts an HTTP server on the loopback interface, on a free port.
 * @throws whatever `listen` fails with, for instance when IPv6 is off and `::1` was asked for.
 */
export async function startLoopbackServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  options: LoopbackServerOptions = {},
): Promise<LoopbackServer> {
  const host = options.host ?? '127.0.0.1';
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A request that fails half-read (the client has gone) must not take the sandbox with it.
    const run = async (): Promise<void> => handle(request, response);
    run().catch(() => response.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.keepAliveTimeout = options.keepAliveTimeoutMs ?? 60_000;
  server.requestTimeout = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    // A client that goes away in the middle is everyday life here, not a reason to crash.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });

  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) resolve();
      else server.close(() => resolve());
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  const scheme = options.tls === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://${host === '::1' ? '[::1]' : host}:${port}`,
    port,
    server,
    connections: () => connections,
    pause: stop,
    resume: () => listen(port),
    [Symbol.asyncDispose]: stop,
  };
}
