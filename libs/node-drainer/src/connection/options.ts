import type { KubeConfig } from '@kubernetes/client-node';
import * as v from 'valibot';
import { parseOptions } from '../invalid-options-error.ts';
import type { CallRecord } from './client.ts';

/** What a connection needs of a `KubeConfig`: a program that must stay small can bring its own. */
export type ClusterAccess = Pick<KubeConfig, 'getCurrentCluster' | 'getCurrentUser' | 'applyToHTTPSOptions'>;

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** Total time for one call with all its tries, in milliseconds. Default 30,000. */
  callDeadlineMs?: number | undefined;
  /** Longest wait for one answer, in milliseconds: what a server costs that accepts and stays silent. Default 10,000. */
  attemptTimeoutMs?: number | undefined;
  /** Calls under way at once, watches not counted; the rest waits. Default 512: evictions that hang must not hold up other calls. */
  maxSockets?: number | undefined;
  /** Calls per second on average. Default: no limit of our own (the server's flow control is honoured always). */
  qps?: number | undefined;
  /** Calls that may go out at once before `qps` holds. Default: twice `qps`. */
  burst?: number | undefined;
  /** `User-Agent` header. Default `node-termination-handler`. */
  userAgent?: string | undefined;
  /** Longest answer that is read, in bytes. Default 64 MiB. */
  maxResponseBytes?: number | undefined;
  /** Told about every HTTP exchange; must not throw. */
  onCall?: ((record: CallRecord) => void) | undefined;
}

/** {@link ConnectOptions}, checked, with the defaults in place. */
export type ConnectionSettings = Readonly<ReturnType<typeof parseConnectOptions>>;

const milliseconds = v.pipe(v.number(), v.finite(), v.gtValue(0, 'must be more than 0 ms'));
const count = v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(1, 'must be at least 1'));
const rate = v.pipe(v.number(), v.finite(), v.gtValue(0, 'must be more than 0'));

const schema = v.object({
  callDeadlineMs: v.optional(milliseconds, 30_000),
  attemptTimeoutMs: v.optional(milliseconds, 10_000),
  maxSockets: v.optional(count, 512),
  qps: v.optional(rate),
  burst: v.optional(count),
  // A header value: anything else would let a setting inject headers.
  userAgent: v.optional(
    v.pipe(v.string(), v.regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')),
    'node-termination-handler',
  ),
  maxResponseBytes: v.optional(count, 64 * 1024 * 1024),
});

/** Checks the options of {@link connect}. @throws {@link InvalidOptionsError} */
export function parseConnectOptions(options: ConnectOptions) {
  const { qps, burst, ...rest } = parseOptions('connect', schema, options);
  return {
    ...rest,
    rateLimit: qps === undefined ? undefined : { qps, burst: burst ?? Math.max(1, Math.ceil(qps * 2)) },
    onCall: options.onCall ?? (() => undefined),
  };
}
