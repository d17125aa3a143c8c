import { setTimeout as wait } from 'node:timers/promises';
import pRetry from 'p-retry';
import { WebhookDeliveryError } from '../errors.ts';
import type { CheckedOptions } from '../validate-options.ts';
import { failureOf, isWorthRetrying, redirectTarget, retryAfterMs } from './answer.ts';
import { post } from './request.ts';
import type { PostAnswer } from './request.ts';
import type { Transports } from './transport.ts';

/** Where deliveries go and through what; `onRetry` hears of each failed attempt that is followed by another. */
export interface DeliveryRoute {
  readonly options: CheckedOptions;
  readonly transports: Transports;
  readonly onRetry: (error: WebhookDeliveryError, attempt: number) => void;
}

/** How a delivery ended; failures are values here, the queue goes on after them. */
export type Delivery =
  | { readonly statusCode: number; readonly attempts: number }
  | { readonly error: WebhookDeliveryError; readonly attempts: number };

/** The longest wait between two attempts, in milliseconds, however many came before. */
const RETRY_DELAY_LIMIT_MS = 30_000;
const REDIRECT_LIMIT = 3;

/** Delivers one body, with as many attempts as it takes and the options allow; never rejects. */
export async function deliver(body: Buffer, route: DeliveryRoute, signal: AbortSignal): Promise<Delivery> {
  const { tries, retryDelayMs } = route.options;

  let attempts = 0;
  let askedForMs = 0;
  try {
    const statusCode = await pRetry(
      async (attempt) => {
        attempts = attempt;
        const answer = await postFollowingRedirects(body, route, signal);
        askedForMs = retryAfterMs(answer.retryAfter, new Date());
        const failure = failureOf(answer);
        if (failure !== undefined) throw failure;
        return answer.statusCode;
      },
      {
        retries: tries - 1,
        minTimeout: retryDelayMs,
        maxTimeout: RETRY_DELAY_LIMIT_MS,
        randomize: true,
        signal,
        unref: true,
        shouldRetry: async ({ error, attemptNumber }) => {
          if (!(error instanceof WebhookDeliveryError) || !isWorthRetrying(error)) return false;
          route.onRetry(error, attemptNumber);
          // On top of the back-off: a receiver that asks for a second is not asked again on the second.
          if (askedForMs > 0) await wait(askedForMs, undefined, { signal, ref: false });
          askedForMs = 0;
          return true;
        },
      },
    );
    return { statusCode, attempts };
  } catch (error) {
    return { error: deliveryErrorFrom(error, signal), attempts };
  }
}

async function postFollowingRedirects(body: Buffer, route: DeliveryRoute, signal: AbortSignal): Promise<PostAnswer> {
  const { options, transports } = route;
  let { url } = options;
  for (let redirects = 0; ; redirects += 1) {
    const { open, agent } = await transports.transportFor(url.protocol);
    const headers = { 'User-Agent': 'node-termination-handler', ...options.headers };
    const answer = await post({ open, agent, url, headers, body, timeoutMs: options.timeoutMs, signal });
    const target = redirects < REDIRECT_LIMIT ? redirectTarget(answer, url) : undefined;
    if (target === undefined) return answer;
    url = target;
  }
}

function deliveryErrorFrom(error: unknown, signal: AbortSignal): WebhookDeliveryError {
  if (error instanceof WebhookDeliveryError) return error;
  return signal.aborted
    ? new WebhookDeliveryError('aborted', 'the delivery was given up')
    : new WebhookDeliveryError('network', 'the request could not be made');
}
