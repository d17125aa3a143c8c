import { onAbort } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { send, sendHalf, sendUnfinished } from '../../http/answer.ts';
import type { Answer } from '../../http/answer.ts';
import type { ApiError } from '../status.ts';
import type { WatchSink } from '../watch/watcher.ts';

/** A stream of lines; `open` starts it and answers how to stop it. */
export interface WatchAnswer {
  readonly status: 200;
  readonly open: (sink: WatchSink) => () => void;
}

/** A watcher that is so many bytes behind is cut off, as the real server does with slow clients. */
const maxPendingBytes = 32 * 1024 * 1024;

/** An answer that is JSON, written already. */
export function jsonText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** An answer that is a value. */
export function json(status: number, value: unknown): Answer {
  return jsonText(status, JSON.stringify(value));
}

/** An answer that is plain text. */
export function plainText(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

/** The answer to a request that was refused: a Status, with the `Retry-After` that goes with it. */
export function refusal({ status }: ApiError): Answer {
  const answer = json(status.code, status);
  const seconds = status.details?.retryAfterSeconds ?? 0;
  return seconds > 0 ? { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } } : answer;
}

/** 429 as API Priority and Fairness answers it: no Status, but when to come again. */
export function flowControl(retryAfterSeconds: number): Answer {
  const headers = { 'retry-after': String(retryAfterSeconds), 'x-content-type-options': 'nosniff' };
  return plainText(429, 'Too many requests, please try again later.\n', headers);
}

/** 404 for a path that belongs to nothing the server knows. */
export function pageNotFound(): Answer {
  return plainText(404, '404 page not found\n');
}

/** How an answer is spoiled: it ends in the middle of its body with its connection, or has no end. */
export type Spoiled = 'truncate' | 'stall' | 'trickle' | undefined;

/** Sends an answer, a stream until the signal aborts. */
export async function respond(
  response: ServerResponse,
  answer: Answer | WatchAnswer,
  options: { readonly spoiled: Spoiled; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  response.setHeader('audit-id', randomUUID());
  response.setHeader('cache-control', 'no-cache, private');
  if ('open' in answer) respondWatch(response, answer, options.signal);
  else if (options.spoiled === 'truncate') await sendHalf(response, answer);
  else if (options.spoiled === undefined) send(response, answer);
  else sendUnfinished(response, answer, { kind: options.spoiled, clock: options.clock });
}

function respondWatch(response: ServerResponse, answer: WatchAnswer, signal: AbortSignal): void {
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.flushHeaders();
  const stop = answer.open({
    send: (line) => {
      if (response.writableEnded || response.destroyed) return;
      response.write(line);
      if (response.writableLength > maxPendingBytes) response.destroy();
    },
    end: () => response.end(),
  });
  onAbort(signal, stop);
}
