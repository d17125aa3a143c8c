import type * as Http from 'node:http';
import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import type { Ending } from './ending.ts';
import { faultOf, HttpConnectionError, UnsupportedAddressError } from './errors.ts';

/**
 * `node:http`, which `import` would read with its every export, and with them load a second HTTP client and a WebSocket: 10 MiB that nobody
 * needs.
 */
export function plainHttp(): typeof Http {
  return process.getBuiltinModule('node:http');
}

/** Where a tunnel leads. */
interface Target {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http:', 80],
  ['https:', 443],
]);
const SOCKS_PORT = 1080;

/** The versions of SOCKS, by the protocol of a proxy's URL; names are resolved by the proxy in all of them. */
const SOCKS_VERSIONS: ReadonlyMap<string, 4 | 5> = new Map([
  ['socks:', 5],
  ['socks4:', 4],
  ['socks4a:', 4],
  ['socks5:', 5],
  ['socks5h:', 5],
]);

/** Whether requests can go through a proxy at all. @throws {@link UnsupportedAddressError} when they can't. */
export function checkProxy({ protocol }: URL): void {
  if (DEFAULT_PORTS.has(protocol) || SOCKS_VERSIONS.has(protocol)) return;
  const known = [...DEFAULT_PORTS.keys(), ...SOCKS_VERSIONS.keys()].join(', ');
  throw new UnsupportedAddressError(`a proxy with ${protocol} is not supported: it must be one of ${known}`);
}

export function isSocks(proxy: URL): boolean {
  return SOCKS_VERSIONS.has(proxy.protocol);
}

/**
 * Opens a way through a proxy. The connection to the proxy is destroyed as soon as the request ends, at whatever point that is.
 *
 * @throws {@link HttpConnectionError}, or the reason of the ending.
 * @see https://www.rfc-editor.org/rfc/rfc9110#CONNECT
 * @see https://www.rfc-editor.org/rfc/rfc1928
 */
export async function openTunnel(proxy: URL, target: Target, tls: ConnectionOptions, ending: Ending): Promise<Socket> {
  ending.throwIfEnded();
  const socket = connectTo(proxy, tls);
  using _listener = ending.onEnd((reason) => socket.destroy(reason));
  try {
    await (isSocks(proxy) ? throughSocks(proxy, target, socket) : throughConnect(proxy, target, socket));
    return socket;
  } catch (error) {
    socket.destroy();
    ending.throwIfEnded();
    if (error instanceof HttpConnectionError) throw error;
    const { text, ...code } = faultOf(error);
    throw new HttpConnectionError(`proxy ${proxy.host}: ${text}`, { stage: 'connection', ...code });
  }
}

function connectTo(proxy: URL, tls: ConnectionOptions): Socket {
  const host = hostOf(proxy);
  const port = proxy.port === '' ? (DEFAULT_PORTS.get(proxy.protocol) ?? SOCKS_PORT) : Number(proxy.port);
  const isSecure = proxy.protocol === 'https:';
  const socket = isSecure ? connectTls({ ...tlsOfProxy(proxy, tls), host, port }) : connect({ host, port });
  // Heard elsewhere while the tunnel is dug; afterwards by whoever uses it.
  socket.on('error', () => undefined);
  return socket;
}

/**
 * How TLS is spoken with a proxy: trusted as the server is, but asked for by its own name, without which one that has several certificates
 * shows any of them. An address is no name.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6066#section-3
 */
export function tlsOfProxy(proxy: URL, tls: ConnectionOptions): ConnectionOptions {
  const host = hostOf(proxy);
  return { ...tls, servername: isIP(host) === 0 ? host : '' };
}

/** A URL writes an IPv6 address in brackets, a socket wants it without. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The header by which a proxy knows its user. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  const credentials = basicCredentials(proxy);
  return credentials === undefined ? {} : { 'Proxy-Authorization': credentials };
}

/** User and password of a URL as a header's value; `undefined` where it has none. */
export function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** What a part of a URL stands for. A bare `%` is what was typed: nobody can have meant anything else. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function throughConnect(proxy: URL, { host, port }: Target, socket: Socket): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const request = plainHttp().request({
    method: 'CONNECT',
    path: authority,
    headers: { Host: authority, ...proxyAuthorization(proxy) },
    createConnection: () => socket,
  });
  request.once('error', reject);
  request.once('connect', ({ statusCode = 0, headers }, _socket, head) => {
    if (statusCode >= 200 && statusCode <= 299) {
      if (head.length > 0) socket.unshift(head);
      resolve(undefined);
      return;
    }
    const hint = statusCode === 407 ? ': it wants credentials' : '';
    const message = `the proxy ${proxy.host} refuses the connection with status ${statusCode}${hint}`;
    reject(new HttpConnectionError(message, { stage: 'connection', answer: { status: statusCode, headers } }));
  });
  request.end();
  await promise;
}

async function throughSocks(proxy: URL, destination: Target, socket: Socket): Promise<void> {
  const connected = Promise.withResolvers<undefined>();
  socket.once('connect', () => connected.resolve(undefined));
  socket.once('error', connected.reject);
  await connected.promise;
  // Loaded for such a proxy alone.
  const { SocksClient } = await import('socks');
  const { hostname: host, username, password } = proxy;
  await SocksClient.createConnection({
    command: 'connect',
    destination,
    existing_socket: socket,
    proxy: {
      host,
      port: Number(proxy.port) || SOCKS_PORT,
      type: SOCKS_VERSIONS.get(proxy.protocol) ?? 5,
      ...(username === '' ? {} : { userId: decoded(username), password: decoded(password) }),
    },
  });
}
