import type { Clock, Timer } from '@node-termination-handler/clock';
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Ending } from './ending.ts';
import { faultOf, HttpConnectionError, HttpTimeoutError } from './errors.ts';
import type { AnswerHead, HttpStage } from './errors.ts';
import type { Pool } from './pool.ts';
import { basicCredentials, hostOf } from './tunnel.ts';

/** What is sent. */
export interface HttpRequest {
  /** Default `GET`. */
  readonly method?: string | undefined;
  /** `http:` or `https:`; `user:password@` goes out as basic authentication. */
  readonly url: URL;
  readonly headers?: Readonly<OutgoingHttpHeaders> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

/** How far an exchange has come, for the error that may end it. */
export interface Progress {
  stage: HttpStage;
  answer?: AnswerHead;
}

/** How one exchange goes on. */
export interface ExchangeOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  /** Ends it at once, with its connection. */
  readonly ending: Ending;
  readonly progress: Progress;
  /** How long making a connection may take. */
  readonly connectTimeoutMs: number | undefined;
  /** How long a connection that was kept may be silent. */
  readonly keptTimeoutMs: number | undefined;
}

/** An answer whose body is still to be read. */
export interface Head {
  readonly response: IncomingMessage;
  /** Takes the exchange's own listener off its ending: from here on somebody else ends it. */
  readonly release: () => void;
}

/**
 * Sends a request and resolves with the answer's head. What ends it ends the connection, also while the body is read; the promise does not
 * wait for that.
 *
 * @throws {@link HttpConnectionError}, {@link HttpTimeoutError}, or the reason of the ending.
 */
export async function exchange(request: HttpRequest, options: ExchangeOptions): Promise<Head> {
  const { pool, ending, progress } = options;
  ending.throwIfEnded();
  const route = pool.routeTo(request.url);
  const { promise, resolve, reject } = Promise.withResolvers<Head>();
  const outgoing = route.open(requestOptions(request), ending);
  const listener = ending.onEnd((reason) => {
    reject(reason);
    // Without an error: a connection that closes with one takes the TLS session with it, and the next ones are made the long way.
    outgoing.destroy();
  });
  const release = (): void => listener[Symbol.dispose]();
  using _limits = watchConnection(outgoing, options);
  outgoing.once('close', release);
  outgoing.once('response', (response) => {
    progress.stage = 'body';
    progress.answer = { status: response.statusCode ?? 0, headers: response.headers };
    resolve({ response, release });
  });
  outgoing.on('error', (error) => {
    const wasKept = outgoing.reusedSocket && progress.stage === 'answer';
    const isGivenUp = ending.reason !== undefined && !(ending.reason instanceof HttpTimeoutError);
    // The others have been kept as long, and most likely are as dead.
    if (wasKept && !isGivenUp) pool.closeIdle(route.agent);
    reject(connectionError(error, progress, wasKept));
  });
  outgoing.end(request.body);
  return await promise;
}

function requestOptions({ method = 'GET', url, headers, body }: HttpRequest): RequestOptions {
  const authorization = basicCredentials(url);
  const length = body === undefined ? undefined : Buffer.byteLength(body);
  return {
    method,
    protocol: url.protocol,
    hostname: hostOf(url),
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...(authorization === undefined ? {} : { Authorization: authorization }),
      ...headers,
      ...(length === undefined ? {} : { 'Content-Length': length }),
    },
  };
}

/** Limits how long a connection may take to be made, and how long one that was kept may be silent. */
function watchConnection(outgoing: ClientRequest, options: ExchangeOptions): Disposable {
  const { clock, progress, connectTimeoutMs, keptTimeoutMs } = options;
  let timer: Timer | undefined;
  const limit = (ms: number | undefined, error: (ms: number) => Error): void => {
    timer?.stop();
    timer = ms === undefined ? undefined : clock.startTimer(ms, () => outgoing.destroy(error(ms)));
  };
  const connected = (): void => {
    progress.stage = 'answer';
    limit(
      outgoing.reusedSocket ? keptTimeoutMs : undefined,
      (ms) => new Error(`a kept connection is silent for ${ms} ms`),
    );
  };
  limit(connectTimeoutMs, (ms) => new HttpTimeoutError(ms, { ...progress }));
  outgoing.once('socket', (socket: Socket) => {
    if (outgoing.reusedSocket) connected();
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
  });
  return { [Symbol.dispose]: () => timer?.stop() };
}

/** The same error for every way in which a connection can fail. */
function connectionError(error: unknown, progress: Progress, wasKept = false): Error {
  if (error instanceof HttpConnectionError || error instanceof HttpTimeoutError) return error;
  const { text, ...code } = faultOf(error);
  return new HttpConnectionError(text, { ...progress, ...code, wasKept, cause: error });
}

/**
 * Reads an answer's body to its end. By its events: an iterator costs as much as the rest of a short answer.
 *
 * @throws {@link HttpConnectionError} when it is cut off or longer than `maxBytes`, or the reason of the ending.
 */
export async function readBody(
  response: IncomingMessage,
  { maxBytes, ending, progress }: { maxBytes: number; ending: Ending; progress: Progress },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let length = 0;
  using _listener = ending.onEnd(reject);
  const fail = (error: unknown): void => reject(connectionError(error, progress));
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length > maxBytes)
      response.destroy(new HttpConnectionError(`the answer is longer than ${maxBytes} bytes`, { ...progress }));
  });
  response.once('end', () => resolve(Buffer.concat(chunks, length)));
  response.on('error', fail);
  response.once('close', () => {
    if (!response.readableEnded) fail(new Error('the connection was closed in the midst of an answer'));
  });
  return await promise;
}
