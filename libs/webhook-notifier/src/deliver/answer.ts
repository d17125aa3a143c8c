import { WebhookDeliveryError } from '../errors.ts';
import type { PostAnswer } from './request.ts';

/** The longest wait that a receiver's `Retry-After` can ask for, in milliseconds: it must not hold up later notifications for long. */
const RETRY_AFTER_LIMIT_MS = 30_000;

/** Tells a success from a failure. */
export function failureOf({ statusCode }: PostAnswer): WebhookDeliveryError | undefined {
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
export function retryAfterMs(value: string | undefined, now: Date): number {
  if (value === undefined) return 0;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
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
export function redirectTarget({ statusCode, location }: PostAnswer, from: URL): URL | undefined {
  if ((statusCode !== 307 && statusCode !== 308) || location === undefined || !URL.canParse(location, from.href))
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
