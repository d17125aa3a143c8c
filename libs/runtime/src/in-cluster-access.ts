import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import type { ClusterAccess } from '@node-termination-handler/node-drainer';

/** Where a pod finds the API server, and its credentials. */
export interface InClusterOptions {
  readonly host: string;
  readonly port: number;
  /** The folder of the service account's `token` and `ca.crt`. */
  readonly directory: string;
}

/**
 * The access that Kubernetes gives to a pod.
 *
 * The same that a `KubeConfig` loaded from the cluster gives, without the 9 MiB that its package takes in memory.
 * Token and certificate are read from their files each time, because both are rotated.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export function inClusterAccess({ host, port, directory }: InClusterOptions): ClusterAccess {
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const caFile = path.join(directory, 'ca.crt');
  const tokenFile = path.join(directory, 'token');
  return {
    getCurrentCluster: () => ({ name: 'in-cluster', server, caFile, skipTLSVerify: false }),
    getCurrentUser: () => ({ name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile } } }),
    applyToHTTPSOptions: async (options: RequestOptions) => {
      options.ca = await readFile(caFile, 'utf8');
    },
  };
}
