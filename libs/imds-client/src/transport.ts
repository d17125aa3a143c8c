import { isUtf8 } from 'node:buffer';
import { Agent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { abortReason } from './abort-reason.ts';
import { ImdsResponseError, ImdsTimeoutError, ImdsUnreachableError } from './errors.ts';

/** The longest body that is read; metadata documents are a few hundred bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Idle connections that are kept; polls of one document after the other need no more. */
const MAX_IDLE_SOCKETS = 2;

/** Requests at a time, so that some that hang hold up no other. */
const MAX_SOCKETS = 16;

/** One request. */
export interface Exchange {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A complete answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends requests to one endpoint over connections that are kept alive, and never through a proxy. */
export interface Transport {
  /**
   * @throws {@link ImdsTimeoutError}, {@link ImdsUnreachableError}, {@link ImdsResponseError}, or the signal's reason.
   */
  readonly send: (exchange: Exchange) => Promise<Answer>;
  /** Closes the idle connections. */
  readonly close: () => void;
}

/** Makes a transport for an endpoint. */
export function createTransport(endpoint: URL): Transport {
  // An agent of its own takes no part in NODE_USE_ENV_PROXY or other people's global agents.
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_IDLE_SOCKETS });
  const target = {
    agent,
    // A URL writes an IPv6 address in brackets, a socket wants it without.
    hostname: endpoint.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: endpoint.port === '' ? 80 : Number(endpoint.port),
  };
  const prefix = endpoint.pathname.replace(/\/+$/, '');

  async function send(exchange: Exchange): Promise<Answer> {
    for (let stale = 0; ; stale += 1) {
      const { method, path, headers } = exchange;
      const request = httpRequest({ ...target, method, path: prefix + path, headers });
      try {
        return await complete(request, exchange);
      } catch (error) {
        // The service closed an idle connection just as it was taken: no fault, there is a fresh one.
        if (!(error instanceof StaleConnection) || stale >= MAX_IDLE_SOCKETS) throw unwrap(error);
      }
    }
  }

  return { send, close: () => agent.destroy() };
}

class StaleConnection extends Error {
  override readonly cause: ImdsUnreachableError;

  constructor(cause: ImdsUnreachableError) {
    super(cause.message);
    this.cause = cause;
  }
}

function unwrap(error: unknown): unknown {
  return error instanceof StaleConnection ? error.cause : error;
}

function complete(request: ClientRequest, { path, timeoutMs, signal }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let settled = false;
    const timer = setTimeout(() => fail(new ImdsTimeoutError(path, timeoutMs)), timeoutMs);
    const onAbort = () => fail(abortReason(signal));
    signal?.addEventListener('abort', onAbort);

    function settle(): boolean {
      if (settled) return false;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      return true;
    }

    function fail(error: Error): void {
      if (!settle()) return;
      request.destroy();
      reject(error);
    }

    request.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      const unreachable = new ImdsUnreachableError(path, reason, { cause: error });
      if (reason.startsWith('HPE_')) fail(new ImdsResponseError(path, 'is not HTTP', { cause: error }));
      else fail(request.reusedSocket ? new StaleConnection(unreachable) : unreachable);
    });
    request.on('response', (response) => {
      readBody(response, path, fail, (body) => {
        if (settle()) resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    if (signal?.aborted === true) onAbort();
    else request.end();
  });
}

function readBody(
  response: IncomingMessage,
  path: string,
  fail: (error: Error) => void,
  use: (body: string) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) fail(new ImdsResponseError(path, `is longer than ${MAX_BODY_BYTES} bytes`));
    else chunks.push(chunk);
  });
  response.on('error', (error) => fail(new ImdsResponseError(path, 'ended too early', { cause: error })));
  response.on('end', () => {
    const [first, ...more] = chunks;
    const bytes = first === undefined || more.length > 0 ? Buffer.concat(chunks) : first;
    if (isUtf8(bytes)) use(bytes.toString('utf8'));
    else fail(new ImdsResponseError(path, 'is not UTF-8'));
  });
}
