import { createServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request as the receiver saw it. */
interface ReceivedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How the receiver answers; without a status it never does. */
export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** `endless`: a body that never ends; `stalled`: a head and no more. */
  readonly body?: 'endless' | 'stalled' | 'broken';
}

/** A webhook on 127.0.0.1 that notes what it gets. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: ReceivedRequest[];
  connections: number;
  /** Resolves with the request of that number, counted from 1, once it has come. */
  request(number: number): Promise<ReceivedRequest>;
}

/** Starts a receiver that gives the answers in turn, and the last one again and again; 204 when none are given. */
export async function startReceiver(
  answers: readonly CannedAnswer[] = [{ status: 204 }],
  tls?: { readonly key: string; readonly cert: string },
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const awaited = new Map<number, PromiseWithResolvers<ReceivedRequest>>();
  const awaitedAt = (number: number): PromiseWithResolvers<ReceivedRequest> => {
    const entry = awaited.get(number) ?? Promise.withResolvers<ReceivedRequest>();
    awaited.set(number, entry);
    return entry;
  };
  const listener: RequestListener = (request, response) => {
    void text(request).then(
      (body) => {
        const received = { method: request.method, url: request.url, headers: request.headers, body };
        requests.push(received);
        awaitedAt(requests.length).resolve(received);
        const answer = answers[Math.min(requests.length, answers.length) - 1];
        if (answer?.status === undefined) return;
        response.writeHead(answer.status, answer.headers);
        if (answer.body === undefined) response.end('ok');
        else if (answer.body === 'stalled') response.write('…');
        else if (answer.body === 'broken') response.write('…', () => response.socket?.destroy());
        else {
          const pour = (): void => {
            while (!response.destroyed && response.write('x'.repeat(16_384)));
          };
          response.on('drain', pour);
          pour();
        }
      },
      () => undefined,
    );
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    receiver.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hook`,
    port,
    requests,
    connections: 0,
    request: (number) => awaitedAt(number).promise,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
