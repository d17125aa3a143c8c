import type { IncomingHttpHeaders } from 'node:http';

/** How far an exchange had come: no connection yet, a connection but no answer, an answer without its end. */
export type HttpStage = 'connection' | 'answer' | 'body';

/** What an answer says before its body. */
export interface AnswerHead {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: IncomingHttpHeaders;
}

/** What is known of an exchange that failed. */
export interface HttpErrorDetails {
  readonly stage: HttpStage;
  /** The head of the answer, where that had come: the proxy's, where that refuses a tunnel. */
  readonly answer?: AnswerHead | undefined;
}

/** No whole answer came; the subclasses say why. */
export abstract class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly stage: HttpStage;
  /** The head of the answer, where that had come: the proxy's, where that refuses a tunnel. */
  readonly answer: AnswerHead | undefined;

  constructor(message: string, { stage, answer }: HttpErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
    this.answer = answer;
  }
}

const MISSING: Record<HttpStage, string> = {
  connection: 'no connection',
  answer: 'no answer',
  body: 'no end of the answer',
};

/** The time that an exchange was given is over, or a stream was silent for longer than it may be. */
export class HttpTimeoutError extends HttpError {
  override readonly name = 'HttpTimeoutError';
  /** How long it was given, in milliseconds. */
  readonly limitMs: number;

  constructor(limitMs: number, details: HttpErrorDetails, message?: string) {
    super(message ?? `${MISSING[details.stage]} within ${Math.round(limitMs)} ms`, details);
    this.limitMs = limitMs;
  }
}

/**
 * The connection could not be made or broke, the proxy refused it, or what came over it is no answer or a longer one than is read.
 *
 * Neither the message nor the cause has the credentials of a proxy; both may name its host.
 */
export class HttpConnectionError extends HttpError {
  override readonly name = 'HttpConnectionError';
  /** Node's or OpenSSL's name of the fault, such as `ECONNREFUSED`, where it has one. */
  readonly code: string | undefined;
  /**
   * Whether the connection had carried other requests and was lost before this one was answered. That says nothing of the server as it is
   * now, nor whether it took the request.
   */
  readonly wasKept: boolean;

  constructor(
    message: string,
    {
      code,
      wasKept = false,
      cause,
      ...details
    }: HttpErrorDetails & { code?: string; wasKept?: boolean; cause?: unknown },
  ) {
    super(message, details, cause === undefined ? {} : { cause });
    this.code = code;
    this.wasKept = wasKept;
  }
}

/** An address that can't be reached this way whatever happens: neither `http:` nor `https:`, or a proxy of an unknown kind. */
export class UnsupportedAddressError extends Error {
  override readonly name = 'UnsupportedAddressError';
}

/** What an error of Node says, and its name for it. */
export function faultOf(error: unknown): { readonly text: string; readonly code?: string } {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const named: { readonly code?: string } = typeof code === 'string' ? { code } : {};
  // Several addresses of one name were tried: the error that tells of them all has no words of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const text = first instanceof Error ? first.message : String(first);
  return { text: text === '' ? (named.code ?? 'unknown fault') : text, ...named };
}
