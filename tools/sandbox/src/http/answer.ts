import { repeat, sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Fault } from '../fault-book.ts';

/** A whole HTTP answer, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What became of an answer. */
type Delivery = 'sent' | 'reset' | 'hung' | 'client-gone';

/** Sends an answer, unless the client has gone away meanwhile. */
export function send(response: ServerResponse, answer: Answer): Delivery {
  // It has no socket yet where the answer before it on the connection has not been written off.
  if (response.destroyed || response.socket?.destroyed === true) return 'client-gone';
  response.writeHead(answer.status, { 'content-length': Buffer.byteLength(answer.body), ...answer.headers });
  response.end(answer.body);
  return 'sent';
}

function resetConnection(response: ServerResponse): Delivery {
  const { socket } = response;
  // Only a bare TCP socket can send a reset; under TLS an end without a farewell is the nearest thing.
  if (socket !== null && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
  response.destroy();
  return 'reset';
}

/** Sends half of an answer, and ends the connection in the middle of its body. */
export function sendHalf(response: ServerResponse, answer: Answer): Promise<Delivery> {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
  return new Promise((resolve) => {
    response.once('close', () => resolve('reset'));
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => resolve(resetConnection(response)));
  });
}

/** How much more an answer that stalls or trickles announces than it will ever send, in bytes. */
const NEVER_SENT = 3600;

/** Sends the head of an answer and a piece of its body, and from then on nothing, or a byte a second until the client has had enough. */
export function sendUnfinished(
  response: ServerResponse,
  answer: Answer,
  { kind, clock }: { readonly kind: 'stall' | 'trickle'; readonly clock: Clock },
): Delivery {
  const bytes = Buffer.concat([Buffer.from(answer.body), Buffer.alloc(NEVER_SENT, ' ')]);
  let sent = Math.ceil((bytes.length - NEVER_SENT) / 2);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
  response.flushHeaders();
  response.write(bytes.subarray(0, sent));
  if (kind === 'stall') return 'hung';
  const drops = repeat(
    clock,
    1000,
    () => {
      response.write(bytes.subarray(sent, sent + 1));
      sent += 1;
      if (sent === bytes.length - 1) drops.stop();
    },
    { keepsProcessAlive: false },
  );
  response.once('close', () => drops.stop());
  return 'hung';
}

function sendEndlessly(response: ServerResponse): Delivery {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const chunk = 'x'.repeat(16 * 1024);
  const more = (): void => {
    if (response.destroyed) return;
    // Only a client that reads gets more: what is tried is when it gives up, not the sandbox's memory.
    if (response.write(chunk)) setImmediate(more);
    else response.once('drain', more);
  };
  more();
  return 'hung';
}

/** How {@link answerWithFault} answers. */
export interface AnswerOptions {
  readonly clock: Clock;
  /** Aborts when the sandbox closes: whoever still waits gets no answer. */
  readonly closed: AbortSignal;
  readonly fault: Fault;
  /** Makes the right answer; called at most once, and not at all when the fault keeps the request from being carried out. */
  readonly work: () => Promise<Answer> | Answer;
  /** The answer for a service error (`kind: 'error'`). Default: a bare 500. */
  readonly formatError?: (error: { code: string; message: string; status: number | undefined }) => Answer;
}

/** Carries out a request and answers it, with the fault that falls on it. */
export async function answerWithFault(
  response: ServerResponse,
  { clock, closed, fault: { delayMs, misbehaviour }, work, formatError }: AnswerOptions,
): Promise<{ readonly delivery: Delivery; readonly status: number | undefined }> {
  if (delayMs > 0) await sleep(clock, delayMs, closed, { keepsProcessAlive: false });
  switch (misbehaviour?.kind) {
    case undefined: {
      const answer = await work();
      return { delivery: send(response, answer), status: answer.status };
    }
    case 'status': {
      const { status, body, headers } = misbehaviour;
      const answer = { status, body: body ?? '', ...(headers && { headers }) };
      return { delivery: send(response, answer), status };
    }
    case 'error': {
      const { code, message, status } = misbehaviour;
      const answer = formatError?.({ code, message: message ?? code, status }) ?? { status: 500, body: code };
      return { delivery: send(response, answer), status: answer.status };
    }
    case 'reset':
      if (misbehaviour.when === 'after') await work();
      return { delivery: resetConnection(response), status: undefined };
    case 'half-body': {
      const answer = await work();
      return { delivery: await sendHalf(response, answer), status: answer.status };
    }
    case 'stall':
    case 'trickle': {
      const answer = await work();
      return { delivery: sendUnfinished(response, answer, { kind: misbehaviour.kind, clock }), status: answer.status };
    }
    case 'hang':
      return { delivery: 'hung', status: undefined };
    case 'endless':
      return { delivery: sendEndlessly(response), status: 200 };
  }
}
