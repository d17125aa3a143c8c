import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { Clock } from '@node-termination-handler/clock';
import type { TlsOptions } from '@node-termination-handler/http-client';
import * as v from 'valibot';
import { KubernetesConnectionError } from './errors.ts';
import { pluginOf, runPlugin } from './exec-plugin.ts';
import type { PluginCredential } from './exec-plugin.ts';
import type { ClusterAccess } from './options.ts';

/** Where the API server is, and who we are to it. */
export interface Credentials {
  readonly server: URL;
  readonly tls: TlsOptions;
  readonly headers: Readonly<Record<string, string>>;
  /** The proxy that the kubeconfig asks for; nothing else does, no environment variable either. */
  readonly proxy: URL | undefined;
}

/** Reads the credentials anew. `isRefused`: the server knows nobody by those that were read before. */
export type ReadCredentials = (isRefused: boolean) => Promise<Credentials>;

type Cluster = NonNullable<ReturnType<ClusterAccess['getCurrentCluster']>>;
type User = NonNullable<ReturnType<ClusterAccess['getCurrentUser']>>;

const tokenFileUser = v.object({ config: v.object({ tokenFile: v.string() }) });

/** How long a credential plugin may run, in milliseconds: one may ask for a login that nobody gives. */
const PLUGIN_LIMIT_MS = 30_000;

/** A credential is renewed when so much of its life is left, in milliseconds: more than passes until the next look. */
const RENEWAL_LEAD_MS = 90_000;

/**
 * Makes a reader of credentials. `@kubernetes/client-node` knows most ways to get them; files are read here, since it reads them
 * while the whole program stands still, and plugins are run here, since it neither ends one that hangs nor forgets a credential that the
 * server refuses.
 */
export function createCredentialReader(access: ClusterAccess, clock: Clock): ReadCredentials {
  let kept: PluginCredential | undefined;

  async function pluginCredential(user: User | null, isRefused: boolean): Promise<PluginCredential | undefined> {
    const plugin = pluginOf(user);
    if (plugin === undefined) return undefined;
    const isGood = kept !== undefined && (kept.expiresAtMs ?? Infinity) - clock.now() > RENEWAL_LEAD_MS;
    if (isRefused || !isGood) kept = await runPlugin(plugin, PLUGIN_LIMIT_MS, clock);
    return kept;
  }

  return async (isRefused) => {
    const cluster = access.getCurrentCluster();
    if (!cluster) throw new KubernetesConnectionError('the kubeconfig names no current cluster');
    try {
      const server = httpAddress(cluster.server, 'the address of the server');
      const proxy = cluster.proxyUrl ? httpAddress(cluster.proxyUrl, 'proxy-url') : undefined;
      // As kubectl does: who we are is for nobody who listens.
      const isSecret = server.protocol === 'https:';
      const user = isSecret ? access.getCurrentUser() : null;
      const credential = await pluginCredential(user, isRefused);
      const given: RequestOptions = {};
      await withoutOwn(access, await filesRead(cluster, user)).applyToHTTPSOptions(given);
      const headers = isSecret ? { ...headersOf(given), ...(await ownHeaders(user, credential, given.auth)) } : {};
      return { server, proxy, headers, tls: tlsOf(given, cluster, credential) };
    } catch (error) {
      // Not the whole address: there may be a password in it.
      const { protocol, host } = URL.parse(cluster.server) ?? { protocol: '', host: '' };
      const server = host === '' ? 'the API server' : `${protocol}//${host}`;
      throw new KubernetesConnectionError(`no credentials for ${server}`, { cause: error });
    }
  };
}

/** @throws an error that names what is wrong, and not the address, which may have a password in it. */
function httpAddress(address: string, what: string): URL {
  const url = URL.parse(address);
  if (url === null) throw new Error(`${what} in the kubeconfig is not a URL`);
  return url;
}

interface WithFiles {
  readonly cluster: Cluster;
  readonly user: User | null;
}

/** The same with the contents of its files in the place of their names. */
async function filesRead(cluster: Cluster, user: User | null): Promise<WithFiles> {
  const { caFile, ...named } = cluster;
  const known = { ...named, ...(caFile ? { caData: await base64Of(caFile) } : {}) };
  if (user === null) return { cluster: known, user };
  const { certFile, keyFile, ...who } = user;
  return {
    cluster: known,
    user: {
      ...who,
      ...(certFile ? { certData: await base64Of(certFile) } : {}),
      ...(keyFile ? { keyData: await base64Of(keyFile) } : {}),
    },
  };
}

async function base64Of(file: string): Promise<string> {
  return (await readFile(file)).toString('base64');
}

/** What is left to `@kubernetes/client-node`: no plugin, no token's file, no proxy, no opinion on plain HTTP. */
function withoutOwn(access: ClusterAccess, { cluster, user }: WithFiles): ClusterAccess {
  const { proxyUrl: _proxy, ...reached } = cluster;
  const known: Omit<User, 'exec' | 'authProvider'> & { exec?: unknown; authProvider?: unknown } = user ?? { name: '' };
  const { exec: _exec, authProvider, ...who } = known;
  const isOurs = pluginOf({ authProvider }) !== undefined || v.is(tokenFileUser, authProvider);
  const left = { ...who, ...(isOurs ? {} : { authProvider }) };
  return Object.create(access, {
    getCurrentCluster: { value: () => ({ ...reached, skipTLSVerify: reached.skipTLSVerify || !isSecure(reached) }) },
    getCurrentUser: { value: () => (user === null ? null : left) },
  }) as ClusterAccess;
}

function isSecure({ server }: { readonly server: string }): boolean {
  return server.startsWith('https:');
}

async function ownHeaders(
  user: User | null,
  credential: PluginCredential | undefined,
  basic: string | null | undefined,
): Promise<Record<string, string>> {
  const tokenFile = v.safeParse(tokenFileUser, user?.authProvider);
  const token = tokenFile.success
    ? (await readFile(tokenFile.output.config.tokenFile, 'utf8')).trim()
    : credential?.token;
  if (token !== undefined) return { Authorization: `Bearer ${token}` };
  return basic ? { Authorization: `Basic ${Buffer.from(basic).toString('base64')}` } : {};
}

function headersOf({ headers }: RequestOptions): Record<string, string> {
  const given = Object.entries(headers ?? {});
  return Object.fromEntries(given.filter((header): header is [string, string] => typeof header[1] === 'string'));
}

/** Set ones only, since `undefined` would hide Node's defaults. Only the cluster's own flag ends the verification. */
function tlsOf(given: RequestOptions, cluster: Cluster, credential: PluginCredential | undefined): TlsOptions {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = given;
  const material = {
    ca: ca ?? (cluster.caData ? Buffer.from(cluster.caData, 'base64') : undefined),
    cert: credential?.clientCertificateData ?? cert,
    key: credential?.clientKeyData ?? key,
    pfx,
    passphrase,
    servername: servername ?? cluster.tlsServerName,
    verify: rejectUnauthorized !== false,
  };
  return Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
}
