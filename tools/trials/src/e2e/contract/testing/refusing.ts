import { waitFor } from '@node-termination-handler/control-plane';
import type { ApiClient } from '@node-termination-handler/control-plane';
import { podPolicy, podWebhook, policyBinding, startAdmissionServer } from '../../admission.ts';
import type { AdmissionServer, Verdict } from '../../admission.ts';
import { evictionManifest, freshName } from './objects.ts';

/** Who refuses that a pod is evicted or deleted. */
export type Refuser =
  | { readonly by: 'webhook'; readonly name: string; readonly verdict: Verdict }
  /** A webhook that nobody answers for. */
  | { readonly by: 'nobody'; readonly name: string }
  | { readonly by: 'policy'; readonly name: string; readonly message: string };

/** A pod by its names. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

const api = 'admissionregistration.k8s.io/v1';
const keyOf = ({ namespace, name }: PodName): string => `${namespace}/${name}`;

/** The admission of a real cluster, as far as tests have made it refuse. */
export class RealAdmission implements AsyncDisposable {
  readonly #admin: ApiClient;
  readonly #verdicts = new Map<string, Verdict>();
  /** What was made, by what it refuses; one is enough for all pods of a namespace. */
  readonly #made = new Map<string, Promise<readonly string[]>>();
  #server: Promise<AdmissionServer> | undefined;

  constructor(admin: ApiClient) {
    this.#admin = admin;
  }

  /** From now on, when it resolves, somebody refuses what is asked of a pod. */
  async refuse(pod: PodName, refuser: Refuser): Promise<void> {
    if (refuser.by === 'webhook') this.#verdicts.set(keyOf(pod), refuser.verdict);
    const key = `${refuser.by} ${refuser.name} ${pod.namespace}`;
    const made = this.#made.get(key) ?? this.#make(pod.namespace, refuser);
    this.#made.set(key, made);
    await made;
    const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/eviction?dryRun=All`;
    const body = evictionManifest(pod.namespace, pod.name);
    const isRefused = async () =>
      (await this.#admin.request('POST', path, { body })).status === 201 ? undefined : true;
    await waitFor(isRefused, { what: `${refuser.name} to be asked`, timeoutMs: 30_000 });
  }

  async #make(namespace: string, refuser: Refuser): Promise<readonly string[]> {
    switch (refuser.by) {
      case 'webhook': {
        this.#server ??= startAdmissionServer((asked) => this.#verdicts.get(keyOf(asked)) ?? 'allow');
        return this.#makeWebhook(refuser.name, (await this.#server).clientConfig, namespace);
      }
      case 'nobody':
        return this.#makeWebhook(refuser.name, { service: { namespace, name: 'nobody' } }, namespace);
      case 'policy': {
        const { name, message } = refuser;
        const policy = { spec: podPolicy('false', message) };
        const binding = { spec: policyBinding(name, namespace) };
        return [
          await this.#create('ValidatingAdmissionPolicy', 'validatingadmissionpolicies', name, policy),
          await this.#create('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', name, binding),
        ];
      }
    }
  }

  async #makeWebhook(name: string, clientConfig: object, namespace: string): Promise<readonly string[]> {
    const fields = { webhooks: [podWebhook(name, clientConfig, namespace)] };
    const kind = 'ValidatingWebhookConfiguration';
    return [await this.#create(kind, 'validatingwebhookconfigurations', freshName('refusal'), fields)];
  }

  async #create(kind: string, plural: string, name: string, fields: object): Promise<string> {
    const body = { apiVersion: api, kind, metadata: { name }, ...fields };
    const response = await this.#admin.request('POST', `/apis/${api}/${plural}`, { body });
    if (response.status !== 201) throw new Error(`no ${kind}: ${JSON.stringify(response.body)}`);
    return `/apis/${api}/${plural}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const made = await Promise.all(this.#made.values());
    for (const path of made.flat()) await this.#admin.request('DELETE', path);
    await (await this.#server)?.[Symbol.asyncDispose]();
  }
}
