import type { IncomingMessage } from 'node:http';
import { abortable } from '../time/abortable.ts';
import { withTimeLimit } from '../time/time-limit.ts';
import { parseObject, toApiError } from './answer.ts';
import { KubernetesApiError } from './api-error.ts';
import type { ApiCall } from './client.ts';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import { KubernetesConnectionError } from './errors.ts';
import { readBody, send } from './exchange.ts';
import type { OutgoingRequest } from './exchange.ts';
import { outgoingRequest } from './outgoing-request.ts';
import { recorded } from './recorded.ts';
import { isRetryable, retryDelayMs } from './retry.ts';

/** Makes a call: its turn, its tries, its credentials, all within one deadline. */
export async function performCall<T>(connection: Connection, call: ApiCall): Promise<T> {
  const { settings } = connection;
  const outgoing = outgoingRequest(call, settings.userAgent);
  const deadlineMs = call.deadlineMs ?? settings.callDeadlineMs;
  let lastError: unknown;
  const outOfTime = () =>
    new KubernetesConnectionError(`${call.verb} ${call.resource}: not done within ${deadlineMs} ms`, {
      cause: lastError,
    });

  return withTimeLimit(deadlineMs, [call.signal, connection.closed], outOfTime, async (total) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptCall<T>(connection, call, outgoing, attempt, total);
      } catch (error) {
        total.throwIfAborted();
        lastError = error;
        const delayMs = isRetryable(call) ? retryDelayMs(error, attempt) : undefined;
        if (delayMs === undefined) throw error;
        // The server's own answer says more than "out of time" would.
        if (delayMs >= deadlineMs) throw error;
        await connection.clock.sleep(delayMs, total);
      }
    }
  });
}

async function attemptCall<T>(
  connection: Connection,
  call: ApiCall,
  outgoing: OutgoingRequest,
  attempt: number,
  total: AbortSignal,
): Promise<T> {
  const isShort = call.verb !== 'create' && call.verb !== 'delete';
  const leave = await (isShort ? connection.shortGate : connection.gate).enter(total);
  try {
    await connection.rateLimit?.take(total);
    const endpoint = await abortable(connection.endpoint.get(), total);
    try {
      return await exchangeOnce<T>(connection, endpoint, call, outgoing, attempt, total);
    } catch (error) {
      if (!mayBeStale(error)) throw error;
      const renewed = await abortable(connection.endpoint.renew(endpoint), total);
      if (renewed === endpoint || !isUnauthorized(error)) throw error;
      return await exchangeOnce<T>(connection, renewed, call, outgoing, attempt, total);
    }
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
  const { attemptTimeoutMs, callDeadlineMs, maxResponseBytes, onCall } = connection.settings;
  // With one try only, there is nothing to save the rest of the time for.
  const limitMs = isRetryable(call) ? attemptTimeoutMs : (call.deadlineMs ?? callDeadlineMs);
  const silent = () => new KubernetesConnectionError(`${call.verb} ${call.resource}: no answer within ${limitMs} ms`);
  const answer = await recorded(onCall, call, attempt, () =>
    withTimeLimit(limitMs, [total], silent, async (signal) => {
      const response = await send(endpoint, outgoing, signal);
      const text = await readBody(response, maxResponseBytes, signal);
      if (!isSuccess(response)) throw toApiError(call, response, text);
      return { status: response.statusCode ?? 0, object: parseObject<T>(text) };
    }),
  );
  return answer.object;
}

/** Redirects are not followed: the API server has none. */
export function isSuccess(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

/** Whether newer credentials may help: a token that has rotated, or a certificate authority that has. */
export function mayBeStale(error: unknown): boolean {
  return isUnauthorized(error) || isCertificateFault(error);
}

/** Whether the credentials did not do. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof KubernetesApiError && error.status === 401;
}

function isCertificateFault(error: unknown): boolean {
  const cause = error instanceof KubernetesConnectionError ? error.cause : undefined;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' && /CERT|SIGNATURE|ERR_SSL|ERR_TLS/.test(code);
}
