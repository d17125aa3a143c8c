import type { Clock } from '@node-termination-handler/clock';
import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { listing } from './documents.ts';

/**
 * How the metadata service takes tokens: `v2-required` (401 without), `v2-optional` (works with and without),
 * or `v1-only`: an old or restricted service whose token route answers with that status.
 */
export type ImdsMode = 'v2-required' | 'v2-optional' | { readonly v1Only: 403 | 404 | 405 };

/** How a request stood with its session token. */
export type TokenUse = 'none' | 'valid' | 'invalid';

/** What the answer depends on. */
export interface ImdsState {
  readonly clock: Clock;
  mode: ImdsMode;
  /** The session tokens, and when each of them expires, in ms since the epoch. */
  readonly tokens: Map<string, number>;
  /** By path below `/latest/`. */
  readonly documents: Map<string, string>;
}

/** The path of the route that gives tokens. */
export const tokenPath = '/latest/api/token';
const ttlHeader = 'x-aws-ec2-metadata-token-ttl-seconds';
/** The longest life of a token, in seconds: six hours. */
const maxTokenTtlSeconds = 21_600;

/** An error of the metadata service: always a small XHTML page, whatever was asked for. */
function errorPage(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const title = `${status} - ${STATUS_CODES[status] ?? 'Error'}`;
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

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function answerTokenRequest({ mode, tokens, clock }: ImdsState, method: string, headers: IncomingHttpHeaders): Answer {
  if (typeof mode === 'object') return errorPage(mode.v1Only);
  if (method !== 'PUT') return errorPage(405, { allow: 'OPTIONS, PUT' });
  // The real service refuses a token to anything that came through a proxy.
  if (headers['x-forwarded-for'] !== undefined) return errorPage(403);
  const asked = first(headers[ttlHeader])?.trim() ?? '';
  const ttlSeconds = Number(asked);
  if (!/^\d{1,5}$/.test(asked) || ttlSeconds < 1 || ttlSeconds > maxTokenTtlSeconds) return errorPage(400);
  const token = `${randomBytes(42).toString('base64url')}==`;
  tokens.set(token, clock.now() + ttlSeconds * 1000);
  return textPage(token, { [ttlHeader]: String(ttlSeconds) });
}

/** How the request stands with its token. A service that knows no tokens overlooks the header. */
export function tokenUse({ mode, tokens, clock }: ImdsState, headers: IncomingHttpHeaders): TokenUse {
  const token = first(headers['x-aws-ec2-metadata-token']);
  if (token === undefined || typeof mode === 'object') return 'none';
  return (tokens.get(token) ?? 0) > clock.now() ? 'valid' : 'invalid';
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
