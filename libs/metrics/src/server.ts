import { onAbort, systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { LONGEST_HEAD, readRequestHead } from './request-head.ts';
import type { Request } from './request-head.ts';

/** Where a server listens. */
export interface ListenOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Default: every address, over IPv6 and IPv4 where there is IPv6, else over IPv4. */
  readonly host?: string;
  /** Closes the server. */
  readonly signal?: AbortSignal;
  /** Told what went wrong after the server had begun to listen, such as a lack of file descriptors; it goes on. Default: nobody is. */
  readonly onError?: (error: Error) => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** A server that listens. */
export interface Listening {
  /** The port, also when the system chose it. */
  readonly port: number;
  /** Closes the server and its connections. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The answer to a request. */
export interface Answer {
  readonly status: 200 | 400 | 404 | 405 | 431 | 500 | 503;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a GET of `path`; `undefined` is a 404. */
export type Respond = (path: string, accept: string | undefined) => Answer | undefined | Promise<Answer | undefined>;

/** The purpose of a server and the setting that chooses its port, for messages. */
export interface Purpose {
  readonly what: string;
  readonly setting: string;
}

/** A server cannot listen on its port; the message names the setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly port: number;

  constructor(what: string, port: number, setting: string, cause: unknown) {
    super(`cannot serve ${what} on port ${port}: ${explain(cause)}; set ${setting} to another port`, { cause });
    this.port = port;
  }
}

function explain(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') return 'another process (or another container with host networking) listens there';
  if (code === 'EACCES') return 'this process may not listen there';
  return cause instanceof Error ? cause.message : String(cause);
}

/** How many connections are held at once; a further one ends the oldest, so that nobody can keep a probe out. */
const MOST_CONNECTIONS = 16;

/** How long a connection may last from its first byte to its last, in milliseconds. */
const CONNECTION_MS = 5_000;

/** How long the other side may take to close after its answer, in milliseconds; then the connection is ended. */
const LINGER_MS = 1_000;

/**
 * How much is thrown away after the first request, in bytes: a body that nobody asked for, say. To close with something
 * unread would take the answer back from a client that has not read it yet.
 */
const MOST_THROWN_AWAY = 65_536;

const PHRASES: Readonly<Record<Answer['status'], string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/**
 * Starts a small HTTP server for GET and HEAD: one request a connection, little of it read, few connections held.
 *
 * Whoever can reach a port on the node's network can send what he likes, and the memory and time of this process belong to
 * its drains. `node:http` reads and parses 64 KiB of pipelined requests at once, whatever its limits are set to, and costs
 * 14 MiB in a program that serves nothing else.
 *
 * @throws {@link ListenError} when the port is taken or forbidden.
 */
export async function serve(respond: Respond, options: ListenOptions, { what, setting }: Purpose): Promise<Listening> {
  const { port, host, signal, onError = () => undefined, clock = systemClock } = options;
  signal?.throwIfAborted();
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections.size >= MOST_CONNECTIONS) connections.values().next().value?.destroy();
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    converse(socket, respond, clock);
  });
  await listen(server, port, host, onError).catch((cause: unknown) => {
    throw new ListenError(what, port, setting, cause);
  });
  const closed = Promise.withResolvers<undefined>();
  server.once('close', () => closed.resolve(undefined));
  const close = async (): Promise<void> => {
    server.close();
    for (const socket of connections) socket.destroy();
    await closed.promise;
    ending[Symbol.dispose]();
  };
  const ending = onAbort(signal, () => void close());
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, [Symbol.asyncDispose]: close };
}

/** At no moment is there nobody who hears of an error: it would end the process. */
function listen(
  server: Server,
  port: number,
  host: string | undefined,
  onError: (error: Error) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject).on('error', onError);
      resolve();
    });
  });
}

/** One connection: its first request is answered, what follows is thrown away. */
function converse(socket: Socket, respond: Respond, clock: Clock): void {
  let head = '';
  let isHeard = false;
  let timer = clock.startTimer(CONNECTION_MS, () => socket.destroy(), { keepsProcessAlive: false });
  const say = (answer: Answer, withBody: boolean): void => {
    if (socket.destroyed) return;
    socket.end(written(answer, withBody, new Date(clock.now())), 'utf8');
    timer.stop();
    timer = clock.startTimer(LINGER_MS, () => socket.destroy(), { keepsProcessAlive: false });
  };
  socket.on('data', (chunk) => {
    if (isHeard) {
      if (socket.bytesRead > MOST_THROWN_AWAY) socket.destroySoon();
      return;
    }
    head += chunk.toString('latin1', 0, LONGEST_HEAD - head.length);
    const read = readRequestHead(head);
    if (read.state === 'unfinished') return;
    isHeard = true;
    if (read.state === 'refused') say(plain(read.status, read.reason), true);
    else void answerTo(read.request, respond).then((answer) => say(answer, read.request.method !== 'HEAD'));
  });
  socket.once('end', () => {
    if (!isHeard) socket.destroy();
  });
  socket.once('close', () => timer.stop());
  // Whoever went away has no use for an answer.
  socket.on('error', () => undefined);
}

async function answerTo({ method, path, accept }: Request, respond: Respond): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD are answered');
  try {
    return (await respond(path, accept)) ?? plain(404, 'there is nothing here');
  } catch {
    return plain(500, 'the answer could not be made');
  }
}

function plain(status: Answer['status'], text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function written({ status, contentType, body }: Answer, withBody: boolean, now: Date): string {
  const header = [
    `HTTP/1.1 ${status} ${PHRASES[status]}`,
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `date: ${now.toUTCString()}`,
    ...(status === 405 ? ['allow: GET, HEAD'] : []),
    'connection: close',
  ];
  return `${header.join('\r\n')}\r\n\r\n${withBody ? body : ''}`;
}
