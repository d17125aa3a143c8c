import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { generate } from 'selfsigned';

/** The `status` of a webhook's refusal. */
interface Refusal {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly causes?: readonly { readonly reason: string; readonly message: string }[];
    readonly retryAfterSeconds?: number;
  };
}

/** What an admission webhook says to a review. */
export type Verdict = 'allow' | 'hang' | Refusal;

/** What is asked of a pod: its eviction is the creation of an object of that name. */
export interface Reviewed {
  readonly namespace: string;
  readonly name: string;
  readonly operation: 'CREATE' | 'DELETE';
}

interface Review {
  readonly request: Reviewed & { readonly uid: string };
}

/** A small TLS server that the API server asks; it goes by what it is told of each request. */
export interface AdmissionServer extends AsyncDisposable {
  /** For a webhook's `clientConfig`. */
  readonly clientConfig: { readonly url: string; readonly caBundle: string };
}

/**
 * Starts an admission webhook on the loopback interface.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
export async function startAdmissionServer(verdictOn: (asked: Reviewed) => Verdict): Promise<AdmissionServer> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'webhook' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const server = createServer({ cert, key }, (request, response) => {
    const answer = (body: unknown): void => {
      const { uid, ...asked } = (body as Review).request;
      const verdict = verdictOn(asked);
      if (verdict === 'hang') return;
      const said = verdict === 'allow' ? { allowed: true } : { allowed: false, status: verdict };
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...said } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(review));
    };
    // An API server that was told to wait no longer goes away in the middle of its question.
    void json(request).then(answer, () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    clientConfig: { url, caBundle: Buffer.from(cert).toString('base64') },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const rule = (operation: Reviewed['operation'], resource: string) => ({
  ...{ apiGroups: [''], apiVersions: ['v1'] },
  ...{ operations: [operation], resources: [resource] },
});

/** What webhooks and policies are asked about: evictions of pods, and their deletions. */
const POD_RULES = [rule('CREATE', 'pods/eviction'), rule('DELETE', 'pods')];

/** A webhook of a configuration, which is asked about the pods of one namespace and given two seconds. */
export function podWebhook(name: string, clientConfig: object, namespace: string) {
  return {
    ...{ name, clientConfig, rules: POD_RULES, sideEffects: 'None', admissionReviewVersions: ['v1'] },
    ...{ namespaceSelector: inNamespace(namespace), timeoutSeconds: 2 },
  };
}

/** The `spec` of a policy that denies what is asked of pods where an expression is false. */
export function podPolicy(expression: string, message: string) {
  return { matchConstraints: { resourceRules: POD_RULES }, validations: [{ expression, message }] };
}

/** The `spec` of a binding that has a policy of that name deny in one namespace. */
export function policyBinding(policyName: string, namespace: string) {
  return {
    policyName,
    validationActions: ['Deny'],
    matchResources: { namespaceSelector: inNamespace(namespace) },
  };
}

function inNamespace(namespace: string) {
  return { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
}
