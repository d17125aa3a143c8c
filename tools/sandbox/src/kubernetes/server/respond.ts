import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

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
