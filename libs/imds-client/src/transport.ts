import type { Clock } from '@node-termination-handler/clock';
import { isUtf8 } from 'node:buffer';

import type { Answer } from './answer-reader.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { ImdsResponseError, ImdsTimeoutError, ImdsUnreachableError } from './errors.ts';
import type { ImdsClientOptions } from './options.ts';

/** Idle connections that are kept: as many as documents are polled at the same time. */
const MAX_IDLE_CONNECTIONS = 4;

/** One request without a body. */
interface Exchange {
  readonly method: 'GET' | 'PUT';
  /** A plain absolute path. */
  readonly path: string;
  /** The one header line that a request may need beside the ones that every request has, without its end. */
  readonly header?: string | undefined;
  /** How long one connection may take for it; one that was kept may take half of that, and is followed by a new one. */
  readonly timeoutMs: number;
  /** How long it may take with all its connections. Default: no longer than that. */
  readonly totalTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer with its body as text. */
export interface TextAnswer extends Omit<Answer, 'body' | 'keepsAlive'> {
  readonly body: string;
}

/** Sends requests to one endpoint, over connections that are kept alive, and never through a proxy. */
export interface Transport {
  /** @throws `ImdsTimeoutError`, `ImdsUnreachableError`, `ImdsResponseError`, or the signal's reason. */
  readonly send: (exchange: Exchange) => Promise<TextAnswer>;
  /** Closes the idle connections, and from now on the others as soon as they are idle. */
  readonly close: () => void;
}

/** Makes a transport for an endpoint. */
export function createTransport(endpoint: URL, clock: Clock, onDate?: ImdsClientOptions['onDate']): Transport {
  // A URL writes an IPv6 address in brackets, a socket wants it without.
  const host = endpoint.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = endpoint.port === '' ? 80 : Number(endpoint.port);
  const prefix = endpoint.pathname.replace(/\/+$/, '');
  const idle: Connection[] = [];
  let closed = false;

  async function send(exchange: Exchange): Promise<TextAnswer> {
    const { path } = exchange;
    const askedAtMs = clock.monotonic();
    const { status, headers, body } = await exchangeOverAny(write(exchange), exchange);
    onDate?.(headers.get('date'), askedAtMs);
    if (!isUtf8(body)) throw new ImdsResponseError(path, 'is not UTF-8');
    return { status, headers, body: body.toString('utf8') };
  }

  function write({ method, path, header }: Exchange): string {
    const own = header === undefined ? '' : `${header}\r\n`;
    const length = method === 'PUT' ? 'Content-Length: 0\r\n' : '';
    return `${method} ${prefix}${path} HTTP/1.1\r\nHost: ${endpoint.host}\r\n${own}${length}\r\n`;
  }

  /** A connection that was kept may have died meanwhile, without a word or with one. That is no verdict: only a new one may give that. */
  async function exchangeOverAny(request: string, exchange: Exchange): Promise<Answer> {
    const kept = idle.pop();
    if (kept === undefined) return exchangeOver(open(), request, exchange);
    const { timeoutMs, totalTimeoutMs = Infinity } = exchange;
    const untilMs = clock.monotonic() + totalTimeoutMs;
    try {
      return await exchangeOver(kept, request, { ...exchange, timeoutMs: timeoutMs / 2 });
    } catch (error) {
      const leftMs = untilMs - clock.monotonic();
      const isLost = error instanceof ImdsTimeoutError || error instanceof ImdsUnreachableError;
      if (!isLost || leftMs <= 0) throw error;
      // The others have been kept as long.
      closeIdle();
      return exchangeOver(open(), request, { ...exchange, timeoutMs: Math.min(timeoutMs, leftMs) });
    }
  }

  async function exchangeOver(
    connection: Connection,
    request: string,
    { path, timeoutMs, signal }: Exchange,
  ): Promise<Answer> {
    const answer = await connection.exchange(request, { path, timeoutMs, signal });
    if (answer.keepsAlive) keep(connection);
    else connection.destroy();
    return answer;
  }

  function open(): Connection {
    const connection = openConnection({ host, port, clock }, () => {
      const index = idle.indexOf(connection);
      if (index >= 0) idle.splice(index, 1);
    });
    return connection;
  }

  function keep(connection: Connection): void {
    if (closed || idle.length >= MAX_IDLE_CONNECTIONS) {
      connection.destroy();
      return;
    }
    connection.rest();
    idle.push(connection);
  }

  function closeIdle(): void {
    for (const connection of idle.splice(0)) connection.destroy();
  }

  function close(): void {
    closed = true;
    closeIdle();
  }

  return { send, close };
}
