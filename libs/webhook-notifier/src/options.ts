import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Clock } from '@node-termination-handler/clock';
import * as v from 'valibot';
import { InvalidWebhookOptionError } from './errors.ts';
import type { WebhookDeliveryError } from './errors.ts';
import type { WebhookNotification } from './notification.ts';
import type { PresetName } from './presets/presets.ts';

/** What became of one notification. */
export type DeliveryResult = { readonly notification: WebhookNotification } & (
  | { readonly outcome: 'delivered'; readonly statusCode: number; readonly attempts: number }
  | { readonly outcome: 'failed'; readonly error: WebhookDeliveryError; readonly attempts: number }
  /** `queue-full`: too many wait already; `closed`: given after, or still waiting at the end of, {@link WebhookNotifier.close}. */
  | { readonly outcome: 'dropped'; readonly reason: 'queue-full' | 'closed' }
);

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
  /** The receiver whose body comes with the library, in place of a template; `Content-type` is then the receiver's own. Default: none. */
  readonly preset?: PresetName | undefined;
  /** The variables that a template may read with `env` and `expandenv`, and that presets show. Default: none, and the two functions are refused. */
  readonly templateEnv?: Readonly<Record<string, string>> | undefined;
  /** How long one attempt may take, connecting included, in milliseconds; 1 to 300000. Default: 5000. */
  readonly timeoutMs?: number | undefined;
  /** Attempts per notification; 1 to 20. Default: 4. */
  readonly tries?: number | undefined;
  /** The wait before the second attempt in milliseconds; doubles with each, with jitter, up to 30 s; 0 to 30000. Default: 500. */
  readonly retryDelayMs?: number | undefined;
  /** How many notifications may wait; a further one is dropped and said to be. 1 to 100000. Default: 1000. */
  readonly queueLimit?: number | undefined;
  /** How many are delivered at a time; those of one instance always one after the other, in order. 1 to 100. Default: 4. */
  readonly concurrency?: number | undefined;
  /** Where time comes from, also for `now` in a template. Default: the machine's own clock. */
  readonly clock?: Clock | undefined;
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

/**
 * Checks everything but the template, and fills in the defaults.
 *
 * @throws {@link InvalidWebhookOptionError} with every fault, not the first alone.
 */
export function checkOptions(options: WebhookNotifierOptions): CheckedOptions {
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  throw new InvalidWebhookOptionError(
    parsed.issues.map((issue) => ({ option: v.getDotPath(issue)?.split('.')[0] ?? 'options', message: issue.message })),
  );
}

/** Options that hold up: parsed, in range, complete. */
export type CheckedOptions = v.InferOutput<typeof schema>;

// The incumbent's HTTP client takes no notice of these either: they follow from the URL and the body.
const MANAGED_HEADERS = new Set(['host', 'content-length', 'transfer-encoding', 'trailer']);

// Every message is written here: valibot's own quote the value received, and these values are secrets.
const schema = v.object(
  {
    url: address('must be an address'),
    headers: v.optional(
      v.pipe(
        v.record(v.string(), v.string('must hold texts only'), 'must be an object of texts'),
        v.rawTransform(({ dataset, addIssue }) => {
          const problems = Object.entries(dataset.value).map(([name, value], index) =>
            headerProblem(name, value, index),
          );
          for (const message of problems) if (message !== undefined) addIssue({ message });
          return Object.fromEntries(
            Object.entries(dataset.value).filter(([name]) => !MANAGED_HEADERS.has(name.toLowerCase())),
          );
        }),
      ),
      { ...WEBHOOK_DEFAULTS.headers },
    ),
    proxy: v.optional(address('must be the address of a proxy')),
    timeoutMs: v.optional(wholeNumber(1, 300_000), WEBHOOK_DEFAULTS.timeoutMs),
    tries: v.optional(wholeNumber(1, 20), WEBHOOK_DEFAULTS.tries),
    retryDelayMs: v.optional(wholeNumber(0, 30_000), WEBHOOK_DEFAULTS.retryDelayMs),
    queueLimit: v.optional(wholeNumber(1, 100_000), WEBHOOK_DEFAULTS.queueLimit),
    concurrency: v.optional(wholeNumber(1, 100), WEBHOOK_DEFAULTS.concurrency),
  },
  'must be given',
);

function address(what: string) {
  const message = `${what} that begins with http:// or https://`;
  return v.pipe(
    v.string(message),
    v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), message),
    v.transform((text) => new URL(text)),
    v.check(hasReadableCredentials, 'has a user or password whose percent-encoding is broken'),
  );
}

function hasReadableCredentials({ username, password }: URL): boolean {
  return isAccepted(() => decodeURIComponent(username) + decodeURIComponent(password));
}

function headerProblem(name: string, value: string, index: number): string | undefined {
  // A name that is none may hold anything, a secret too: say which one it is, not what it says.
  if (!isAccepted(() => validateHeaderName(name))) return `has a name that no header may have (header ${index + 1})`;
  if (/[\r\n]/.test(value)) return `has a line break in the value of ${name}`;
  if (!isAccepted(() => validateHeaderValue(name, value)))
    return `has a character in the value of ${name} that no header may hold`;
  return undefined;
}

function isAccepted(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}
