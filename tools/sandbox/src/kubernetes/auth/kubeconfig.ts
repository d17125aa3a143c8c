/** The text of a kubeconfig (YAML in its JSON form) for one cluster, with one user's token; see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/. */
export function kubeconfigText(options: {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'sandbox',
        cluster: { server: options.url, 'certificate-authority-data': Buffer.from(options.caPem).toString('base64') },
      },
    ],
    users: [{ name: 'sandbox', user: { token: options.token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'sandbox', namespace: 'default' } }],
    'current-context': 'sandbox',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
