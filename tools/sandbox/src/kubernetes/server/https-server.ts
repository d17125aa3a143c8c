import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createAuthority, createServerCertificate } from '../access/credentials.ts';
import type { KeyPair } from '../access/credentials.ts';

/** How long an idle connection is kept, in milliseconds; longer than any client keeps one. */
const keepAliveMs = 180_000;

/** The HTTPS server on 127.0.0.1, which can go away and come back on the same port. */
export class HttpsServer {
  readonly caPem: string;
  readonly port: number;
  readonly #authority: KeyPair;
  readonly #server: Server;
  readonly #connections: Set<Socket>;
  #secureConnections = 0;

  private constructor(authority: KeyPair, server: Server, connections: Set<Socket>) {
    this.#authority = authority;
    this.#server = server;
    this.#connections = connections;
    this.caPem = authority.cert;
    this.port = portOf(server);
    server.on('secureConnection', () => this.#secureConnections++);
  }

  /** Starts a server on a free port, with a certificate authority of its own. */
  static async start(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<HttpsServer> {
    const authority = await createAuthority();
    const server = createServer({ ...(await createServerCertificate(authority)), minVersion: 'TLSv1.2' }, handle);
    server.keepAliveTimeout = keepAliveMs;
    server.requestTimeout = 0;
    // Every connection, also those whose handshake never ends.
    const connections = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
    await listen(server, 0);
    return new HttpsServer(authority, server, connections);
  }

  /** How many TLS handshakes were completed. */
  get secureConnections(): number {
    return this.#secureConnections;
  }

  /** Takes a new certificate of the same authority for new connections. */
  async rotateCertificate(): Promise<void> {
    this.#server.setSecureContext({ ...(await createServerCertificate(this.#authority)), minVersion: 'TLSv1.2' });
  }

  /** Drops all connections and takes none until it is resumed. */
  async pause(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async resume(): Promise<void> {
    if (!this.#server.listening) await listen(this.#server, this.port);
  }
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The API server does not listen on a port');
  return address.port;
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
