import { ImdsResponseError, ImdsStatusError, ImdsTimeoutError } from './errors.ts';
import type { CheckedOptions, ImdsNotice } from './options.ts';
import type { TextAnswer, Transport } from './transport.ts';

/** Where session tokens are given out. */
export const TOKEN_PATH = '/latest/api/token';
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';

/** A token is renewed when this much of its life is left, or five minutes if that is less. */
const RENEWAL_SHARE = 0.1;
const MAX_RENEWAL_LEAD_MS = 5 * 60_000;

/** A renewal that failed is not tried at each request. */
const RENEWAL_PAUSE_MS = 5_000;

const REFUSED = [403, 404, 405];

/**
 * Keeps the session token of IMDSv2.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export interface TokenSource {
  /**
   * The token to send; `undefined` where the service works without.
   *
   * Known at once, but for the first time and after an expiry: then it is a promise, and callers at the same time share the request behind
   * it. It rejects with an `ImdsError` when the service neither gives nor refuses a token.
   */
  readonly get: () => string | undefined | Promise<string | undefined>;
  /** Tells that the service answered 401 to this token, or to none. */
  readonly rejected: (token: string | undefined) => void;
}

interface Token {
  readonly value: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/** Makes a source of tokens. */
export function createTokenSource(transport: Transport, options: CheckedOptions, nowMs: () => number): TokenSource {
  const { tokenTtlSeconds, tokenTimeoutMs, retryTokensAfterMs, onNotice } = options;
  let token: Token | undefined;
  let withoutTokens = false;
  let announced: 'v1' | 'v2' = 'v2';
  let nextTryAtMs = 0;
  let pending: Promise<void> | undefined;

  function get(): string | undefined | Promise<string | undefined> {
    const now = nowMs();
    if (token !== undefined && now < token.expiresAtMs) {
      if (now >= token.renewAtMs) renewInBackground(now);
      return token.value;
    }
    if (withoutTokens) {
      renewInBackground(now);
      return undefined;
    }
    return renew().then(() => token?.value);
  }

  function rejected(refused: string | undefined): void {
    // A token that was renewed meanwhile is not the one that was refused.
    if (token?.value !== refused) return;
    token = undefined;
    withoutTokens = false;
  }

  function renewInBackground(now: number): void {
    if (now < nextTryAtMs) return;
    nextTryAtMs = now + RENEWAL_PAUSE_MS;
    // The requests go on with what they have; if that is refused, one of them waits for a token and hears of the failure.
    renew().catch(() => undefined);
  }

  function renew(): Promise<void> {
    pending ??= requestToken().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  async function requestToken(): Promise<void> {
    let answer: TextAnswer;
    try {
      answer = await transport.send({
        method: 'PUT',
        path: TOKEN_PATH,
        header: `X-aws-ec2-metadata-token-ttl-seconds: ${tokenTtlSeconds}`,
        timeoutMs: tokenTimeoutMs,
      });
    } catch (error) {
      if (!(error instanceof ImdsTimeoutError)) throw error;
      goWithout({
        kind: 'hop-limit',
        message: `the token request to instance metadata hung for ${tokenTimeoutMs} ms: is the instance's metadata hop limit (HttpPutResponseHopLimit) at least 2, or the pod on the host's network? Going on with IMDSv1`,
      });
      return;
    }
    if (REFUSED.includes(answer.status)) {
      goWithout({
        kind: 'v1-fallback',
        message: `instance metadata refuses session tokens (${answer.status}); going on with IMDSv1`,
      });
      return;
    }
    if (answer.status !== 200) throw new ImdsStatusError(TOKEN_PATH, answer.status);
    keep(answer);
  }

  function keep(answer: TextAnswer): void {
    const value = answer.body.trim();
    // Anything else could not be sent as a header, or would smuggle one in.
    if (!/^[!-;=?-~]{1,1024}$/.test(value)) throw new ImdsResponseError(TOKEN_PATH, 'is not a session token');
    const lifeMs = readTtlSeconds(answer, tokenTtlSeconds) * 1000;
    const now = nowMs();
    const lead = Math.min(lifeMs * RENEWAL_SHARE, MAX_RENEWAL_LEAD_MS);
    token = { value, renewAtMs: now + lifeMs - lead, expiresAtMs: now + lifeMs };
    withoutTokens = false;
    announce('v2', { kind: 'v2-again', message: 'instance metadata gives session tokens again; back to IMDSv2' });
  }

  function goWithout(notice: ImdsNotice): void {
    const now = nowMs();
    // A token that is still good is worth more than none.
    if (token !== undefined && now < token.expiresAtMs) return;
    token = undefined;
    withoutTokens = true;
    nextTryAtMs = now + retryTokensAfterMs;
    announce('v1', notice);
  }

  function announce(version: 'v1' | 'v2', notice: ImdsNotice): void {
    if (announced === version) return;
    announced = version;
    onNotice(notice);
  }

  return { get, rejected };
}

function readTtlSeconds({ headers }: TextAnswer, asked: number): number {
  const given = Number(headers.get(TTL_HEADER));
  return Number.isInteger(given) && given >= 1 && given <= asked ? given : asked;
}
