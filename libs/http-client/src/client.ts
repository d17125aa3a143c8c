import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { IncomingMessage } from 'node:http';
import { Ending } from './ending.ts';
import { faultOf, HttpConnectionError, HttpTimeoutError } from './errors.ts';
import type { AnswerHead } from './errors.ts';
import { exchange, readBody } from './exchange.ts';
import type { HttpRequest, Progress } from './exchange.ts';
import type { HttpClientOptions } from './options.ts';
import { createPool } from './pool.ts';

/** How one request is sent. */
export interface SendOptions {
  /** How long all of it may take, in milliseconds: proxy, TLS, answer, and the last byte of the body. */
  readonly totalTimeoutMs: number;
  /** How much of it a connection may take to be made, proxy and TLS included, in milliseconds. Default: all of it. */
  readonly connectTimeoutMs?: number | undefined;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the request may reach the server twice without harm: it is then sent once more, over a new connection, when one that was kept
   * turns out to be dead. Default: by its method, true for `GET`, `HEAD` and `OPTIONS`.
   */
  readonly repeatable?: boolean | undefined;
  /**
   * How long a connection that was kept may be silent, in milliseconds, before it is taken for dead, and all others that are kept with it.
   * Default: half of the total for what may be sent once more, else all of it.
   */
  readonly keptTimeoutMs?: number | undefined;
  /** Longest body that is read, in bytes. Default 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
}

/** How a stream is opened and followed. */
export interface StreamOptions extends Omit<SendOptions, 'totalTimeoutMs'> {
  /** How long the answer's head may take, in milliseconds; all of the answer, where that is no success. */
  readonly answerTimeoutMs: number;
  /** How long a stream may be silent, in milliseconds. It has no other limit: its length is its purpose. */
  readonly idleTimeoutMs: number;
}

/** A whole answer, whatever its status. Redirects are not followed. */
export interface HttpAnswer extends AnswerHead {
  readonly body: Buffer;
}

/** A success whose body is read as it comes. */
export interface HttpStream extends AnswerHead, Disposable {
  /**
   * The body, to be read once. It throws {@link HttpTimeoutError} when it is silent for too long, {@link HttpConnectionError} when it is cut
   * off, and the signal's reason.
   */
  readonly chunks: AsyncIterable<Buffer>;
}

/** Sends requests over connections of its own, which are kept for the next one. */
export interface HttpClient extends Disposable {
  /**
   * Sends a request and reads its answer to the end.
   *
   * The promise is settled by the limit and by the signal themselves, and not by what becomes of the connection, which is destroyed.
   *
   * @throws {@link HttpTimeoutError}, {@link HttpConnectionError}, {@link UnsupportedAddressError}, or the signal's reason.
   */
  send(request: HttpRequest, options: SendOptions): Promise<HttpAnswer>;
  /**
   * Sends a request whose answer has no end that could be waited for. What is no success is read as `send` would.
   *
   * @throws as `send` does.
   */
  stream(request: HttpRequest, options: StreamOptions): Promise<HttpAnswer | HttpStream>;
  /** Takes a client out of use: what is under way may end, and each connection closes after it. */
  retire(): void;
  /** Closes every connection; what is under way fails. */
  close(): void;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Makes a client. Nothing is opened, and nothing keeps the process alive, before the first request.
 *
 * @example
 * ```ts
 * const client = createHttpClient({ proxy: () => new URL('http://127.0.0.1:3128') });
 * const { status, body } = await client.send({ url: new URL('https://example.com/') }, { totalTimeoutMs: 5_000 });
 * ```
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { clock = systemClock } = options;
  const pool = createPool(options);
  const closing = new Ending();

  /** The head of the answer, over another connection where the first was a dead one. */
  async function begin(request: HttpRequest, limits: Limits, ending: Ending, progress: Progress) {
    const { method = 'GET' } = request;
    const { totalMs, repeatable = REPEATABLE.has(method), connectTimeoutMs } = limits;
    const keptTimeoutMs = limits.keptTimeoutMs ?? (repeatable ? totalMs / 2 : undefined);
    // As long as all of it is no limit of its own.
    const isSooner = keptTimeoutMs !== undefined && keptTimeoutMs < totalMs;
    const once = { pool, clock, ending, progress, connectTimeoutMs };
    try {
      return await exchange(request, { ...once, keptTimeoutMs: isSooner ? keptTimeoutMs : undefined });
    } catch (error) {
      ending.throwIfEnded();
      if (!repeatable || !(error instanceof HttpConnectionError) || !error.wasKept) throw error;
      progress.stage = 'connection';
      return await exchange(request, { ...once, keptTimeoutMs: undefined });
    }
  }

