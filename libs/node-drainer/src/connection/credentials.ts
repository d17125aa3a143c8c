import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import * as v from 'valibot';
import { KubernetesConnectionError } from './errors.ts';
import type { ClusterAccess } from './options.ts';

/** Where the API server is, and who we are to it. */
export interface Credentials {
  readonly server: URL;
  /** TLS material, `auth` for basic authentication, and `agent` – which counts only when there is a proxy. */
  readonly tls: RequestOptions;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the kubeconfig asks for a proxy; nothing else does, no environment variable either. */
  readonly viaProxy: boolean;
}

const tokenFileUser = v.object({ config: v.object({ tokenFile: v.string() }) });
const execUser = v.object({ config: v.object({ exec: v.unknown() }) });

/**
 * Reads the credentials anew. `@kubernetes/client-node` knows the ways to get them; what it caches is passed by, so
 * that a token rotated a moment ago is found.
 *
 * @throws {@link KubernetesConnectionError} when a file or a credential plugin can't be read.
 */
export async function readCredentials(access: ClusterAccess, generation: number): Promise<Credentials> {
  const cluster = access.getCurrentCluster();
  if (!cluster) throw new KubernetesConnectionError('the kubeconfig names no current cluster');
  const tls: RequestOptions = {};
  try {
    await uncached(access, generation).applyToHTTPSOptions(tls);
    const headers = headersOf(tls);
    const tokenFile = tokenFileOf(access);
    if (tokenFile !== undefined) headers.Authorization = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
    return { server: new URL(cluster.server), tls, headers, viaProxy: Boolean(cluster.proxyUrl) };
  } catch (error) {
    throw new KubernetesConnectionError(`no credentials for ${cluster.server}`, { cause: error });
  }
}

function tokenFileOf(access: ClusterAccess): string | undefined {
  const parsed = v.safeParse(tokenFileUser, access.getCurrentUser()?.authProvider);
  return parsed.success ? parsed.output.config.tokenFile : undefined;
}

/** client-node caches a plugin's credential under the user's name until it expires: another name, another cache entry. */
function uncached(access: ClusterAccess, generation: number): ClusterAccess {
  const user = access.getCurrentUser();
  const runsPlugin = user !== null && (Boolean(user.exec) || v.is(execUser, user.authProvider));
  if (!runsPlugin || generation === 0) return access;
  return Object.create(access, {
    getCurrentUser: { value: () => ({ ...user, name: `${user.name}#${String(generation)}` }) },
  }) as ClusterAccess;
}

function headersOf(tls: RequestOptions): Record<string, string> {
  const headers = Object.entries(tls.headers ?? {});
  return Object.fromEntries(headers.filter((header): header is [string, string] => typeof header[1] === 'string'));
}
