import { withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';

/** An environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Keys that requests are signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent for keys that never end by themselves. */
  readonly expiration?: Date;
}

/** Reads the keys out of an answer, as the metadata of an instance and the agents of containers write it; `undefined` where it has none. */
export function keysIn({
  AccessKeyId,
  SecretAccessKey,
  Token,
  Expiration,
}: Readonly<Record<string, unknown>>): AwsCredentials | undefined {
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || typeof Token !== 'string')
    return undefined;
  const expiration = new Date(typeof Expiration === 'string' ? Expiration : Number.NaN);
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
  return Number.isNaN(expiration.getTime()) ? keys : { ...keys, expiration };
}

/** How credentials are read and renewed. */
export interface CredentialsOptions {
  /** Reads them anew. Its signal aborts when it takes too long. */
  readonly read: (signal: AbortSignal) => Promise<AwsCredentials>;
  readonly clock: Clock;
}

/** No credentials could be read; the cause says why. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/** How long one reading may take, in milliseconds: less than any call that waits for it, which can then say what is wrong. */
const READ_WITHIN_MS = 9_000;

/** So long before their end credentials are renewed, in milliseconds; those that are known serve on meanwhile. */
const RENEW_BEFORE_MS = 300_000;

/** A refusal for want of a right may be that of an old role: credentials that are older than this, in milliseconds, are read again. */
const OLD_AFTER_MS = 300_000;

/** While none are known, a reading that failed stands for so long, in milliseconds: each call would else make one of its own. */
const READ_AGAIN_MS = 1_000;

/** After a renewal that failed, and after new credentials, so long passes before the next, in milliseconds. */
const RENEW_AGAIN_MS = 10_000;

/**
 * What services call credentials that are expired, revoked, or unknown to them.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const REVOKED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidToken',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'UnrecognizedClientException',
  'RequestExpired',
  'AuthFailure',
]);

const MISSING_RIGHT = /^(?:AccessDenied|AccessDeniedException|UnauthorizedOperation)$/;

/** Whether a service says that the credentials themselves are no good, and not what was asked for. */
export function isRevoked(code: string): boolean {
  return REVOKED.has(code);
}

/** Whether a service says that the role may not do what was asked for. */
export function isMissingRight(code: string): boolean {
  return MISSING_RIGHT.test(code);
}

interface Known {
  readonly credentials: AwsCredentials;
  /** By the monotonic clock. */
  readonly readAtMs: number;
}

/** Keeps the credentials that all clients share: renewed before they end, read again when a service refuses them. */
export class Credentials {
  readonly #read: CredentialsOptions['read'];
  readonly #clock: Clock;
  #known: Known | undefined;
  #reading: Promise<AwsCredentials> | undefined;
  #failedAtMs = -Infinity;
  #failure: CredentialsError | undefined;

  constructor({ read, clock }: CredentialsOptions) {
    this.#read = read;
    this.#clock = clock;
  }

  /** The credentials to sign with now. @throws {@link CredentialsError} when none are known and none can be read. */
  async get(): Promise<AwsCredentials> {
    const { credentials } = this.#known ?? {};
    if (credentials === undefined) {
      if (this.#failure !== undefined && this.#clock.monotonic() - this.#failedAtMs < READ_AGAIN_MS)
        throw this.#failure;
      return this.#renew();
    }
    const leftMs = (credentials.expiration?.getTime() ?? Infinity) - this.#clock.now();
    if (leftMs > RENEW_BEFORE_MS || this.#clock.monotonic() - this.#lastTryMs() < RENEW_AGAIN_MS) return credentials;
    const renewed = this.#renew();
    if (leftMs <= 0) return renewed;
    renewed.catch(() => undefined);
    return credentials;
  }

  /**
   * Heeds a service's refusal of a request that was signed with `used`. Credentials that are no good any more are dropped; those that may be
   * of an old role are renewed, and serve on where that fails.
   *
   * @returns whether it is worth to ask again, with others.
   */
  async refused(
    used: Pick<AwsCredentials, 'accessKeyId' | 'sessionToken'> | undefined,
    code: string,
  ): Promise<boolean> {
    const known = this.#known;
    if (!isRevoked(code) && !isMissingRight(code)) return false;
    if (known === undefined) return true;
    const isCurrent =
      used?.accessKeyId === known.credentials.accessKeyId && used.sessionToken === known.credentials.sessionToken;
    // Somebody else has renewed them meanwhile.
    if (!isCurrent) return true;
    const nowMs = this.#clock.monotonic();
    if (isRevoked(code)) {
      if (nowMs - known.readAtMs < RENEW_AGAIN_MS) return false;
      this.#known = undefined;
      return true;
    }
    if (nowMs - known.readAtMs < OLD_AFTER_MS || nowMs - this.#failedAtMs < RENEW_AGAIN_MS) return false;
    return this.#renew().then(
      () => true,
      () => false,
    );
  }

  #lastTryMs(): number {
    return Math.max(this.#failedAtMs, this.#known?.readAtMs ?? -Infinity);
  }

  /** One reading at a time, for all who wait. */
  #renew(): Promise<AwsCredentials> {
    this.#reading ??= this.#readOnce().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readOnce(): Promise<AwsCredentials> {
    const limit = { clock: this.#clock, limitMs: READ_WITHIN_MS };
    try {
      const credentials = await withTimeLimit(limit, (signal) => this.#read(signal));
      this.#known = { credentials, readAtMs: this.#clock.monotonic() };
      this.#failure = undefined;
      return credentials;
    } catch (cause) {
      this.#failedAtMs = this.#clock.monotonic();
      this.#failure = new CredentialsError('no credentials', { cause });
      throw this.#failure;
    }
  }
}
