import { systemClock, withTimeLimit } from '@node-termination-handler/clock';
import type { ApiClient } from '@node-termination-handler/control-plane';

/** The administrator's hands on a real cluster; every answer that is not a success is an error. */
export interface Kube {
  get<T>(path: string): Promise<T>;
  /** Undefined when it is not there. */
  find<T>(path: string): Promise<T | undefined>;
  list<T>(path: string, parameters?: Readonly<Record<string, string>>): Promise<readonly T[]>;
  /** Creates an object of a kind in a collection; its API version is the collection's. */
  create<T>(collection: string, kind: string, fields: Readonly<Record<string, unknown>>): Promise<T>;
  /** A JSON merge patch. */
  patch<T>(path: string, body: unknown): Promise<T>;
  remove(path: string, parameters?: Readonly<Record<string, string>>): Promise<void>;
}

/** An answer of the API server that was not expected. */
class KubeError extends Error {
  override readonly name = 'KubeError';
}

/** Wraps a client; each call may take 30 s. */
export function createKube(api: ApiClient): Kube {
  const send = (method: string, path: string, options: { body?: unknown; contentType?: string } = {}) =>
    withTimeLimit({ clock: systemClock, limitMs: 30_000 }, (signal) =>
      api.request(method, path, { ...options, signal }),
    );
  async function call<T>(method: string, path: string, options: Parameters<typeof send>[2] = {}): Promise<T> {
    const { status, body } = await send(method, path, options);
    if (status >= 300) throw new KubeError(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body as T;
  }
  const withQuery = (path: string, parameters: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams(parameters).toString();
    return query === '' ? path : `${path}?${query}`;
  };
  return {
    get: (path) => call('GET', path),
    async find<T>(path: string) {
      const { status } = await send('GET', path);
      return status === 404 ? undefined : call<T>('GET', path);
    },
    async list<T>(path: string, parameters?: Readonly<Record<string, string>>) {
      return (await call<{ items: readonly T[] }>('GET', withQuery(path, parameters))).items;
    },
    create: (path, kind, fields) => call('POST', path, { body: { apiVersion: apiVersionOf(path), kind, ...fields } }),
    patch: (path, body) => call('PATCH', path, { body, contentType: 'application/merge-patch+json' }),
    remove: (path, parameters) => call('DELETE', withQuery(path, parameters)),
  };
}

/** `/apis/policy/v1/…` is of `policy/v1`, `/api/v1/…` of `v1`. */
function apiVersionOf(collection: string): string {
  const [, root, group = '', version = ''] = collection.split('/');
  return root === 'api' ? group : `${group}/${version}`;
}

/** Creates a service account with a ClusterRole. */
export async function createServiceAccount(kube: Kube, namespace: string, name: string, role: string): Promise<void> {
  const metadata = { name };
  await kube.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, 'ServiceAccount', { metadata });
  await kube.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', 'ClusterRoleBinding', {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  });
}

/** The part of an object's metadata that scenarios look at. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
}

/** A taint of a node. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A node as scenarios look at it. */
export interface NodeObject {
  readonly metadata: Metadata;
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[]; readonly providerID?: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** A pod as scenarios look at it. */
export interface PodObject {
  readonly metadata: Metadata;
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

/** A condition of a node or a pod. */
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** An event as `kubectl describe` reads it. */
export interface EventObject {
  readonly metadata: Metadata;
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly namespace?: string };
}
