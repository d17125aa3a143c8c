import type { ApiClient } from '../api-client.ts';
import { ControlPlaneError } from './parts.ts';

/** Who speaks to the API server: a token as text, or the file that holds it (read again by clients when it rotates). */
export type KubeconfigUser = { readonly token: string } | { readonly tokenFile: string } | AuthProviderUser;

/** The form in which client-node keeps the token file of a pod; it passes over the standard `tokenFile`. */
interface AuthProviderUser {
  readonly 'auth-provider': { readonly name: 'tokenFile'; readonly config: { readonly tokenFile: string } };
}

/**
 * A kubeconfig with one cluster and one user, as JSON (which is YAML too).
 *
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export function kubeconfig(cluster: { url: string; caPem: string }, user: KubeconfigUser, namespace?: string): string {
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'loopback',
        cluster: {
          server: cluster.url,
          'certificate-authority-data': Buffer.from(cluster.caPem).toString('base64'),
        },
      },
    ],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'context', context: { cluster: 'loopback', user: 'user', ...(namespace && { namespace }) } }],
    'current-context': 'context',
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Which token to mint. */
export interface TokenOptions {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The API server allows no less than 600. Default 3600. */
  readonly expirationSeconds?: number;
  /**
   * A Secret or a Pod in the same namespace; when it is deleted the token is refused (within ten seconds, the server's own cache). One that
   * is bound to a pod names the pod's node, too.
   */
  readonly boundTo?: { readonly kind: 'Secret' | 'Pod'; readonly name: string; readonly uid: string };
}

/** A service account's token. */
export interface MintedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Asks the API server for a service account's token, as a kubelet does for a pod's projected volume.
 *
 * @throws {@link ControlPlaneError} when the server refuses.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
export async function mintToken(api: ApiClient, options: TokenOptions): Promise<MintedToken> {
  const { namespace, serviceAccount, boundTo } = options;
  const spec = {
    expirationSeconds: options.expirationSeconds ?? 3600,
    ...(boundTo && { boundObjectRef: { apiVersion: 'v1', ...boundTo } }),
  };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const response = await api.request('POST', path, { body });
  if (response.status !== 201) {
    throw new ControlPlaneError(`no token for ${namespace}/${serviceAccount}: ${JSON.stringify(response.body)}`);
  }
  const { status } = response.body as { status: { token: string; expirationTimestamp: string } };
  return { token: status.token, expiresAt: new Date(status.expirationTimestamp) };
}
