import { createServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { certificate } from './certificate.ts';

/** A server on 127.0.0.1 whose connections are seen. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: URL;
  /** All that were ever made, in order. */
  readonly connections: readonly Socket[];
}

async function listen(server: Server, protocol: string): Promise<TestServer> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: new URL(`${protocol}://127.0.0.1:${port}/`),
    connections,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that speaks HTTP in the clear. */
export function startServer(listener: RequestListener): Promise<TestServer> {
  return listen(createServer(listener), 'http');
}

/** A server that speaks HTTP over TLS, with a certificate that nobody trusts unasked. */
export async function startTlsServer(
  listener: RequestListener,
): Promise<
  TestServer & { /** Which connections went on with the session of an earlier one. */ readonly resumed: boolean[] }
> {
  const resumed: boolean[] = [];
  const server = createTlsServer(certificate, listener);
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
  return { ...(await listen(server, 'https')), resumed };
}

/** A server that takes connections and does with them what the test says, nothing by default. */
export function startRawServer(
  onConnection: (socket: Socket, number: number) => void = (socket) => void socket.resume(),
) {
  let number = 0;
  return listen(
    createTcpServer((socket) => onConnection(socket, (number += 1))),
    'http',
  );
}

/** A forward proxy that digs tunnels and writes down what it is asked. */
export interface TestProxy extends TestServer {
  readonly asked: { readonly what: string; readonly headers: IncomingHttpHeaders }[];
  /** The name that each TLS connection was made for; `false` where it gave none. */
  readonly names: (string | false | null)[];
}

export async function startProxy(status = 200, protocol: 'http' | 'https' = 'http'): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const names: TestProxy['names'] = [];
  const forward: RequestListener = ({ method, url, headers }, response) => {
    asked.push({ what: `${method} ${url}`, headers });
    response.end('through the proxy');
  };
  const server = protocol === 'https' ? createTlsServer(certificate, forward) : createServer(forward);
  server.on('secureConnection', ({ servername }: TLSSocket) => names.push(servername));
  const onward: Socket[] = [];
  server.on('connect', ({ url = '', headers }, socket: Socket) => {
    asked.push({ what: `CONNECT ${url}`, headers });
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    onward.push(target.on('error', () => socket.destroy()));
  });
  const listening = await listen(server, protocol);
  return {
    ...listening,
    asked,
    names,
    async [Symbol.asyncDispose]() {
      for (const socket of onward) socket.destroy();
      await listening[Symbol.asyncDispose]();
    },
  };
}

/** A SOCKS5 proxy without authentication. See https://www.rfc-editor.org/rfc/rfc1928 */
export async function startSocksProxy(): Promise<TestServer & { readonly asked: string[] }> {
  const asked: string[] = [];
  const listening = await startRawServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        const host = [...request.subarray(4, 8)].join('.');
        const port = request.readUInt16BE(8);
        asked.push(`${host}:${port}`);
        const target = connect(port, host, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          target.pipe(socket).pipe(target);
        });
        target.on('error', () => socket.destroy());
        socket.on('close', () => target.destroy());
      });
    });
  });
  return { ...listening, asked };
}
