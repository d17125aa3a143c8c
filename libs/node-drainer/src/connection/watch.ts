import type { IncomingMessage } from 'node:http';
import { abortable } from '../time/abortable.ts';
import { linkSignals, withTimeLimit } from '../time/time-limit.ts';
import { parseWatchEvent, toApiError } from './answer.ts';
import type { WatchCall, WatchEvent } from './client.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { KubernetesConnectionError } from './errors.ts';
import { connectionError, readBody, send } from './exchange.ts';
import type { OutgoingRequest } from './exchange.ts';
import { splitLines } from './lines.ts';
import { recorded } from './recorded.ts';
import { isSuccess, isUnauthorized, mayBeStale } from './request.ts';
import { urlPath } from './url-path.ts';

const DEFAULT_TIMEOUT_SECONDS = 300;
/** etcd's limit for one object is 1.5 MiB; two of them and the envelope fit. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/** Follows one watch until the server, the watchdog or the signal ends it. */
export async function* performWatch<T>(connection: Connection, call: WatchCall): AsyncGenerator<WatchEvent<T>> {
  const timeoutSeconds = call.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const quietMs = call.quietMs ?? (timeoutSeconds + 10) * 1000;
  const stop = linkSignals([call.signal, connection.closed]);
  stop.signal.throwIfAborted();
  // Connections die without a word; only the clock tells. The open socket keeps the process alive, not this timer.
  const watchdog = setTimeout(
    () => stop.abort(new KubernetesConnectionError(`silent for ${quietMs} ms`)),
    quietMs,
  ).unref();
  try {
    const response = await open(connection, call, timeoutSeconds, stop.signal);
    for await (const line of splitLines(response as AsyncIterable<Buffer>, MAX_EVENT_BYTES)) {
      watchdog.refresh();
      yield parseWatchEvent<T>(call, line);
    }
  } catch (error) {
    stop.signal.throwIfAborted();
    throw isForeign(error) ? connectionError(error) : error;
  } finally {
    clearTimeout(watchdog);
    stop.unlink();
    stop.abort();
  }
}

async function open(connection: Connection, call: WatchCall, timeoutSeconds: number, stop: AbortSignal) {
  const query = {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: call.resourceVersion,
    fieldSelector: call.fieldSelector,
    labelSelector: call.labelSelector,
    timeoutSeconds,
    ...call.query,
  };
  const outgoing: OutgoingRequest = {
    method: 'GET',
    path: urlPath(call, query),
    headers: { Accept: 'application/json', 'User-Agent': connection.settings.userAgent },
    body: undefined,
  };
  await connection.rateLimit?.take(stop);
  const endpoint = await abortable(connection.endpoint.get(), stop);
  try {
    return await openOnce(connection, endpoint, call, outgoing, stop);
  } catch (error) {
    if (!mayBeStale(error)) throw error;
    const renewed = await abortable(connection.endpoint.renew(endpoint), stop);
    if (renewed === endpoint || !isUnauthorized(error)) throw error;
    return await openOnce(connection, renewed, call, outgoing, stop);
  }
}

async function openOnce(
  connection: Connection,
  endpoint: Endpoint,
  call: WatchCall,
  outgoing: OutgoingRequest,
  stop: AbortSignal,
): Promise<IncomingMessage> {
  const { attemptTimeoutMs, maxResponseBytes, onCall } = connection.settings;
  const record = { ...call, verb: 'watch' as const };
  const { response } = await recorded(onCall, record, 1, async () => {
    const head = await withHeadIn(attemptTimeoutMs, stop, (signal) => send(endpoint, outgoing, signal));
    if (!isSuccess(head)) throw toApiError(record, head, await readBody(head, maxResponseBytes, stop));
    return { response: head, status: head.statusCode ?? 0 };
  });
  // The stream outlives the limit on its head; from here on only `stop` ends it.
  const onStop = () => response.destroy(stop.reason instanceof Error ? stop.reason : undefined);
  stop.addEventListener('abort', onStop, { once: true });
  return response;
}

async function withHeadIn<T>(ms: number, stop: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const silent = () => new KubernetesConnectionError(`watch: no answer within ${ms} ms`);
  return withTimeLimit(ms, [stop], silent, work);
}

/** Errors of sockets and streams, which know nothing of Kubernetes. */
function isForeign(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
