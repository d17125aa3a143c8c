import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { startLoopbackServer } from '../http/server.ts';

/** One request that came to the proxy. */
interface ProxyRequest {
  /** In ms since the epoch. */
  readonly at: number;
  /** `CONNECT` for a tunnel, else the forwarded request's own method. */
  readonly method: string;
  /** `host:port` of a tunnel, else the absolute URL. */
  readonly target: string;
  /** Whether it carried the right credentials, or none are needed. */
  readonly authorized: boolean;
}

/** What a proxy is started with. */
export interface ProxyOptions {
  /** Basic authentication that clients must show. Default: none. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Hosts that nobody else can look up, each with the origin that it stands for: `{ 'aws.internal.test': 'http://127.0.0.1:4566' }`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** A running HTTP proxy that tunnels (CONNECT) and forwards, to targets on the loopback interface only. */
export interface ProxySimulator extends AsyncDisposable {
  /** For `WEBHOOK_PROXY` or `HTTP_PROXY`, without credentials. */
  readonly url: string;
  /** Oldest first. */
  readonly requests: () => readonly ProxyRequest[];
  /** From now on every tunnel and request is refused with this status; undefined ends it. */
  readonly refuseWith: (status: number | undefined) => void;
  /** From now on tunnels and requests are taken and never answered; call the answer to end that for those that come later. */
  readonly fallSilent: () => () => void;
}

/** Where a target is on this machine: itself, or what a name stands for; undefined where it is elsewhere. */
function loopbackUrl(target: string, names: Readonly<Record<string, string>>): URL | undefined {
  const url = URL.parse(target);
  if (url?.protocol !== 'http:') return undefined;
  const named = names[url.hostname];
  if (named !== undefined) return new URL(url.pathname + url.search, named);
  return url.hostname === '127.0.0.1' || url.hostname === 'localhost' ? url : undefined;
}

/** Starts the proxy. */
export async function startProxy({
  credentials,
  names = {},
  clock = systemClock,
}: ProxyOptions = {}): Promise<ProxySimulator> {
  const requests: ProxyRequest[] = [];
  let refusal: number | undefined;
  let isSilent = false;
  const expected =
    credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;

  /** Records a request and tells the status to refuse it with, if any. */
  const judge = (request: IncomingMessage, target: string): number | undefined => {
    const authorized = expected === undefined || request.headers['proxy-authorization'] === expected;
    requests.push({ at: clock.now(), method: request.method ?? 'GET', target, authorized });
    return authorized ? refusal : 407;
  };

  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? '/';
    const target = loopbackUrl(url, names);
    const status = judge(request, url) ?? (target === undefined ? 502 : undefined);
    if (isSilent) return;
    if (status !== undefined || target === undefined) {
      response.writeHead(status ?? 502, status === 407 ? { 'proxy-authenticate': 'Basic realm="sandbox"' } : {}).end();
      return;
    }
    const { 'proxy-authorization': _credentials, 'proxy-connection': _connection, ...headers } = request.headers;
    const onward = httpRequest(target, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.headersSent || response.writeHead(502).end());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };

  const server = await startLoopbackServer(forward);
  server.server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const target = loopbackUrl(`http://${request.url ?? ''}`, names);
    const status = judge(request, request.url ?? '') ?? (target === undefined ? 502 : undefined);
    client.on('error', () => client.destroy());
    if (isSilent) {
      client.resume().on('end', () => client.end());
      return;
    }
    if (status !== undefined || target === undefined) {
      const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="sandbox"\r\n' : '';
      client.end(`HTTP/1.1 ${status ?? 502} Refused\r\n${challenge}Content-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const place = { host: '127.0.0.1', port: Number(target.port === '' ? 80 : target.port) };
    const upstream = connect(place, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });

  return {
    url: server.url,
    requests: () => requests,
    refuseWith: (status) => void (refusal = status),
    fallSilent: () => {
      isSilent = true;
      return () => (isSilent = false);
    },
    // Ends the tunnels too, since their clients' connections end.
    [Symbol.asyncDispose]: server[Symbol.asyncDispose],
  };
}
