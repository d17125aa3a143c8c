import type { ApiClient } from './api-client.ts';
import { ControlPlaneError } from './errors.ts';

/** Which token to mint. */
export interface TokenOptions {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The API server allows no less than 600. Default 3600. */
  readonly expirationSeconds?: number;
  /** A Secret in the same namespace; when it is deleted the token is refused (within ten seconds, the server's own cache). */
  readonly boundToSecret?: { readonly name: string; readonly uid: string };
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
  const { namespace, serviceAccount, boundToSecret } = options;
  const spec = {
    expirationSeconds: options.expirationSeconds ?? 3600,
    ...(boundToSecret && { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', ...boundToSecret } }),
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
