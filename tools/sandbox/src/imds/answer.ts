import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { listing } from './documents.ts';

const names: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An error of the metadata service: always a small XHTML page, whatever was asked for. */
function errorPage(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const title = `${status} - ${names[status] ?? 'Error'}`;
  return {
    status,
    headers: { ...headers, 'content-type': 'text/html', server: 'EC2ws' },
    body: `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${title}</title>
 </head>
 <body>
  <h1>${title}</h1>
 </body>
</html>
`,
  };
}

/** A document of the metadata service: always `text/plain`, also when it is JSON. */
function textPage(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { ...headers, 'content-type': 'text/plain', server: 'EC2ws' }, body };
}

/** The session tokens of one metadata service. */
interface ImdsTokens {
  /** Issues a token for that many seconds. */
  readonly issue: (ttlSeconds: number) => string;
  readonly isValid: (token: string) => boolean;
  /** From now on none of the issued tokens is known: the next request with one answers 401. */
  readonly invalidate: () => void;
}

/** The longest life of a token, in seconds: six hours. */
const maxTokenTtlSeconds = 21_600;

/** Parses the TTL header; undefined when the real service would answer 400. */
function parseTokenTtl(header: string | undefined): number | undefined {
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

/**
 * How the metadata service takes tokens: `v2-required` (401 without), `v2-optional` (works with and without),
 * or `v1-only`: an old or restricted service whose token route answers with that status.
 */
export type ImdsMode = 'v2-required' | 'v2-optional' | { readonly v1Only: 403 | 404 | 405 };

/** How a request stood with its session token. */
export type TokenUse = 'none' | 'valid' | 'invalid';

/** What the answer depends on. */
interface ImdsState {
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
