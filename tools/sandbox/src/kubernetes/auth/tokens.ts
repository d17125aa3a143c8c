import { randomBytes } from 'node:crypto';

/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** For whom a token is issued, and for how long. */
export interface TokenRequest {
  /** The user's name; of a service account `system:serviceaccount:<namespace>:<name>`. */
  readonly user: string;
  /** Groups besides `system:authenticated`. */
  readonly groups?: readonly string[];
  /** How long the token is good, in milliseconds; for ever by default. */
  readonly expiresInMs?: number;
}

/** What the server takes a request without credentials for. */
export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

interface Issued {
  readonly user: User;
  readonly expiresAtMs: number;
}

/** The bearer tokens that the server knows. */
export class Tokens {
  readonly #now: () => number;
  readonly #issued = new Map<string, Issued>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a new token. */
  issue({ user, groups = [], expiresInMs = Infinity }: TokenRequest): string {
    const token = randomBytes(32).toString('base64url');
    const expiresAtMs = this.#now() + expiresInMs;
    this.#issued.set(token, { user: { name: user, groups: [...groups, ...impliedGroups(user)] }, expiresAtMs });
    return token;
  }

  /** Makes a token worthless from now on. */
  revoke(token: string): void {
    this.#issued.delete(token);
  }

  /** Who sends this `Authorization` header: undefined for a token that is unknown or expired. */
  authenticate(header: string | undefined): User | undefined {
    if (header === undefined) return anonymous;
    const match = /^Bearer\s+(\S+)\s*$/i.exec(header);
    const issued = this.#issued.get(match?.[1] ?? '');
    return issued !== undefined && this.#now() < issued.expiresAtMs ? issued.user : undefined;
  }
}

function impliedGroups(user: string): readonly string[] {
  const account = /^system:serviceaccount:(?<namespace>[^:]+):[^:]+$/.exec(user)?.groups;
  const ofAccount =
    account === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account.namespace ?? ''}`];
  return [...ofAccount, 'system:authenticated'];
}
