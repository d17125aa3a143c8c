import type { Agent as HttpAgent, AgentOptions, ClientRequest, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Agent as HttpsAgent, request as requestOverTls } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { Ending } from './ending.ts';
import { UnsupportedAddressError } from './errors.ts';
import type { HttpClientOptions, TlsOptions } from './options.ts';
import { checkProxy, hostOf, isSocks, openTunnel, plainHttp, proxyAuthorization, tlsOfProxy } from './tunnel.ts';

/** The connections of one client. */
export type Pool = ReturnType<typeof createPool>;

/** How one URL is reached. */
export interface Route {
  readonly agent: HttpAgent;
  /** Opens a request, whose ending ends the making of its connection. */
  readonly open: (options: RequestOptions, ending: Ending) => ClientRequest;
}

/** The ending of the request that a connection is made for, as it comes through the agent. */
const abandonedBy = Symbol('abandonedBy');
type Connecting = RequestOptions & { readonly socket?: Socket; readonly [abandonedBy]?: Ending };
type OnConnection = Parameters<HttpAgent['createConnection']>[1];

/** Makes a pool; nothing is opened before it is needed. */
export function createPool(options: HttpClientOptions) {
  const { tls: given = {}, proxy: proxyOf, keptForMs = 30_000, keptConnections = 256 } = options;
  const agents = new Map<string, HttpAgent>();
  const kept: AgentOptions = {
    keepAlive: true,
    maxFreeSockets: keptConnections,
    scheduling: 'lifo',
    timeout: keptForMs,
  };
  let tls: ConnectionOptions | undefined;

  /** Parsed once: each connection would otherwise read the certificates anew and keep its own copy of them. */
  function tlsOptions(): ConnectionOptions {
    tls ??= connectionOptions(given);
    return tls;
  }

  function agentFor(name: string, make: () => HttpAgent): HttpAgent {
    const agent = agents.get(name) ?? make();
    agents.set(name, agent);
    return agent;
  }

  /** @throws {@link UnsupportedAddressError} */
  function routeTo(url: URL): Route {
    const isSecure = url.protocol === 'https:';
    if (!isSecure && url.protocol !== 'http:')
      throw new UnsupportedAddressError(`${url.protocol} is not supported: an address begins with http:// or https://`);
    const proxy = proxyOf?.(url);
    if (proxy !== undefined) checkProxy(proxy);
    if (proxy === undefined) return isSecure ? secure(undefined) : plain(undefined);
    if (isSecure) return secure(proxy);
    return isSocks(proxy) ? plain(proxy) : forwarded(proxy, url);
  }

  function secure(proxy: URL | undefined): Route {
    const agent = agentFor(`https ${proxy?.href ?? ''}`, () => {
      const made = new HttpsAgent({ ...kept, ...tlsOptions() });
      if (proxy !== undefined) {
        const wrap = made.createConnection.bind(made) as (options: Connecting) => Duplex;
        digTunnels(made, proxy, (socket, connecting) => wrap({ ...connecting, socket }));
      }
      return made;
    });
    return overTls(agent);
  }

  /** By itself: Node would ask the proxy for the name that stands in the header `Host`, which is the server's. */
  function toSecureProxy(proxy: URL): Route {
    const agent = agentFor(
      `proxy ${proxy.host}`,
      () => new HttpsAgent({ ...kept, ...tlsOfProxy(proxy, tlsOptions()) }),
    );
    return overTls(agent);
  }

  function plain(proxy: URL | undefined): Route {
    const agent = agentFor(`http ${proxy?.href ?? ''}`, () => {
      const made = new (plainHttp().Agent)(kept);
      if (proxy !== undefined) digTunnels(made, proxy, (socket) => socket);
      return made;
    });
    return {
      agent,
      open: (wanted, ending) => plainHttp().request({ ...wanted, agent, [abandonedBy]: ending } as RequestOptions),
    };
  }

  /** An HTTP proxy is asked for the whole address of what goes in the clear. */
  function forwarded(proxy: URL, url: URL): Route {
    const { agent, open } = proxy.protocol === 'https:' ? toSecureProxy(proxy) : plain(undefined);
    const { protocol, port } = proxy;
    return {
      agent,
      open: (wanted, ending) => {
        const headers = { Host: url.host, ...(wanted.headers as object), ...proxyAuthorization(proxy) };
        const path = `http://${url.host}${wanted.path ?? '/'}`;
        return open({ ...wanted, protocol, hostname: hostOf(proxy), port, path, headers }, ending);
      },
    };
  }

  function digTunnels(agent: HttpAgent, proxy: URL, wrap: (socket: Socket, connecting: Connecting) => Duplex): void {
    agent.createConnection = (connecting: Connecting, onConnection: OnConnection) => {
      const { host, port, [abandonedBy]: ending = new Ending() } = connecting;
      const target = { host: host ?? '', port: Number(port) };
      openTunnel(proxy, target, tlsOptions(), ending).then(
        (socket) => onConnection?.(null, wrap(socket, connecting)),
        (error: unknown) => onConnection?.(error as Error, undefined as never),
      );
      return undefined;
    };
  }

  /** Closes what carries nothing. */
  function closeIdle(agent: HttpAgent): void {
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of [...(sockets ?? [])]) socket.destroy();
  }

  return {
    routeTo,
    closeIdle,
    /** Lets what is under way end, and keeps no connection after it. */
    retire(): void {
      for (const agent of agents.values()) {
        agent.maxFreeSockets = 0;
        closeIdle(agent);
      }
    },
    destroy(): void {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function overTls(agent: HttpAgent): Route {
  return {
    agent,
    open: (wanted, ending) => requestOverTls({ ...wanted, agent, [abandonedBy]: ending } as RequestOptions),
  };
}

/** Verification is said explicitly: where it is not, an environment variable decides. */
function connectionOptions({ servername, verify = true, ...material }: TlsOptions): ConnectionOptions {
  return {
    rejectUnauthorized: verify,
    secureContext: createSecureContext(material),
    ...(servername === undefined ? {} : { servername }),
  };
}
