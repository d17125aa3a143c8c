import { abortable, systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { IncomingHttpHeaders } from 'node:http';
import { createFaultBook } from '../fault-book.ts';
import type { FaultBook, Recorded } from '../fault-book.ts';
import { answerWithFault } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { readBody, startLoopbackServer } from '../http/server.ts';
import type { KeyPair } from '../http/server.ts';

/** One request that reached the webhook receiver. */
interface WebhookDelivery {
  /** In ms since the epoch. */
  readonly at: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Undefined while unanswered, and when it never was. */
  readonly status: number | undefined;
}

/** What a webhook receiver is started with. */
export interface WebhookReceiverOptions {
  /** Serve HTTPS with this certificate. Default: plain HTTP. */
  readonly tls?: KeyPair;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** A running webhook receiver. */
export interface WebhookReceiver extends AsyncDisposable {
  /** For `WEBHOOK_URL`. */
  readonly url: string;
  /** Oldest first. */
  readonly deliveries: () => readonly WebhookDelivery[];
  /**
   * Waits until that many requests have come.
   * @throws the signal's reason when it aborts first
   */
  readonly waitFor: (count: number, signal: AbortSignal) => Promise<readonly WebhookDelivery[]>;
  /** The answer from now on. Default 200 `ok`. */
  readonly setAnswer: (answer: { readonly status: number; readonly body?: string }) => void;
  /** Every request is redirected back to the receiver, for ever. Call the answer to end it. */
  readonly redirectInCircles: () => () => void;
  /** Latency, errors, hanging, endless bodies, resets. */
  readonly faults: FaultBook<WebhookDelivery>;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

/** Starts a receiver that records what comes, on the loopback interface. */
export async function startWebhookReceiver(options: WebhookReceiverOptions = {}): Promise<WebhookReceiver> {
  const { clock = systemClock } = options;
  const faults = createFaultBook<WebhookDelivery>();
  const deliveries: WebhookDelivery[] = [];
  let arrival = Promise.withResolvers<undefined>();
  let answer: Answer = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };

  const server = await startLoopbackServer(async (request, response, closed) => {
    const delivery: Recorded<WebhookDelivery> = {
      at: clock.now(),
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: request.headers,
      body: await readBody(request),
      status: undefined,
    };
    deliveries.push(delivery);
    arrival.resolve(undefined);
    arrival = Promise.withResolvers();
    const fault = faults.take(delivery);
    const { status } = await answerWithFault(response, { clock, closed, fault, work: () => answer });
    delivery.status = status;
  }, options);
  return {
    url: `${server.url}/webhook`,
    deliveries: () => deliveries,
    waitFor: async (count, signal) => {
      signal.throwIfAborted();
      while (deliveries.length < count) await abortable(arrival.promise, signal);
      return deliveries;
    },
    setAnswer: ({ status, body = '' }) => void (answer = { status, body }),
    redirectInCircles: () =>
      faults.add({
        misbehaviour: { kind: 'status', status: 307, headers: { location: `${server.url}/webhook?again` } },
      }),
    faults,
    pause: server.pause,
    resume: server.resume,
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
}