  async function send(request: HttpRequest, { totalTimeoutMs, ...rest }: SendOptions): Promise<HttpAnswer> {
    const { signal, maxBodyBytes = MAX_BODY_BYTES } = rest;
    const progress: Progress = { stage: 'connection' };
    using ending = new Ending(closing, signal);
    using _limit = clock.startTimer(totalTimeoutMs, () => ending.end(new HttpTimeoutError(totalTimeoutMs, progress)));
    const { response } = await begin(request, { ...rest, totalMs: totalTimeoutMs }, ending, progress);
    return answerOf(response, await readBody(response, { maxBytes: maxBodyBytes, ending, progress }));
  }

  async function stream(request: HttpRequest, given: StreamOptions): Promise<HttpAnswer | HttpStream> {
    const { answerTimeoutMs: limitMs, idleTimeoutMs, signal, maxBodyBytes = MAX_BODY_BYTES } = given;
    const progress: Progress = { stage: 'connection' };
    const ending = new Ending(closing, signal);
    using _limit = clock.startTimer(limitMs, () => ending.end(new HttpTimeoutError(limitMs, progress)));
    try {
      const { response, release } = await begin(request, { ...given, totalMs: limitMs }, ending, progress);
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode <= 299) {
        release();
        return streamOf(response, { clock, idleTimeoutMs, ending, progress });
      }
      const body = await readBody(response, { maxBytes: maxBodyBytes, ending, progress });
      ending[Symbol.dispose]();
      return answerOf(response, body);
    } catch (error) {
      ending[Symbol.dispose]();
      throw error;
    }
  }

  function close(): void {
    closing.end(new HttpConnectionError('the client is closed', { stage: 'connection' }));
    pool.destroy();
  }

  return { send, stream, close, retire: () => pool.retire(), [Symbol.dispose]: close };
}

interface Limits extends Omit<SendOptions, 'totalTimeoutMs'> {
  readonly totalMs: number;
}

interface StreamParts {
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly ending: Ending;
  readonly progress: Progress;
}

/** Listens to the ending from the moment the head is there, whether or when its body is asked for. */
function streamOf(response: IncomingMessage, { clock, idleTimeoutMs, ending, progress }: StreamParts): HttpStream {
  // Without an error, as in `exchange`.
  const listener = ending.onEnd(() => response.destroy());
  const end = (): void => {
    listener[Symbol.dispose]();
    ending[Symbol.dispose]();
    response.destroy();
  };
  response.on('error', () => undefined);
  response.once('close', end);
  const silent = () =>
    new HttpTimeoutError(
      idleTimeoutMs,
      progress,
      `silent for ${Math.round(idleTimeoutMs)} ms in the midst of an answer`,
    );
  // The open connection keeps the process alive, not this timer.
  const startWatchdog = () => clock.startTimer(idleTimeoutMs, () => ending.end(silent()), { keepsProcessAlive: false });

  async function* chunks(): AsyncGenerator<Buffer, undefined> {
    let watchdog = startWatchdog();
    try {
      ending.throwIfEnded();
      for await (const chunk of response as AsyncIterable<Buffer>) {
        watchdog.stop();
        yield chunk;
        watchdog = startWatchdog();
      }
      ending.throwIfEnded();
    } catch (error) {
      ending.throwIfEnded();
      const { text, ...code } = faultOf(error);
      throw new HttpConnectionError(text, { ...progress, ...code, cause: error });
    } finally {
      watchdog.stop();
      end();
    }
  }

  return { ...headOf(response), chunks: chunks(), [Symbol.dispose]: end };
}

function headOf({ statusCode = 0, headers }: IncomingMessage): AnswerHead {
  return { status: statusCode, headers };
}

function answerOf(response: IncomingMessage, body: Buffer): HttpAnswer {
  return { ...headOf(response), body };
}
