import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { listing } from './documents.ts';
import { errorPage, textPage } from './pages.ts';
import { parseTokenTtl } from './tokens.ts';
import type { ImdsTokens } from './tokens.ts';

/**
 * How the metadata service takes tokens: `v2-required` (401 without), `v2-optional` (works with and without),
 * or `v1-only`: an old or restricted service whose token route answers with that status.
 */
export type ImdsMode = 'v2-required' | 'v2-optional' | { readonly v1Only: 403 | 404 | 405 };

/** How a request stood with its session token. */
export type TokenUse = 'none' | 'valid' | 'invalid';

/** What the answer depends on. */
export interface ImdsState {
  readonly mode: ImdsMode;
  readonly tokens: ImdsTokens;
  /** By path below `/latest/`. */
  readonly documents: ReadonlyMap<string, string>;
}

const tokenPath = '/latest/api/token';
const ttlHeader = 'x-aws-ec2-metadata-token-ttl-seconds';

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function answerTokenRequest(state: ImdsState, method: string, headers: IncomingHttpHeaders): Answer {
  if (typeof state.mode === 'object') return errorPage(state.mode.v1Only);
  if (method !== 'PUT') return errorPage(405, { allow: 'OPTIONS, PUT' });
  // The real service refuses a token to anything that came through a proxy.
  if (headers['x-forwarded-for'] !== undefined) return errorPage(403);
  const ttlSeconds = parseTokenTtl(first(headers[ttlHeader]));
  if (ttlSeconds === undefined) return errorPage(400);
  return textPage(state.tokens.issue(ttlSeconds), { [ttlHeader]: String(ttlSeconds) });
}

/** How the request stands with its token. A service that knows no tokens overlooks the header. */
export function tokenUse(state: ImdsState, headers: IncomingHttpHeaders): TokenUse {
  const token = first(headers['x-aws-ec2-metadata-token']);
  if (token === undefined || typeof state.mode === 'object') return 'none';
  return state.tokens.isValid(token) ? 'valid' : 'invalid';
}

/**
 * Answers as the instance metadata service does.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export function answerImdsRequest(
  state: ImdsState,
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
): Answer {
  if (path === tokenPath) return answerTokenRequest(state, method, headers);
  if (method !== 'GET' && method !== 'HEAD') return errorPage(405, { allow: 'GET, HEAD, OPTIONS' });
  const use = tokenUse(state, headers);
  // A wrong token is refused even where none is required.
  if (use === 'invalid' || (use === 'none' && state.mode === 'v2-required')) return errorPage(401);
  const below = /^\/latest\/(.*)$/.exec(path)?.[1];
  if (below === undefined) return errorPage(404);
  const body = state.documents.get(below) ?? listing(state.documents.keys(), below);
  return body === undefined ? errorPage(404) : textPage(body);
}
