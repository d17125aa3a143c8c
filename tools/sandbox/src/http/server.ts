import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Where a server of the sandbox may listen: the machine itself, never the network. */
export type LoopbackHost = '127.0.0.1' | '::1';

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** What a loopback server is started with. */
export interface LoopbackServerOptions {
  /** Default `127.0.0.1`. */
  readonly host?: LoopbackHost;
  /** Serve HTTPS with this certificate. Default: plain HTTP. */
  readonly tls?: KeyPair;
}

/** A running HTTP server on a port that the system chose. */
export interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
  /** How many connections clients have opened so far. */
  readonly connections: () => number;
  /** Takes another certificate for new connections of an HTTPS server. */
  readonly setCertificate: (tls: KeyPair) => void;
  /** Stops listening and resets every connection: clients are refused until {@link LoopbackServer.resume}. */
  readonly pause: () => Promise<void>;
  /** Listens again on the same port. */
  readonly resume: () => Promise<void>;
}

/** Answers a request; the signal aborts when the server is closed for good. */
export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  closed: AbortSignal,
) => void | Promise<void>;

/** How long an idle connection is kept, in milliseconds: longer than any client keeps one, so that keep-alive is the client's choice. */
const keepAliveTimeoutMs = 180_000;

/**
 * Starts an HTTP server on the loopback interface, on a free port.
 * @throws whatever `listen` fails with, for instance when IPv6 is off and `::1` was asked for.
 */
export async function startLoopbackServer(
  handle: RequestHandler,
  { host = '127.0.0.1', tls }: LoopbackServerOptions = {},
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const closed = new AbortController();
  let connections = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A request that fails half-read (the client has gone) must not take the sandbox with it.
    const run = async (): Promise<void> => handle(request, response, closed.signal);
    run().catch(() => response.destroy());
  };
  const secure = tls === undefined ? undefined : createTlsServer(tls, listener);
  const server = secure ?? createServer(listener);
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.requestTimeout = 0;
  // Every connection, also those whose TLS handshake never ends.
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    // A client that goes away in the middle is everyday life here, not a reason to crash.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });

  const listen = async (port: number): Promise<void> => {
    await once(server.listen(port, host), 'listening');
  };
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await once(server.close(), 'close');
  };

  await listen(0);
  const { port } = server.address() as AddressInfo;
  let held: AsyncDisposable | undefined;
  return {
    url: `${secure === undefined ? 'http' : 'https'}://${host === '::1' ? '[::1]' : host}:${port}`,
    server,
    connections: () => connections,
    setCertificate: (next) => secure?.setSecureContext(next),
    pause: async () => {
      await stop();
      held ??= await holdPort(port, host);
    },
    resume: async () => {
      if (!server.listening) await listen(port);
      await held?.[Symbol.asyncDispose]();
      held = undefined;
    },
    [Symbol.asyncDispose]: async () => {
      closed.abort();
      await stop();
      await held?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * Keeps the system from giving a port to somebody else while nobody listens on it.
 *
 * A connection that leaves from the port holds it: whoever connects to the port is refused, and it can still be listened on.
 */
async function holdPort(port: number, host: LoopbackHost): Promise<AsyncDisposable> {
  const far = createTcpServer((socket) => socket.on('error', () => socket.destroy()));
  await once(far.listen(0, host), 'listening');
  const near = connect({ port: (far.address() as AddressInfo).port, host, localPort: port, localAddress: host });
  await Promise.all([once(near, 'connect'), once(far, 'connection')]);
  return {
    [Symbol.asyncDispose]: async () => {
      // A reset: an end in good order would hold the port for another minute.
      near.resetAndDestroy();
      await once(far.close(), 'close');
    },
  };
}

/**
 * Reads a request's body to its end.
 * @throws what `tooLong` makes when it is longer than `limitBytes`; an error when the client goes away.
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes = 8 * 1024 * 1024,
  tooLong: () => Error = () => new Error(`The request's body is longer than ${limitBytes} bytes`),
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limitBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
