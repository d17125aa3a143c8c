import type { AnswerHead, HttpRequest } from '@node-termination-handler/http-client';
import type { Clock } from '@node-termination-handler/clock';
import type { CallRecord, ResourceRef, Verb } from './client.ts';
import type { Endpoint, EndpointSource } from './endpoint.ts';
import { KubernetesApiError } from './errors.ts';
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

/** A request in the form in which it goes to an endpoint. */
export function requestTo({ server, headers }: Endpoint, outgoing: OutgoingRequest): HttpRequest {
  return {
    method: outgoing.method,
    url: new URL(server.href.replace(/\/$/, '') + outgoing.path),
    headers: { ...headers, ...outgoing.headers },
    body: outgoing.body,
  };
}

/** Redirects are not followed: the API server has none. */
export function isSuccess({ status }: AnswerHead): boolean {
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
  const record = (end: Pick<CallRecord, 'status' | 'error'>): void => {
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
    record(error instanceof KubernetesApiError ? { status: error.status, error } : { error });
    throw error;
  }
}
