import type { CorrectedClock } from '@node-termination-handler/clock';
import { HttpError } from '@node-termination-handler/http-client';
import type { HttpClient } from '@node-termination-handler/http-client';
import { buildQueryString, HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/core/protocols';
import type { HttpHandlerOptions, RequestHandler } from '@smithy/types';
import type { IncomingHttpHeaders } from 'node:http';

/** How the requests of one client are sent. */
export interface RequestHandlerOptions {
  /** Shared by all clients; it is not closed with one of them. */
  readonly http: HttpClient;
  /** How long one request may take, from its start to the last byte of its answer, in milliseconds. */
  readonly requestWithinMs: number;
  /** Whether a request may reach the service twice, when a connection that was kept turns out to be dead. */
  readonly isRepeatable: boolean;
  /** Put right by the `Date` of each answer. */
  readonly clock: CorrectedClock;
}

/** Sends the requests of the AWS SDK as everything else is sent. What may pass is marked for the SDK to try again. */
export function createRequestHandler({
  http,
  requestWithinMs: totalTimeoutMs,
  isRepeatable: repeatable,
  clock,
}: RequestHandlerOptions): RequestHandler<HttpRequest, HttpResponse, HttpHandlerOptions> {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, { abortSignal } = {}) {
      const askedAtMs = clock.monotonic();
      const { method, headers: headersOut } = request;
      const body = request.body as string | Uint8Array | undefined;
      // The SDK's own type of a signal has less to it than what it hands on.
      const signal = abortSignal as AbortSignal | null | undefined;
      const limits = { totalTimeoutMs, repeatable, signal: signal ?? undefined };
      try {
        const sent = { method, url: urlOf(request), headers: headersOut, body };
        const { status: statusCode, headers, body: answer } = await http.send(sent, limits);
        clock.answered(headers.date, askedAtMs);
        return {
          response: new HttpResponse({ statusCode, headers: singleHeaders(headers), body: new Uint8Array(answer) }),
        };
      } catch (error) {
        throw error instanceof HttpError ? Object.assign(error, { $retryable: { throttling: false } }) : error;
      }
    },
    destroy: () => undefined,
  };
}

function urlOf({ protocol, hostname, port, path, query }: HttpRequest): URL {
  const search = buildQueryString(query);
  return new URL(
    `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search === '' ? '' : `?${search}`}`,
  );
}

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const all = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return Object.fromEntries(all.map(([name, value]) => [name, typeof value === 'string' ? value : value.join(', ')]));
}
