import { withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { createHttpClient } from '@node-termination-handler/http-client';
import type { HttpClient } from '@node-termination-handler/http-client';
import { createCredentialReader } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { isCertificateFault, isUnauthorized, KubernetesConnectionError } from './errors.ts';
import type { ClusterAccess } from './options.ts';

/** Credentials and certificates are read again after so long: the rhythm of client-go and client-node. */
const REFRESH_MS = 60_000;
/** After a failure they are read again sooner. */
const REFRESH_AFTER_FAILURE_MS = 5_000;
/** Renewing on demand (401, failed verification) is held to this, for when the answer stays no. */
const MIN_RENEWAL_MS = 1000;
/** How long a reading may hold up a call that can't go out without it. */
const READ_LIMIT_MS = 10_000;
/** How long it may hold up one that can go out with what is known. */
const REREAD_LIMIT_MS = 1_000;
/** A free connection is closed after so long, well before the server or a load balancer would. */
const IDLE_MS = 30_000;

/** What one request needs to reach the server. */
export interface Endpoint {
  readonly server: URL;
  readonly client: HttpClient;
  readonly headers: Readonly<Record<string, string>>;
  /** Counts renewals: who fails with an old one need not ask for another. */
  readonly generation: number;
}

export type EndpointSource = ReturnType<typeof createEndpoint>;

/** A reading of the credentials that is under way. One that hangs is the only one: each would take a thread of the file system's. */
interface Reading {
  readonly startedAtMs: number;
  readonly done: Promise<Endpoint>;
}

/** The endpoint, kept fresh: one pool of kept-alive connections, rebuilt only when its TLS material changes. */
export function createEndpoint(access: ClusterAccess, keptConnections: number, clock: Clock) {
  const readCredentials = createCredentialReader(access, clock);
  let current: { endpoint: Endpoint; material: string; readAtMs: number } | undefined;
  let reading: Reading | undefined;
  /** What is under way over it ends by its limit, or when all is closed. */
  let retired: HttpClient | undefined;
  let nextReadAtMs = -Infinity;

  async function read(isRefused: boolean): Promise<Endpoint> {
    try {
      const { server, headers, ...reached } = await readCredentials(isRefused);
      const generation = current ? current.endpoint.generation + 1 : 0;
      const material = fingerprint(server, reached);
      let client = current?.endpoint.client;
      if (client === undefined || material !== current?.material) {
        client?.retire();
        retired = client;
        client = createHttpClient({
          clock,
          tls: reached.tls,
          keptConnections,
          keptForMs: IDLE_MS,
          proxy: () => reached.proxy,
        });
      }
      const endpoint: Endpoint = { server, client, headers, generation };
      current = { endpoint, material, readAtMs: clock.monotonic() };
      nextReadAtMs = current.readAtMs + REFRESH_MS;
      return endpoint;
    } catch (error) {
      nextReadAtMs = clock.monotonic() + REFRESH_AFTER_FAILURE_MS;
      throw error;
    } finally {
      reading = undefined;
    }
  }

  /** Reads anew, or waits for the reading that is under way: so long, counted from its start. */
  async function refresh(limitMs: number, isRefused = false): Promise<Endpoint> {
    if (reading === undefined) {
      reading = { startedAtMs: clock.monotonic(), done: read(isRefused) };
      reading.done.catch(() => undefined);
    }
    const { startedAtMs, done } = reading;
    const leftMs = startedAtMs + limitMs - clock.monotonic();
    const reason = () => new KubernetesConnectionError(`the credentials could not be read within ${limitMs} ms`);
    if (leftMs <= 0) throw reason();
    return withTimeLimit({ clock, limitMs: leftMs, reason }, done);
  }

  function fresh(): Endpoint | undefined {
    return clock.monotonic() < nextReadAtMs ? current?.endpoint : undefined;
  }

  async function readAgain(): Promise<Endpoint> {
    if (current === undefined) return refresh(READ_LIMIT_MS);
    const known = current.endpoint;
    // What can't be read for a moment, or hangs, is no reason to stop: what is known may well hold on.
    return refresh(REREAD_LIMIT_MS).catch(() => current?.endpoint ?? known);
  }

  /** Reads the credentials anew because those of `failed` did not do; what is known stays where that fails. */
  async function renew(failed: Endpoint, isRefused: boolean): Promise<Endpoint> {
    if (current && current.endpoint.generation > failed.generation) return current.endpoint;
    if (current && failed.generation > 0 && clock.monotonic() - current.readAtMs < MIN_RENEWAL_MS)
      return current.endpoint;
    return refresh(READ_LIMIT_MS, isRefused);
  }

  return {
    /**
     * Makes an exchange with the endpoint, read again when it is a minute old; and once more with newer credentials when
     * the server does not know those that were sent. `within` bounds the wait for them.
     */
    async use<T>(
      within: <V>(reading: Promise<V>) => Promise<V>,
      exchange: (endpoint: Endpoint) => Promise<T>,
    ): Promise<T> {
      const endpoint = fresh() ?? (await within(readAgain()));
      try {
        return await exchange(endpoint);
      } catch (error) {
        const isRefused = isUnauthorized(error);
        if (!isRefused && !isCertificateFault(error)) throw error;
        const renewed = await within(renew(endpoint, isRefused));
        // A rotated certificate authority is read, but what has failed is left to the next try.
        if (renewed === endpoint || !isRefused) throw error;
        return await exchange(renewed);
      }
    },
    close(): void {
      retired?.close();
      current?.endpoint.client.close();
    },
  };
}

function fingerprint({ origin }: URL, { tls, proxy }: Pick<Credentials, 'tls' | 'proxy'>): string {
  return JSON.stringify([
    origin,
    proxy?.href,
    ...Object.entries(tls).map(([name, value]: [string, unknown]) => [name, String(value)]),
  ]);
}
