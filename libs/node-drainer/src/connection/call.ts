import { backoffMs, sleep, withTimeLimit } from '@node-termination-handler/clock';
import type { Backoff } from '@node-termination-handler/clock';
import type { ApiCall } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { asKubernetesError, KubernetesApiError, KubernetesConnectionError } from './errors.ts';
import type { Connection } from './exchange.ts';
import { isSuccess, recorded, requestTo } from './exchange.ts';
import { parseObject, toApiError } from './incoming.ts';
import type { OutgoingRequest } from './outgoing.ts';
import { outgoingCall } from './outgoing.ts';

const BACKOFF = { firstMs: 100, maxMs: 2000 };

/** Makes a call: its turn, its tries, its credentials, all within one deadline. */
export async function performCall<T>(connection: Connection, call: ApiCall): Promise<T> {
  const { settings, clock } = connection;
  const outgoing = outgoingCall(call, settings.userAgent);
  const limitMs = call.deadlineMs ?? settings.callDeadlineMs;
  let lastError: unknown;
  const reason = () =>
    new KubernetesConnectionError(`${call.verb} ${call.resource}: not done within ${limitMs} ms`, {
      cause: lastError,
    });

  const signals = [call.signal, connection.closed];
  return withTimeLimit({ clock, limitMs, signals, reason }, async (total) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptCall<T>(connection, call, outgoing, attempt, total);
      } catch (error) {
        total.throwIfAborted();
        lastError = error;
        const delayMs = isRetryable(call) ? retryDelayMs(error, attempt) : undefined;
        if (delayMs === undefined) throw error;
        // The server's own answer says more than "out of time" would.
        if (delayMs >= limitMs) throw error;
        await sleep(clock, delayMs, total);
      }
    }
  });
}

/** Whether a call may be made twice without harm, unless the caller says otherwise. */
export function isRetryable(call: ApiCall): boolean {
  return call.retry ?? (call.verb === 'get' || call.verb === 'list');
}

/**
 * The wait before the next try of a call that may be repeated, in milliseconds; `undefined` when trying again won't
 * help. `Retry-After` is honoured, see https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export function retryDelayMs(error: unknown, attempt: number, random?: () => number): number | undefined {
  const isLost = error instanceof KubernetesConnectionError;
  const status = error instanceof KubernetesApiError ? error.status : 0;
  const mayPass = isLost || status === 429 || (status >= 500 && status !== 501);
  return mayPass ? pauseMs(error, attempt, BACKOFF, random) : undefined;
}

/** How long to wait after a failure, in milliseconds: the back-off, but no less than the server asks for. */
export function pauseMs(error: unknown, attempt: number, backoff: Backoff, random?: () => number): number {
  const askedSeconds = error instanceof KubernetesApiError ? error.retryAfterSeconds : undefined;
  return Math.max(backoffMs(attempt, backoff, random), (askedSeconds ?? 0) * 1000);
}

async function attemptCall<T>(
  connection: Connection,
  call: ApiCall,
  outgoing: OutgoingRequest,
  attempt: number,
  total: AbortSignal,
): Promise<T> {
  const isSlow = call.verb === 'create' || call.verb === 'delete';
  const leave = await (isSlow ? connection.slowCalls : connection.quickCalls).enter(total);
  try {
    await connection.rateLimit?.take(total);
    return await connection.endpoint.use(total, (endpoint) =>
      exchangeOnce<T>(connection, endpoint, call, outgoing, attempt, total),
    );
  } finally {
    leave();
  }
}

async function exchangeOnce<T>(
  connection: Connection,
  endpoint: Endpoint,
  call: ApiCall,
  outgoing: OutgoingRequest,
  attempt: number,
  total: AbortSignal,
): Promise<T> {
  const { attemptTimeoutMs, callDeadlineMs, maxResponseBytes } = connection.settings;
  // With one try only, there is nothing to save the rest of the time for.
  const limitMs = isRetryable(call) ? attemptTimeoutMs : (call.deadlineMs ?? callDeadlineMs);
  const limits = { totalTimeoutMs: limitMs, keptTimeoutMs: limitMs, maxBodyBytes: maxResponseBytes };
  const answer = await recorded(connection, call, attempt, async () => {
    const sending = endpoint.client.send(requestTo(endpoint, outgoing), {
      ...limits,
      repeatable: isRetryable(call),
      signal: total,
    });
    const { status, headers, body } = await asKubernetesError(sending, `${call.verb} ${call.resource}`);
    const text = body.toString('utf8');
    if (!isSuccess({ status, headers })) throw toApiError(call, { status, headers }, text);
    return { status, object: parseObject<T>(text) };
  });
  return answer.object;
}
