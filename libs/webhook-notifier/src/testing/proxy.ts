import { createServer, request as forward } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A forward proxy on 127.0.0.1 that asks for credentials. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** What was asked of it: `POST http://…` or `CONNECT host:port`. */
  readonly asked: string[];
  /** How many connections are open to it and from it. */
  readonly open: () => number;
}

/** Starts a proxy that lets in one user, given as `user:password`; without one it takes connections and never answers. */
export async function startProxy(credentials?: string): Promise<Proxy> {
  const asked: string[] = [];
  const expected = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (incoming.headers['proxy-authorization'] !== expected) {
      outgoing.writeHead(407).end();
      return;
    }
    const { 'proxy-authorization': _credentials, ...headers } = incoming.headers;
    const onward = forward(incoming.url ?? '', { method: 'POST', headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket: Socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    if (credentials === undefined) {
      socket.resume().on('end', () => socket.end());
      return;
    }
    if (incoming.headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [host, port] = (incoming.url ?? '').split(':');
    const onward = connect(Number(port), host ?? '', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => undefined);
    sockets.add(onward);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
