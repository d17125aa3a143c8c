import { abortable, linkSignals } from '@node-termination-handler/clock';
import type { HttpStream } from '@node-termination-handler/http-client';
import type { WatchCall, WatchEvent } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { asKubernetesError } from './errors.ts';
import type { Connection } from './exchange.ts';
import { recorded, requestTo } from './exchange.ts';
import { parseWatchEvent, splitLines, toApiError } from './incoming.ts';
import { outgoingWatch } from './outgoing.ts';

const DEFAULT_TIMEOUT_SECONDS = 300;
/** etcd's limit for one object is 1.5 MiB; two of them and the envelope fit. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/**
 * Follows one watch until the server, the silence or the signal ends it. Connections die without a word, and a watch may last for as long
 * as it likes: it has a limit for its head, and one for its silence.
 */
export async function* performWatch<T>(connection: Connection, call: WatchCall): AsyncGenerator<WatchEvent<T>> {
  const timeoutSeconds = call.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const quietMs = call.quietMs ?? (timeoutSeconds + 10) * 1000;
  using stop = linkSignals([call.signal, connection.closed]);
  const { signal } = stop;
  signal.throwIfAborted();
  const outgoing = outgoingWatch(call, timeoutSeconds, connection.settings.userAgent);
  await connection.rateLimit?.take(signal);
  const within = <V>(reading: Promise<V>): Promise<V> => abortable(reading, signal);
  const opening = connection.endpoint.use(within, (endpoint) =>
    openOnce(connection, endpoint, call, { outgoing, quietMs, signal }),
  );
  using stream = await opening;
  const lines = splitLines(stream.chunks, MAX_EVENT_BYTES);
  for (;;) {
    const { done, value } = await asKubernetesError(lines.next(), 'watch');
    if (done === true) return;
    yield parseWatchEvent<T>(call, value);
  }
}

interface Opening {
  readonly outgoing: ReturnType<typeof outgoingWatch>;
  readonly quietMs: number;
  readonly signal: AbortSignal;
}

async function openOnce(
  connection: Connection,
  endpoint: Endpoint,
  call: WatchCall,
  { outgoing, quietMs, signal }: Opening,
): Promise<HttpStream> {
  const { attemptTimeoutMs, maxResponseBytes } = connection.settings;
  const record = { ...call, verb: 'watch' as const };
  return recorded(connection, record, 1, async () => {
    const opening = endpoint.client.stream(requestTo(endpoint, outgoing), {
      answerTimeoutMs: attemptTimeoutMs,
      keptTimeoutMs: attemptTimeoutMs,
      idleTimeoutMs: quietMs,
      maxBodyBytes: maxResponseBytes,
      signal,
    });
    const answer = await asKubernetesError(opening, 'watch');
    if ('body' in answer) throw toApiError(record, answer, answer.body.toString('utf8'));
    return answer;
  });
}
