import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as v from 'valibot';
import { InvalidWebhookOptionError } from './errors.ts';
import { WEBHOOK_DEFAULTS } from './options.ts';
import type { WebhookNotifierOptions } from './options.ts';

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
