import type { Clock } from '@node-termination-handler/clock';
import * as v from 'valibot';

import { ImdsOptionsError } from './errors.ts';

/** Something the client's owner wants to log once: the way it talks to the service has changed. */
export interface ImdsNotice {
  /**
   * - `v1-fallback`: the service refuses tokens; requests go on without.
   * - `hop-limit`: the token request hung, as it does when the hop limit is too low for a container; requests go on without a token.
   * - `v2-again`: tokens work again.
   */
  readonly kind: 'v1-fallback' | 'hop-limit' | 'v2-again';
  /** One line for people. */
  readonly message: string;
}

/** How a client talks to the instance metadata service. */
export interface ImdsClientOptions {
  /** The service's base URL, `http` only. Default `http://169.254.169.254`; over IPv6 `http://[fd00:ec2::254]`. */
  readonly endpoint?: string;
  /** How often a request is tried, 1–100. Default 3. */
  readonly tries?: number;
  /** The longest that one try may take over a new connection, in milliseconds, 1–60 000; over one that was kept, half of it. Default 1 000. */
  readonly requestTimeoutMs?: number;
  /** The longest that a token request may take, in milliseconds, 1–60 000. Default 1 000. A request that hangs shows a hop limit of 1. */
  readonly tokenTimeoutMs?: number;
  /** The longest that a `get` may take with all its tries, in milliseconds, 1–600 000. Default 5 000. */
  readonly totalTimeoutMs?: number;
  /** How long a token is asked to live, in seconds, 1–21 600. Default 21 600. */
  readonly tokenTtlSeconds?: number;
  /** How long requests go without tokens before IMDSv2 is tried again, in milliseconds. Default 60 000. */
  readonly retryTokensAfterMs?: number;
  /** Called when the way of talking to the service changes; said once, not at each request. */
  readonly onNotice?: (notice: ImdsNotice) => void;
  /** Told the `Date` of each answer, and when it was asked for by the monotonic clock: the service's clock is AWS's. Default: nobody is. */
  readonly onDate?: (date: string | undefined, askedAtMs: number) => void;
  /** Where the time comes from. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** Options that have been checked, with their defaults. */
export interface CheckedOptions extends Required<Omit<ImdsClientOptions, 'endpoint' | 'clock' | 'onDate'>> {
  readonly endpoint: URL;
}

const endpoint = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const url = URL.parse(dataset.value);
    const plain = url?.protocol === 'http:' && `${url.username}${url.password}${url.search}${url.hash}` === '';
    if (url !== null && plain) return url;
    addIssue({ message: 'is not a plain http:// URL' });
    return NEVER;
  }),
);

function wholeNumber(min: number, max: number) {
  const message = `is not a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

const schema = v.object({
  endpoint: v.optional(endpoint, 'http://169.254.169.254'),
  tries: v.optional(wholeNumber(1, 100), 3),
  requestTimeoutMs: v.optional(wholeNumber(1, 60_000), 1_000),
  tokenTimeoutMs: v.optional(wholeNumber(1, 60_000), 1_000),
  totalTimeoutMs: v.optional(wholeNumber(1, 600_000), 5_000),
  tokenTtlSeconds: v.optional(wholeNumber(1, 21_600), 21_600),
  retryTokensAfterMs: v.optional(wholeNumber(1, 86_400_000), 60_000),
});

/**
 * Checks the options of a client and fills in the defaults.
 *
 * @throws {@link ImdsOptionsError} with every fault.
 */
export function checkOptions(options: ImdsClientOptions): CheckedOptions {
  const result = v.safeParse(schema, options, { abortPipeEarly: true });
  if (!result.success) {
    throw new ImdsOptionsError(result.issues.map((issue) => `${v.getDotPath(issue) ?? 'options'} ${issue.message}`));
  }
  return { ...result.output, onNotice: options.onNotice ?? (() => undefined) };
}
