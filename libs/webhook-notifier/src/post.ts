import { HttpConnectionError, HttpError, HttpTimeoutError } from '@node-termination-handler/http-client';
import type { AnswerHead, HttpClient } from '@node-termination-handler/http-client';
import { WebhookDeliveryError } from './errors.ts';

/** One POST, ready to go. */
export interface PostRequest {
  readonly client: Pick<HttpClient, 'send'>;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
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
export async function post({ client, timeoutMs, signal, ...request }: PostRequest): Promise<PostAnswer> {
  try {
    // A delivery that fails is repeated anyway; one that is only slow is waited for.
    const limits = { totalTimeoutMs: timeoutMs, keptTimeoutMs: timeoutMs, maxBodyBytes: BODY_LIMIT };
    return answerOf(await client.send({ method: 'POST', ...request }, { ...limits, repeatable: true, signal }));
  } catch (error) {
    if (error instanceof HttpError && error.answer !== undefined) return answerOf(error.answer);
    throw faultOf(error, signal);
  }
}

function answerOf({ status, headers }: AnswerHead): PostAnswer {
  return { statusCode: status, retryAfter: headers['retry-after'], location: headers.location };
}

function faultOf(error: unknown, signal: AbortSignal): WebhookDeliveryError {
  if (signal.aborted) return new WebhookDeliveryError('aborted', 'the delivery was given up');
  if (error instanceof HttpTimeoutError)
    return new WebhookDeliveryError('timeout', `there was no answer within ${Math.round(error.limitMs)} ms`);
  // A code is an identifier of Node's or OpenSSL's; the message beside it may hold the host or the proxy.
  const code = error instanceof HttpConnectionError ? error.code : undefined;
  return code === undefined
    ? new WebhookDeliveryError('network', 'the connection failed')
    : new WebhookDeliveryError('network', `the connection failed (${code})`, { code });
}
