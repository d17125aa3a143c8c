import type { Agent, request } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AgentOptions, RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { abortable } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { Credentials } from './credentials.ts';
import { readCredentials } from './credentials.ts';
import { isCertificateFault, isUnauthorized } from './errors.ts';
import type { ClusterAccess } from './options.ts';

/** Credentials and certificates are read again after so long: the rhythm of client-go and client-node. */
const REFRESH_MS = 60_000;
/** Renewing on demand (401, failed verification) is held to this, for when the answer stays no. */
const MIN_RENEWAL_MS = 1000;
/** A free connection is closed after so long, well before the server or a load balancer would. */
const IDLE_MS = 30_000;

/** What one request needs to reach the server. */
export interface Endpoint {
  readonly server: URL;
  readonly agent: Agent;
  readonly auth: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Counts renewals: who fails with an old one need not ask for another. */
  readonly generation: number;
}

export type EndpointSource = ReturnType<typeof createEndpoint>;

/** The endpoint, kept fresh: one pool of kept-alive connections, rebuilt only when its TLS material changes. */
export function createEndpoint(access: ClusterAccess, maxFreeSockets: number, clock: Clock) {
  let current: { endpoint: Endpoint; material: string; readAtMs: number } | undefined;
  let reading: Promise<Endpoint> | undefined;

  async function read(): Promise<Endpoint> {
    const generation = current ? current.endpoint.generation + 1 : 0;
    const credentials = await readCredentials(access, generation);
    const material = fingerprint(credentials);
    let agent = current?.endpoint.agent;
    if (agent === undefined || material !== current?.material) {
      if (agent) retire(agent);
      agent = createAgent(credentials, maxFreeSockets);
    }
    const { server, headers, tls } = credentials;
    const endpoint: Endpoint = { server, agent, auth: tls.auth ?? undefined, headers, generation };
    current = { endpoint, material, readAtMs: clock.monotonic() };
    return endpoint;
  }

  function refresh(): Promise<Endpoint> {
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  }

  async function get(): Promise<Endpoint> {
    if (current === undefined) return refresh();
    if (clock.monotonic() - current.readAtMs < REFRESH_MS) return current.endpoint;
    // A token file that can't be read for a moment is no reason to stop: what is known may well hold on.
    return refresh().catch(() => current?.endpoint ?? refresh());
  }

  /** Reads the credentials anew because those of `failed` did not do. */
  async function renew(failed: Endpoint): Promise<Endpoint> {
    if (current && current.endpoint.generation > failed.generation) return current.endpoint;
    if (current && failed.generation > 0 && clock.monotonic() - current.readAtMs < MIN_RENEWAL_MS)
      return current.endpoint;
    return refresh();
  }

  return {
    /**
     * Makes an exchange with the endpoint, read again when it is a minute old; and once more with newer credentials when
     * the server does not know those that were sent.
     */
    async use<T>(signal: AbortSignal, exchange: (endpoint: Endpoint) => Promise<T>): Promise<T> {
      const endpoint = await abortable(get(), signal);
      try {
        return await exchange(endpoint);
      } catch (error) {
        if (!isUnauthorized(error) && !isCertificateFault(error)) throw error;
        const renewed = await abortable(renew(endpoint), signal);
        // A rotated certificate authority is read, but what has failed is left to the next try.
        if (renewed === endpoint || !isUnauthorized(error)) throw error;
        return await exchange(renewed);
      }
    },
    close: (): void => current?.endpoint.agent.destroy(),
  };
}

/**
 * `node:http`, for the few servers that speak without TLS. An `import` of it reads its every export, and with them loads a
 * second HTTP client and a WebSocket: 10 MiB that nobody needs.
 */
export function plainHttp(): { Agent: typeof Agent; request: typeof request } {
  return process.getBuiltinModule('node:http');
}

function createAgent(credentials: Credentials, maxFreeSockets: number): Agent {
  const { tls, server, viaProxy } = credentials;
  if (viaProxy && typeof tls.agent === 'object') {
    tls.agent.maxFreeSockets = maxFreeSockets;
    return Object.assign(tls.agent, { keepAlive: true });
  }
  const options: AgentOptions = { keepAlive: true, maxFreeSockets, scheduling: 'lifo', timeout: IDLE_MS };
  if (server.protocol === 'http:') return new (plainHttp().Agent)(options);
  const { rejectUnauthorized, servername, ...material } = tlsMaterial(tls);
  // Parsed once: each connection would otherwise read the certificates anew and keep its own copy of them.
  const secureContext = createSecureContext(material);
  return new HttpsAgent({ ...options, secureContext, ...tlsMaterial({ rejectUnauthorized, servername }) });
}

/** The part of the options that makes the connection; set ones only, since `undefined` would hide Node's defaults. */
function tlsMaterial(tls: RequestOptions): AgentOptions {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = tls;
  const material = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
}

/** Lets what is under way end, and closes each connection after it. */
function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

function fingerprint({ server, tls }: Credentials): string {
  return JSON.stringify([
    server.origin,
    ...Object.entries(tlsMaterial(tls)).map(([name, value]) => [name, String(value)]),
  ]);
}
