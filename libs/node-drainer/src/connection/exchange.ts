import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import { abortReason, onAbort } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { ResourceRef, Verb } from './client.ts';
import type { Endpoint, EndpointSource } from './endpoint.ts';
import { plainHttp } from './endpoint.ts';
import { connectionError, KubernetesApiError, KubernetesConnectionError } from './errors.ts';
import type { Gate, RateLimit } from './limits.ts';
import type { ConnectionSettings } from './options.ts';
import type { OutgoingRequest } from './outgoing.ts';

/** What all calls and watches of one client share. */
export interface Connection {
  readonly settings: ConnectionSettings;
  readonly endpoint: EndpointSource;
  /** Calls that the server takes its time for: what is created or deleted. */
  readonly slowCalls: Gate;
  /** Calls that the server answers at once. */
  readonly quickCalls: Gate;
  readonly rateLimit: RateLimit | undefined;
  readonly clock: Clock;
  /** Aborts when the client is closed. */
  readonly closed: AbortSignal;
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
    const listener = onAbort(signal, () => request.destroy(abortReason(signal)));
    request.once('close', () => listener[Symbol.dispose]());
    request.once('response', resolve);
    request.on('error', (error) => reject(signal.aborted ? abortReason(signal) : connectionError(error)));
    request.end(outgoing.body);
  });
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

/** Redirects are not followed: the API server has none. */
export function isSuccess(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

/** Makes one HTTP exchange and tells what became of it. */
export async function recorded<T extends { status: number }>(
  { clock, settings }: Connection,
  call: ResourceRef & { verb: Verb },
  attempt: number,
  exchange: () => Promise<T>,
): Promise<T> {
  const { verb, resource, subresource, namespace, name } = call;
  const startedAtMs = clock.monotonic();
  const record = (end: { status: number } | { error: unknown }): void => {
    const durationMs = clock.monotonic() - startedAtMs;
    settings.onCall({
      verb,
      resource,
      ...(subresource !== undefined && { subresource }),
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      durationMs,
      attempt,
      ...end,
    });
  };
  try {
    const answer = await exchange();
    record({ status: answer.status });
    return answer;
  } catch (error) {
    record(error instanceof KubernetesApiError ? { status: error.status } : { error });
    throw error;
  }
}
