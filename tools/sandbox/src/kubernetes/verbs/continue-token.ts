import { readNumber, readString } from '../object/read.ts';
import { badRequest } from '../status.ts';

/** Where a list goes on: at which revision (−1: the newest) and from which key. */
export interface ContinueToken {
  readonly revision: number;
  readonly start: string;
}

/** The token as clients get it, which they may not look into. */
export function encodeToken({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

/**
 * Reads a token back.
 * @throws {ApiError} 400 when it is none, or comes together with a resource version.
 */
export function decodeToken(text: string, revision: number | undefined): ContinueToken {
  if (revision !== undefined && revision !== 0)
    throw badRequest('specifying resource version is not allowed when using continue');
  const content = parsed(text);
  const rv = readNumber(content, 'rv');
  const start = readString(content, 'start');
  if (readString(content, 'v') !== 'meta.k8s.io/v1' || rv === undefined || start === undefined) {
    throw badRequest('invalid continue token: continue key is not valid');
  }
  return { revision: rv, start };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return value;
  } catch {
    return undefined;
  }
}
