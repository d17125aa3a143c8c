import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { WebhookDeliveryError } from '../errors.ts';

/** Opens a request, as `node:http` and `node:https` do. */
export type OpenRequest = (
  url: URL,
  options: RequestOptions,
  onResponse: (response: IncomingMessage) => void,
) => ClientRequest;

/** One POST, ready to go. */
export interface PostRequest {
  readonly open: OpenRequest;
  readonly agent: Agent;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What of an answer matters to the notifier; bodies are read to free the connection, and forgotten. */
export interface PostAnswer {
  readonly statusCode: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
}

/** How much of an answer's body is read, in bytes; a longer one costs its connection. */
const BODY_LIMIT = 64 * 1024;

/**
 * Posts once.
 *
 * An answer counts from its head on: a body that stalls, breaks off or has no end takes nothing from a status that was given.
 *
 * @throws {@link WebhookDeliveryError} with `timeout`, `network` or `aborted`.
 */
export async function post({ open, agent, url, headers, body, timeoutMs, signal }: PostRequest): Promise<PostAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  let answer: PostAnswer | undefined;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (answer !== undefined) resolve(answer);
    else if (signal.aborted) reject(new WebhookDeliveryError('aborted', 'the delivery was given up'));
    else if (timeout.aborted) reject(new WebhookDeliveryError('timeout', `there was no answer within ${timeoutMs} ms`));
    else reject(networkFault(error));
  };
  try {
    const request = open(
      url,
      {
        method: 'POST',
        agent,
        headers: { ...headers, 'Content-Length': body.length },
        signal: AbortSignal.any([signal, timeout]),
      },
      (response) => {
        const given = answerOf(response);
        answer = given;
        let received = 0;
        response.on('data', (chunk: Buffer) => {
          received += chunk.length;
          if (received > BODY_LIMIT) response.destroy();
        });
        response.on('error', () => resolve(given));
        response.on('close', () => resolve(given));
      },
    );
    request.on('error', fail);
    request.end(body);
  } catch (error) {
    fail(error instanceof Error ? error : new Error('the request could not be made'));
  }
  return promise;
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): PostAnswer {
  return { statusCode, retryAfter: headers['retry-after'], location: headers.location };
}

function networkFault(error: NodeJS.ErrnoException): WebhookDeliveryError {
  // A code is an identifier of Node's or OpenSSL's; the message beside it may hold the host or the proxy.
  const { code } = error;
  return typeof code === 'string'
    ? new WebhookDeliveryError('network', `the connection failed (${code})`, { code })
    : new WebhookDeliveryError('network', 'the connection failed');
}
