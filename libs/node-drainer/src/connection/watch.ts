import type { IncomingMessage } from 'node:http';
import { abortReason, linkSignals, onAbort, withTimeLimit } from '@node-termination-handler/clock';
import type { WatchCall, WatchEvent } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { connectionError, KubernetesConnectionError } from './errors.ts';
import type { Connection } from './exchange.ts';
import { isSuccess, readBody, recorded, send } from './exchange.ts';
import { parseWatchEvent, splitLines, toApiError } from './incoming.ts';
import type { OutgoingRequest } from './outgoing.ts';
import { outgoingWatch } from './outgoing.ts';

const DEFAULT_TIMEOUT_SECONDS = 300;
/** etcd's limit for one object is 1.5 MiB; two of them and the envelope fit. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/** Follows one watch until the server, the watchdog or the signal ends it. */
export async function* performWatch<T>(connection: Connection, call: WatchCall): AsyncGenerator<WatchEvent<T>> {
  const timeoutSeconds = call.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const quietMs = call.quietMs ?? (timeoutSeconds + 10) * 1000;
  using stop = linkSignals([call.signal, connection.closed]);
  stop.signal.throwIfAborted();
  // Connections die without a word; only the clock tells. The open socket keeps the process alive, not this timer.
  const startWatchdog = () =>
    connection.clock.startTimer(quietMs, () => stop.abort(new KubernetesConnectionError(`silent for ${quietMs} ms`)), {
      keepsProcessAlive: false,
    });
  let watchdog = startWatchdog();
  try {
    const outgoing = outgoingWatch(call, timeoutSeconds, connection.settings.userAgent);
    await connection.rateLimit?.take(stop.signal);
    const response = await connection.endpoint.use(stop.signal, (endpoint) =>
      openOnce(connection, endpoint, call, outgoing, stop.signal),
    );
    for await (const line of splitLines(response as AsyncIterable<Buffer>, MAX_EVENT_BYTES)) {
      watchdog.stop();
      watchdog = startWatchdog();
      yield parseWatchEvent<T>(call, line);
    }
  } catch (error) {
    stop.signal.throwIfAborted();
    throw isForeign(error) ? connectionError(error) : error;
  } finally {
    watchdog.stop();
    stop.abort();
  }
}

async function openOnce(
  connection: Connection,
  endpoint: Endpoint,
  call: WatchCall,
  outgoing: OutgoingRequest,
  stop: AbortSignal,
): Promise<IncomingMessage> {
  const { clock, settings } = connection;
  const limitMs = settings.attemptTimeoutMs;
  const record = { ...call, verb: 'watch' as const };
  const reason = () => new KubernetesConnectionError(`watch: no answer within ${limitMs} ms`);
  const { response } = await recorded(connection, record, 1, async () => {
    const head = await withTimeLimit({ clock, limitMs, signals: [stop], reason }, (signal) =>
      send(endpoint, outgoing, signal),
    );
    if (!isSuccess(head)) throw toApiError(record, head, await readBody(head, settings.maxResponseBytes, stop));
    return { response: head, status: head.statusCode ?? 0 };
  });
  // The stream outlives the limit on its head; from here on only `stop` ends it.
  const listener = onAbort(stop, () => response.destroy(abortReason(stop)));
  response.once('close', () => listener[Symbol.dispose]());
  return response;
}

/** Errors of sockets and streams, which know nothing of Kubernetes. */
function isForeign(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
