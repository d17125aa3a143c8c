import { connect } from '@node-termination-handler/node-drainer';
import type { CallRecord, ClusterAccess, KubernetesClient } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from '@node-termination-handler/settings';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import path from 'node:path';

/** The settings that say where the API server is. */
export type KubernetesSettings = Pick<
  SharedSettings,
  | 'kubeconfig'
  | 'kubernetesServiceHost'
  | 'kubernetesServicePort'
  | 'kubernetesServiceAccountDirectory'
  | 'kubeApiQps'
  | 'kubeApiBurst'
>;

/** The API server cannot be found from the settings. */
export class NoClusterError extends Error {
  override readonly name = 'NoClusterError';
}

/**
 * Connects to the API server: by `KUBECONFIG`, else as a pod does.
 *
 * Nothing is sent yet, so an API server that is away for a while does not keep the program from starting.
 *
 * @throws {@link NoClusterError} when the settings name no API server, or a file that cannot be read.
 */
export async function connectToCluster(
  settings: KubernetesSettings,
  userAgent: string,
  onCall: (call: CallRecord) => void = () => undefined,
): Promise<KubernetesClient> {
  const { kubeApiQps, kubeApiBurst } = settings;
  return connect(await findCluster(settings), {
    userAgent,
    ...(kubeApiQps === undefined ? {} : { qps: kubeApiQps }),
    ...(kubeApiBurst === undefined ? {} : { burst: kubeApiBurst }),
    onCall,
  });
}

/** Finds out where the API server is and how to log in; see {@link connectToCluster}. */
export async function findCluster(settings: KubernetesSettings): Promise<ClusterAccess> {
  const { kubeconfig, kubernetesServiceHost: host, kubernetesServicePort: port = 443 } = settings;
  if (kubeconfig !== undefined) return readKubeconfig(kubeconfig);
  if (host === undefined) {
    throw new NoClusterError(
      'no API server is known: run in a pod, or set KUBECONFIG, or KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT',
    );
  }
  return inClusterAccess(host, port, settings.kubernetesServiceAccountDirectory);
}

async function readKubeconfig(file: string): Promise<ClusterAccess> {
  // Loaded for a kubeconfig alone: a pod has none, and must not pay for what reads it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  let why: string | undefined;
  try {
    config.loadFromFile(file);
    why = config.getCurrentCluster() ? undefined : 'its current-context names no cluster that is in it';
  } catch (cause) {
    why = faultOf(cause);
  }
  // Without the cause: it quotes the file, and with that the token.
  if (why !== undefined) throw new NoClusterError(`KUBECONFIG ${file} cannot be used: ${why}`);
  return config;
}

/** What is wrong with a kubeconfig, without a word of what stands in it. */
function faultOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it cannot be read';
  const code: unknown = Reflect.get(cause, 'code');
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return `it cannot be read (${code})`;
  // Where something of the file's structure is missing, its path there is named.
  if (/^(?:clusters|contexts|users)\[\d+\](?:\.\w+)+ is missing$/.test(cause.message)) return cause.message;
  const line: unknown = Reflect.get(Object(Reflect.get(cause, 'mark')) as object, 'line');
  return typeof line === 'number' ? `it is not YAML (line ${line + 1})` : 'it is no kubeconfig';
}

/**
 * The access that Kubernetes gives to a pod, as a `KubeConfig` loaded from the cluster has it, without the 9 MiB that its package takes in
 * memory. Token and certificate are read from their files each time, because both are rotated.
 *
 * @param directory - That of the service account's `token` and `ca.crt`.
 * @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
function inClusterAccess(host: string, port: number, directory: string): ClusterAccess {
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const caFile = path.join(directory, 'ca.crt');
  const tokenFile = path.join(directory, 'token');
  return {
    getCurrentCluster: () => ({ name: 'in-cluster', server, skipTLSVerify: false }),
    getCurrentUser: () => ({ name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile } } }),
    applyToHTTPSOptions: async (options: RequestOptions) => {
      options.ca = await readFile(caFile, 'utf8');
    },
  };
}
