import { connect } from '@node-termination-handler/node-drainer';
import type { CallRecord, ClusterAccess, KubernetesClient } from '@node-termination-handler/node-drainer';
import { inClusterAccess } from './in-cluster-access.ts';
import type { SharedSettings } from './shared-settings.ts';

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
  onCall?: (call: CallRecord) => void,
): Promise<KubernetesClient> {
  const { kubeApiQps, kubeApiBurst } = settings;
  return connect(await findCluster(settings), {
    userAgent,
    ...(kubeApiQps === undefined ? {} : { qps: kubeApiQps }),
    ...(kubeApiBurst === undefined ? {} : { burst: kubeApiBurst }),
    ...(onCall === undefined ? {} : { onCall }),
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
  return inClusterAccess({ host, port, directory: settings.kubernetesServiceAccountDirectory });
}

async function readKubeconfig(file: string): Promise<ClusterAccess> {
  // Loaded for a kubeconfig alone: a pod has none, and must not pay for what reads it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (cause) {
    throw new NoClusterError(
      `KUBECONFIG ${file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return config;
}
