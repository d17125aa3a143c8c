import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { Endpoint } from './endpoint.ts';
import { KubernetesConnectionError } from './errors.ts';
import { plainHttp } from './plain-http.ts';

/** One request, ready to be sent. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path with query, under the server's own path. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/**
 * Sends a request and resolves with the answer's head; the body is still to be read. Whatever ends the signal ends the
 * connection, also while the body is read.
 *
 * @throws {@link KubernetesConnectionError}, or the signal's reason.
 */
export async function send(
  endpoint: Endpoint,
  outgoing: OutgoingRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = open(endpoint, outgoing);
    const onAbort = () => request.destroy(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    request.once('close', () => signal.removeEventListener('abort', onAbort));
    request.once('response', resolve);
    request.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : connectionError(error)));
    request.end(outgoing.body);
  });
}

/**
 * Reads an answer's body to its end.
 *
 * @throws {@link KubernetesConnectionError} when it is cut off or longer than `maxBytes`, or the signal's reason.
 */
export async function readBody(response: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw new KubernetesConnectionError(`the answer is longer than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof KubernetesConnectionError ? error : connectionError(error);
  }
  return Buffer.concat(chunks, length).toString('utf8');
}

/** The same error for every way in which a connection can fail. */
export function connectionError(cause: unknown): KubernetesConnectionError {
  const said = cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : String(cause);
  return new KubernetesConnectionError(`connection to the API server: ${said}`, { cause });
}

function open(endpoint: Endpoint, outgoing: OutgoingRequest): ClientRequest {
  const { server, agent, auth } = endpoint;
  const headers: Record<string, string> = { ...endpoint.headers, ...outgoing.headers };
  if (outgoing.body !== undefined) headers['Content-Length'] = String(Buffer.byteLength(outgoing.body));
  const options: RequestOptions = {
    method: outgoing.method,
    protocol: server.protocol,
    // Brackets are the URL's way to write an IPv6 address, not the socket's.
    hostname: server.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: server.port,
    path: server.pathname.replace(/\/$/, '') + outgoing.path,
    agent,
    headers,
    ...(auth === undefined ? {} : { auth }),
  };
  return server.protocol === 'http:' ? plainHttp().request(options) : httpsRequest(options);
}
