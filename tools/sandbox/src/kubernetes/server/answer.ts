import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ApiError, Status } from '../status.ts';
import type { WatchSink } from '../watch/watcher.ts';

/** What a request is answered with. */
export type Answer =
  | {
      readonly kind: 'json';
      readonly code: number;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'text';
      readonly code: number;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A stream of lines; `open` starts it and answers how to stop it. */
  | { readonly kind: 'watch'; readonly code: 200; readonly open: (sink: WatchSink) => () => void };

/** An answer that is a value. */
export function json(code: number, value: unknown): Answer {
  return { kind: 'json', code, text: JSON.stringify(value) };
}

/** An answer that is a Status, with the `Retry-After` that goes with it. */
export function statusAnswer(status: Status & { readonly code: number }): Answer {
  const seconds = status.details?.retryAfterSeconds ?? 0;
  const answer = { kind: 'json', code: status.code, text: JSON.stringify(status) } as const;
  return seconds > 0 ? { ...answer, headers: { 'retry-after': String(seconds) } } : answer;
}

/** The answer to a request that was refused. */
export function refusal(error: ApiError): Answer {
  return statusAnswer(error.status);
}

/** 429 as API Priority and Fairness answers it: no Status, but when to come again. */
export function flowControl(retryAfterSeconds: number): Answer {
  return {
    kind: 'text',
    code: 429,
    text: 'Too many requests, please try again later.\n',
    headers: { 'retry-after': String(retryAfterSeconds), 'x-content-type-options': 'nosniff' },
  };
}

/** 404 for a path that belongs to nothing the server knows. */
export function pageNotFound(): Answer {
  return { kind: 'text', code: 404, text: '404 page not found\n' };
}

/** A watcher that is so many bytes behind is cut off, as the real server does with slow clients. */
const maxPendingBytes = 32 * 1024 * 1024;

function commonHeaders(): Record<string, string> {
  return { 'audit-id': randomUUID(), 'cache-control': 'no-cache, private' };
}

/** Sends an answer; a truncated one ends in the middle of its body, and so does its connection. */
export function respond(response: ServerResponse, answer: Answer, options: { readonly truncated: boolean }): void {
  if (answer.kind === 'watch') {
    respondWatch(response, answer);
    return;
  }
  const body = Buffer.from(answer.text);
  const type = answer.kind === 'json' ? 'application/json' : 'text/plain; charset=utf-8';
  response.writeHead(answer.code, {
    ...commonHeaders(),
    'content-type': type,
    'content-length': body.length,
    ...answer.headers,
  });
  if (!options.truncated) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

function respondWatch(response: ServerResponse, answer: Extract<Answer, { kind: 'watch' }>): void {
  response.writeHead(answer.code, { ...commonHeaders(), 'content-type': 'application/json' });
  response.flushHeaders();
  const stop = answer.open({
    send: (line) => {
      if (response.writableEnded || response.destroyed) return;
      response.write(line);
      if (response.writableLength > maxPendingBytes) response.destroy();
    },
    end: () => response.end(),
  });
  response.once('close', stop);
}
