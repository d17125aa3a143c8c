import type { WebhookDeliveryError } from './errors.ts';
import type { WebhookNotification } from './notification.ts';

/** What became of one notification. */
export type DeliveryResult =
  | {
      readonly outcome: 'delivered';
      readonly notification: WebhookNotification;
      readonly statusCode: number;
      readonly attempts: number;
    }
  | {
      readonly outcome: 'failed';
      readonly notification: WebhookNotification;
      readonly error: WebhookDeliveryError;
      readonly attempts: number;
    }
  | {
      readonly outcome: 'dropped';
      readonly notification: WebhookNotification;
      /** `queue-full`: too many wait already; `closed`: given after, or still waiting at the end of, {@link WebhookNotifier.close}. */
      readonly reason: 'queue-full' | 'closed';
    };

/** Takes the notifier's log lines; no line and no field ever holds URL, headers or proxy. */
export type WebhookLog = (
  level: 'debug' | 'info' | 'warn',
  message: string,
  fields: Readonly<Record<string, string | number>>,
) => void;

/** Where and how notifications are delivered. */
export interface WebhookNotifierOptions {
  /** Where each notification is posted to, `http:` or `https:`. A secret: whoever knows a chat's webhook URL can write to it. */
  readonly url: string;
  /** Headers of each request. A secret. Default: `Content-type: application/json`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** An `http:` or `https:` proxy, with `user:password@` where it asks for them. A secret. Default: none, whatever the environment says. */
  readonly proxy?: string | undefined;
  /** A Go `text/template` with sprig's functions for the body. Default: one line of text in a JSON object. */
  readonly template?: string | undefined;
  /** How long one attempt may take, connecting included, in milliseconds; 1 to 300000. Default: 5000. */
  readonly timeoutMs?: number | undefined;
  /** Attempts per notification; 1 to 20. Default: 4. */
  readonly tries?: number | undefined;
  /** The wait before the second attempt in milliseconds; doubles with each, with jitter, up to 30 s; 0 to 30000. Default: 500. */
  readonly retryDelayMs?: number | undefined;
  /** How many notifications may wait; a further one is dropped and said to be. 1 to 100000. Default: 1000. */
  readonly queueLimit?: number | undefined;
  /** How many are delivered at a time; those of one event always one after the other, in order. 1 to 100. Default: 4. */
  readonly concurrency?: number | undefined;
  /** Gives up everything at once, waiting or under way. */
  readonly signal?: AbortSignal | undefined;
  /** Is told what became of each notification, once for each. */
  readonly onResult?: ((result: DeliveryResult) => void) | undefined;
  /** Takes log lines. Default: none are written. */
  readonly log?: WebhookLog | undefined;
}

/** What holds for each option that is not given. */
export const WEBHOOK_DEFAULTS = {
  headers: { 'Content-type': 'application/json' },
  timeoutMs: 5000,
  tries: 4,
  retryDelayMs: 500,
  queueLimit: 1000,
  concurrency: 4,
} as const satisfies Partial<WebhookNotifierOptions>;
