import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { timeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { WebhookDeliveryError } from './errors.ts';

/** Opens a request, as `node:http` and `node:https` do. */
export type OpenRequest = (
  url: URL,
  options: RequestOptions,
  onResponse: (response: IncomingMessage) => void,
) => ClientRequest;

/** One POST, ready to go. */
export interface PostRequest {
  readonly open: OpenRequest;
  readonly agent: Agent;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** What of an answer matters to the notifier; bodies are read to free the connection, and forgotten. */
export interface PostAnswer {
  readonly statusCode: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
}

/** How much of an answer's body is read, in bytes; a longer one costs its connection. */
const BODY_LIMIT = 64 * 1024;

/**
 * Posts once.
 *
 * An answer counts from its head on: a body that stalls, breaks off or has no end takes nothing from a status that was given.
 *
 * @throws {@link WebhookDeliveryError} with `timeout`, `network` or `aborted`.
 */
export async function post(options: PostRequest): Promise<PostAnswer> {
  const { open, agent, url, headers, body, timeoutMs, signal, clock } = options;
  using limit = timeLimit({ clock, limitMs: timeoutMs, signals: [signal] });
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  let answer: PostAnswer | undefined;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (answer !== undefined) resolve(answer);
    else if (signal.aborted) reject(new WebhookDeliveryError('aborted', 'the delivery was given up'));
    else if (limit.signal.aborted)
      reject(new WebhookDeliveryError('timeout', `there was no answer within ${timeoutMs} ms`));
    else reject(networkFault(error));
  };
  try {
    const request = open(
      url,
      {
        method: 'POST',
        agent,
        headers: { ...headers, 'Content-Length': body.length },
        signal: limit.signal,
      },
      (response) => {
        const given = answerOf(response);
        answer = given;
        let received = 0;
        response.on('data', (chunk: Buffer) => {
          received += chunk.length;
          if (received > BODY_LIMIT) response.destroy();
        });
        response.on('error', () => resolve(given));
        response.on('close', () => resolve(given));
      },
    );
    request.on('error', fail);
    request.end(body);
  } catch (error) {
    fail(error instanceof Error ? error : new Error('the request could not be made'));
  }
  // The time limit holds to the end, also for the body.
  return await promise;
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): PostAnswer {
  return { statusCode, retryAfter: headers['retry-after'], location: headers.location };
}

function networkFault(error: NodeJS.ErrnoException): WebhookDeliveryError {
  // A code is an identifier of Node's or OpenSSL's; the message beside it may hold the host or the proxy.
  const { code } = error;
  return typeof code === 'string'
    ? new WebhookDeliveryError('network', `the connection failed (${code})`, { code })
    : new WebhookDeliveryError('network', 'the connection failed');
}

/** How to reach one kind of address: the function that opens requests, and the agent that pools their connections. */
interface Transport {
  readonly open: OpenRequest;
  readonly agent: Agent;
}

/** Hands out transports by protocol and closes them all. */
export interface Transports {
  transportFor(protocol: string): Promise<Transport>;
  close(): void;
}

/**
 * Opens transports as they are needed: TLS and the proxy agents are loaded at the first notification that goes through them.
 *
 * A proxy is asked to forward `http:` requests, and to tunnel `https:` ones.
 */
export function createTransports(proxy: URL | undefined): Transports {
  const opened = new Map<string, Promise<Transport>>();
  const agents = new Set<Agent>();
  return {
    transportFor(protocol) {
      const transport = opened.get(protocol) ?? openTransport(protocol, proxy, agents);
      opened.set(protocol, transport);
      return transport;
    },
    close() {
      for (const agent of agents) agent.destroy();
      agents.clear();
      opened.clear();
    },
  };
}

// Notifications come in bursts: a connection waits a second for the next one, and no longer, before the receiver gives it up.
const POOLING = { keepAlive: true, timeout: 1000 };

async function openTransport(protocol: string, proxy: URL | undefined, agents: Set<Agent>): Promise<Transport> {
  const transport = protocol === 'https:' ? await secureTransport(proxy) : await plainTransport(proxy);
  agents.add(transport.agent);
  return transport;
}

async function plainTransport(proxy: URL | undefined): Promise<Transport> {
  const { Agent, request } = await import('node:http');
  if (proxy === undefined) return { open: request, agent: new Agent(POOLING) };
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return { open: request, agent: new HttpProxyAgent(withoutCredentials(proxy), { headers: authorization(proxy) }) };
}

async function secureTransport(proxy: URL | undefined): Promise<Transport> {
  const { Agent, request } = await import('node:https');
  if (proxy === undefined) return { open: request, agent: new Agent(POOLING) };
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return { open: request, agent: new HttpsProxyAgent(withoutCredentials(proxy), { headers: authorization(proxy) }) };
}

// The agents write the proxy's address to their debug log; the credentials are handed to them where they do not.
function withoutCredentials(proxy: URL): URL {
  const bare = new URL(proxy);
  bare.username = '';
  bare.password = '';
  return bare;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
