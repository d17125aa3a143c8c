import { abortable, backoffMs, sleep, throwIfAborted, timeLimit } from '@node-termination-handler/clock';
import type { Backoff } from '@node-termination-handler/clock';
import { HttpTimeoutError } from '@node-termination-handler/http-client';
import type { ApiCall } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { asKubernetesError, KubernetesApiError, KubernetesConnectionError } from './errors.ts';
import type { Connection } from './exchange.ts';
import { isSuccess, recorded, requestTo } from './exchange.ts';
import { parseObject, toApiError } from './incoming.ts';
import type { OutgoingRequest } from './outgoing.ts';
import { outgoingCall } from './outgoing.ts';

const BACKOFF = { firstMs: 100, maxMs: 2000 };

/** What all tries of one call share. */
interface Tries {
  readonly outgoing: OutgoingRequest;
  /** On the monotonic clock. */
  readonly endsAtMs: number;
  /** Waits no longer than the call may take, for what goes on by itself, or for what heeds a signal and is waited for to its end. */
  readonly within: <V>(work: Promise<V> | ((signal: AbortSignal) => Promise<V>)) => Promise<V>;
  /** Makes the error of a call that has taken all of its time. */
  readonly notDone: () => Error;
}

/**
 * Makes a call: its turn, its tries, its credentials, all within one deadline. That is no signal of its own: most calls wait for nothing but
 * their answer, which heeds the rest of the time by itself.
 */
export async function performCall<T>(connection: Connection, call: ApiCall): Promise<T> {
  const { settings, clock, closed } = connection;
  const totalMs = call.deadlineMs ?? settings.callDeadlineMs;
  const endsAtMs = clock.monotonic() + totalMs;
  const tried = { lastError: undefined as unknown, isOver: false };
  const notDone = (): Error => {
    tried.isOver = true;
    const message = `${call.verb} ${call.resource}: not done within ${totalMs} ms`;
    return new KubernetesConnectionError(message, { cause: tried.lastError });
  };
  const within: Tries['within'] = async (work) => {
    const limitMs = endsAtMs - clock.monotonic();
    using limit = timeLimit({ clock, limitMs, signals: [call.signal, closed], reason: notDone });
    // Whoever is given a place at that moment must hear of it, to give it back.
    return await (typeof work === 'function' ? work(limit.signal) : abortable(work, limit.signal));
  };
  const tries = { outgoing: outgoingCall(call, settings.userAgent), endsAtMs, within, notDone };
  for (let attempt = 1; ; attempt += 1) {
    throwIfAborted(call.signal);
    throwIfAborted(closed);
    try {
      return await attemptCall<T>(connection, call, tries, attempt);
    } catch (error) {
      throwIfAborted(call.signal);
      throwIfAborted(closed);
      if (tried.isOver) throw error;
      tried.lastError = error;
      const delayMs = isRetryable(call) ? retryDelayMs(error, attempt) : undefined;
      // The server's own answer says more than "out of time" would.
      if (delayMs === undefined || delayMs >= totalMs) throw error;
      await within((signal) => sleep(clock, delayMs, signal));
    }
  }
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

async function attemptCall<T>(connection: Connection, call: ApiCall, tries: Tries, attempt: number): Promise<T> {
  const { endpoint, quickCalls, rateLimit, slowCalls } = connection;
  const gate = call.verb === 'create' || call.verb === 'delete' ? slowCalls : quickCalls;
  const leave = gate.enterNow() ?? (await tries.within((signal) => gate.enter(signal)));
  try {
    if (rateLimit !== undefined) await tries.within((signal) => rateLimit.take(signal));
    return await endpoint.use(tries.within, (reached) => exchangeOnce<T>(connection, reached, call, tries, attempt));
  } finally {
    leave();
  }
}

async function exchangeOnce<T>(
  connection: Connection,
  endpoint: Endpoint,
  call: ApiCall,
  { outgoing, endsAtMs, notDone }: Tries,
  attempt: number,
): Promise<T> {
  const { attemptTimeoutMs, maxResponseBytes } = connection.settings;
  const restMs = endsAtMs - connection.clock.monotonic();
  // With one try only, there is nothing to save the rest of the time for.
  const limitMs = isRetryable(call) ? Math.min(attemptTimeoutMs, restMs) : restMs;
  const limits = { totalTimeoutMs: limitMs, keptTimeoutMs: limitMs, maxBodyBytes: maxResponseBytes };
  const answer = await recorded(connection, call, attempt, async () => {
    const sending = endpoint.client.send(requestTo(endpoint, outgoing), {
      ...limits,
      repeatable: isRetryable(call),
      signal: call.signal,
    });
    try {
      const { status, headers, body } = await asKubernetesError(sending, `${call.verb} ${call.resource}`);
      const text = body.toString('utf8');
      if (!isSuccess({ status, headers })) throw toApiError(call, { status, headers }, text);
      return { status, object: parseObject<T>(text) };
    } catch (error) {
      const isTimeOver = error instanceof KubernetesConnectionError && error.cause instanceof HttpTimeoutError;
      throw isTimeOver && limitMs === restMs ? notDone() : error;
    }
  });
  return answer.object;
}
