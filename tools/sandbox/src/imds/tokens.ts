import { randomBytes } from 'node:crypto';

/** The session tokens of one metadata service. */
export interface ImdsTokens {
  /** Issues a token for that many seconds. */
  readonly issue: (ttlSeconds: number) => string;
  readonly isValid: (token: string) => boolean;
  /** From now on none of the issued tokens is known: the next request with one answers 401. */
  readonly invalidate: () => void;
}

/** The longest life of a token, in seconds: six hours. */
export const maxTokenTtlSeconds = 21_600;

/** Parses the TTL header; undefined when the real service would answer 400. */
export function parseTokenTtl(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,5}$/.test(header.trim())) return undefined;
  const seconds = Number(header);
  return seconds >= 1 && seconds <= maxTokenTtlSeconds ? seconds : undefined;
}

/** Tokens that expire by `now`, in ms since the epoch. */
export function createImdsTokens(now: () => number = () => Date.now()): ImdsTokens {
  const expiries = new Map<string, number>();
  return {
    issue: (ttlSeconds) => {
      const token = randomBytes(42).toString('base64url').concat('==');
      expiries.set(token, now() + ttlSeconds * 1000);
      return token;
    },
    isValid: (token) => (expiries.get(token) ?? 0) > now(),
    invalidate: () => expiries.clear(),
  };
}
