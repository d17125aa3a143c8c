import { KubeConfig } from '@kubernetes/client-node';
import { connect } from '@node-termination-handler/node-drainer';
import type { CallRecord, KubernetesClient } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from './shared-settings.ts';

/**
 * Where Kubernetes puts a pod's credentials.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The settings that say where the API server is. */
export type KubernetesSettings = Pick<
  SharedSettings,
  'kubeconfig' | 'kubernetesServiceHost' | 'kubernetesServicePort' | 'kubeApiQps' | 'kubeApiBurst'
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
export function connectToCluster(
  settings: KubernetesSettings,
  userAgent: string,
  onCall?: (call: CallRecord) => void,
): KubernetesClient {
  const { kubeApiQps, kubeApiBurst } = settings;
  return connect(loadKubeConfig(settings), {
    userAgent,
    ...(kubeApiQps === undefined ? {} : { qps: kubeApiQps }),
    ...(kubeApiBurst === undefined ? {} : { burst: kubeApiBurst }),
    ...(onCall === undefined ? {} : { onCall }),
  });
}

/** Reads where the API server is and how to log in; see {@link connectToCluster}. */
export function loadKubeConfig(settings: KubernetesSettings): KubeConfig {
  const config = new KubeConfig();
  const { kubeconfig, kubernetesServiceHost: host, kubernetesServicePort: port = 443 } = settings;
  if (kubeconfig !== undefined) {
    try {
      config.loadFromFile(kubeconfig);
    } catch (cause) {
      throw new NoClusterError(
        `KUBECONFIG ${kubeconfig} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
    return config;
  }
  if (host === undefined) {
    throw new NoClusterError(
      'no API server is known: run in a pod, or set KUBECONFIG, or KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT',
    );
  }
  config.loadFromOptions({
    clusters: [
      {
        name: 'in-cluster',
        server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
        caFile: `${SERVICE_ACCOUNT}/ca.crt`,
        skipTLSVerify: false,
      },
    ],
    users: [{ name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile: `${SERVICE_ACCOUNT}/token` } } }],
    contexts: [{ name: 'pod', cluster: 'in-cluster', user: 'pod' }],
    currentContext: 'pod',
  });
  return config;
}
