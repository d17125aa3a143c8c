import type { Server } from 'node:http';
import { ListenError } from './errors.ts';

/** Where a server listens. */
export interface ListenOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Default: every address, over IPv6 and IPv4 where there is IPv6, else over IPv4. */
  readonly host?: string;
  /** Closes the server. */
  readonly signal?: AbortSignal;
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
  readonly status: number;
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

const requestTimeoutMs = 5_000;

/**
 * Starts a small HTTP server for GET and HEAD.
 *
 * @throws {@link ListenError} when the port is taken or forbidden.
 */
export async function serve(
  respond: Respond,
  { port, host, signal }: ListenOptions,
  { what, setting }: Purpose,
): Promise<Listening> {
  signal?.throwIfAborted();
  // Loaded here, because a program without a server need not pay for the module.
  const { createServer } = await import('node:http');
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: requestTimeoutMs,
    },
    (request, response) => {
      void answer(respond, request.method, request.url, request.headers.accept).then(
        ({ status, contentType, body }) => {
          const length = Buffer.byteLength(body);
          const allow = status === 405 ? { allow: 'GET, HEAD' } : {};
          response.writeHead(status, { 'content-type': contentType, 'content-length': length, ...allow });
          response.end(request.method === 'HEAD' ? undefined : body);
        },
      );
    },
  );
  await listen(server, port, host).catch((cause: unknown) => {
    throw new ListenError(what, port, setting, cause);
  });
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    await closed;
    signal?.removeEventListener('abort', onAbort);
  };
  const onAbort = (): void => void close();
  signal?.addEventListener('abort', onAbort, { once: true });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, [Symbol.asyncDispose]: close };
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(
  respond: Respond,
  method: string | undefined,
  url: string | undefined,
  accept: string | undefined,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD are answered');
  const path = (url ?? '/').split('?', 1)[0] ?? '/';
  try {
    return (await respond(path, accept)) ?? plain(404, 'there is nothing here');
  } catch {
    return plain(500, 'the answer could not be made');
  }
}

function plain(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}
