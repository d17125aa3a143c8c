import { retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { HttpConnectionError, HttpError, HttpTimeoutError } from '@node-termination-handler/http-client';
import type { AnswerHead, HttpClient } from '@node-termination-handler/http-client';
import { WebhookDeliveryError } from './errors.ts';
import type { CheckedOptions } from './options.ts';

/** Where deliveries go and through what; `onRetry` hears of each failed attempt that is followed by another. */
export interface DeliveryRoute {
  readonly clock: Clock;
  readonly options: CheckedOptions;
  readonly client: Pick<HttpClient, 'send'>;
  readonly onRetry: (error: WebhookDeliveryError, attempt: number) => void;
}

/** How a delivery ended; failures are values here, the queue goes on after them. */
export type Delivery =
  | { readonly statusCode: number; readonly attempts: number }
  | { readonly error: WebhookDeliveryError; readonly attempts: number };

/** The longest wait between two attempts, in milliseconds, however many came before. */
const RETRY_DELAY_LIMIT_MS = 30_000;
const REDIRECT_LIMIT = 3;

/** How much of an answer's body is read, in bytes; a longer one costs its connection. */
const BODY_LIMIT = 64 * 1024;

/** Delivers one body, with as many attempts as it takes and the options allow; never rejects. */
export async function deliver(body: Buffer, route: DeliveryRoute, signal: AbortSignal): Promise<Delivery> {
  const { clock, options, onRetry } = route;
  let attempts = 0;
  let askedForMs = 0;
  try {
    const statusCode = await retry(
      {
        clock,
        // Who has nothing else to do than to wait for another attempt is done.
        keepsProcessAlive: false,
        backoff: { firstMs: options.retryDelayMs, maxMs: RETRY_DELAY_LIMIT_MS },
        tries: options.tries,
        signal,
        isWorthRetrying: (error) => error instanceof WebhookDeliveryError && isWorthRetrying(error),
        // On top of the back-off: a receiver that asks for a second is not asked again on the second.
        pauseMs: () => askedForMs,
        onRetry: (error, attempt) => error instanceof WebhookDeliveryError && onRetry(error, attempt),
      },
      async (attempt) => {
        attempts = attempt;
        askedForMs = 0;
        const answer = await postFollowingRedirects(body, route, signal);
        askedForMs = retryAfterMs(answer.headers['retry-after'], clock.now());
        const failure = failureOf(answer);
        if (failure !== undefined) throw failure;
        return answer.status;
      },
    );
    return { statusCode, attempts };
  } catch (error) {
    return { error: faultOf(error, signal), attempts };
  }
}

async function postFollowingRedirects(body: Buffer, route: DeliveryRoute, signal: AbortSignal): Promise<AnswerHead> {
  let { url } = route.options;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await post(url, body, route, signal);
    const target = redirects < REDIRECT_LIMIT ? redirectTarget(answer, url) : undefined;
    if (target === undefined) return answer;
    url = target;
  }
}

/**
 * Posts once. An answer counts from its head on: a body that stalls, breaks off or has no end takes nothing from a status that was given.
 *
 * @throws {@link WebhookDeliveryError} with `timeout`, `network` or `aborted`.
 */
async function post(
  url: URL,
  body: Buffer,
  { client, options }: DeliveryRoute,
  signal: AbortSignal,
): Promise<AnswerHead> {
  const headers = { 'User-Agent': 'node-termination-handler', ...options.headers };
  const { timeoutMs: totalTimeoutMs } = options;
  // A delivery that fails is repeated anyway; one that is only slow is waited for.
  const limits = { totalTimeoutMs, keptTimeoutMs: totalTimeoutMs, maxBodyBytes: BODY_LIMIT, repeatable: true };
  try {
    return await client.send({ method: 'POST', url, headers, body }, { ...limits, signal });
  } catch (error) {
    if (error instanceof HttpError && error.answer !== undefined) return error.answer;
    throw faultOf(error, signal);
  }
}

function faultOf(error: unknown, signal: AbortSignal): WebhookDeliveryError {
  if (error instanceof WebhookDeliveryError) return error;
  if (signal.aborted) return new WebhookDeliveryError('aborted', 'the delivery was given up');
  if (error instanceof HttpTimeoutError)
    return new WebhookDeliveryError('timeout', `there was no answer within ${Math.round(error.limitMs)} ms`);
  // A code is an identifier of Node's or OpenSSL's; the message beside it may hold the host or the proxy.
  const code = error instanceof HttpConnectionError ? error.code : undefined;
  return code === undefined
    ? new WebhookDeliveryError('network', 'the connection failed')
    : new WebhookDeliveryError('network', `the connection failed (${code})`, { code });
}

/** The longest wait that a receiver's `Retry-After` can ask for, in milliseconds: it must not hold up later notifications for long. */
const RETRY_AFTER_LIMIT_MS = 30_000;

/** Tells a success from a failure. */
export function failureOf({ status: statusCode }: AnswerHead): WebhookDeliveryError | undefined {
  if (statusCode >= 200 && statusCode <= 299) return undefined;
  const isRedirect = statusCode >= 300 && statusCode <= 399;
  const hint = isRedirect
    ? ', a redirect that is not followed'
    : statusCode === 407
      ? ': the proxy wants credentials'
      : '';
  return new WebhookDeliveryError(
    isRedirect ? 'redirect' : 'status',
    `the receiver answered with status ${statusCode}${hint}`,
    { statusCode },
  );
}

/** Tells whether the same request may fare better later: not where the receiver has refused what is sent, or who sends it. */
export function isWorthRetrying({ failure, statusCode }: WebhookDeliveryError): boolean {
  if (failure === 'timeout' || failure === 'network') return true;
  return failure === 'status' && statusCode !== undefined && (statusCode >= 500 || RETRIED_STATUSES.has(statusCode));
}

/** Request Timeout, Too Early, Too Many Requests. */
const RETRIED_STATUSES = new Set([408, 425, 429]);

/**
 * How long a receiver asks to be left alone, in milliseconds, cut to 30 s; 0 when it does not ask.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number {
  if (value === undefined) return 0;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), RETRY_AFTER_LIMIT_MS);
}

/**
 * Where a redirect leads, if it is one that may be followed.
 *
 * Only 307 and 308 keep the method and the body; after the others the receiver would see a GET and no message. And only
 * the same host, never from `https:` down to `http:`: the headers are secrets meant for the host that was configured.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#status.307
 */
export function redirectTarget({ status, headers: { location } }: AnswerHead, from: URL): URL | undefined {
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, from.href))
    return undefined;
  const to = new URL(location, from);
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:';
  if (to.hostname !== from.hostname || !(to.protocol === from.protocol || isUpgrade)) return undefined;
  // Another port of the host is another program, unless it is the same address with TLS.
  if (to.port !== from.port && !(isUpgrade && to.port === '')) return undefined;
  to.username = from.username;
  to.password = from.password;
  return to;
}
