import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';

import { TOKEN_PATH } from '../token.ts';

/** One request as the server saw it. */
interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
}

/** A metadata service for one test. */
export interface MetadataServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Every request, in its order. */
  readonly seen: SeenRequest[];
  /** Documents by their path; what is not here is answered with 404. */
  readonly documents: Map<string, string>;
  /** Tokens that are taken. */
  readonly tokens: Set<string>;
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** How many connections were made. */
  connections: number;
  /** Answers instead of the service for requests that it returns `true` for. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Whether a request without a token is answered with 401. */
  needsToken: boolean;
  /** How long tokens live. */
  ttlSeconds: number;
}

/** Starts a metadata service that gives tokens and documents. */
export async function startMetadataServer(
  documents: Readonly<Record<string, string>> = {},
  address = '127.0.0.1',
): Promise<MetadataServer> {
  let lastToken = 0;
  const server = createServer((request, response) => {
    const { method = '', url: path = '' } = request;
    const token = request.headers['x-aws-ec2-metadata-token'];
    service.seen.push({ method, path, token: typeof token === 'string' ? token : undefined });
    if (service.intercept(request, response)) return;
    if (path === TOKEN_PATH) giveToken(request, response);
    else if (typeof token === 'string' ? !service.tokens.has(token) : service.needsToken) answer(response, 401);
    else {
      const body = service.documents.get(path);
      answer(response, body === undefined ? 404 : 200, body);
    }
  });

  function giveToken(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'PUT') {
      answer(response, 405);
      return;
    }
    const token = `TOKEN-${(lastToken += 1)}==`;
    service.tokens.add(token);
    response.setHeader('X-Aws-Ec2-Metadata-Token-Ttl-Seconds', service.ttlSeconds);
    answer(response, 200, token);
  }

  const { port, close, sockets } = await listen(server, address);
  const service: MetadataServer = {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    port,
    seen: [],
    documents: new Map(Object.entries(documents)),
    tokens: new Set(),
    sockets,
    connections: 0,
    intercept: () => false,
    needsToken: true,
    ttlSeconds: 21_600,
    [Symbol.asyncDispose]: close,
  };
  server.on('connection', () => (service.connections += 1));
  return service;
}

/** Ends a request with a status and a body. */
export function answer(response: ServerResponse, status: number, body = ''): boolean {
  response.statusCode = status;
  response.end(body);
  return true;
}

/** Has a server listen on a free port; closing it drops every connection. */
export async function listen(
  server: Server,
  address = '127.0.0.1',
): Promise<{ readonly port: number; readonly close: () => Promise<void>; readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, close, sockets };
}
