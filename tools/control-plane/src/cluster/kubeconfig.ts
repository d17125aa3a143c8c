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
