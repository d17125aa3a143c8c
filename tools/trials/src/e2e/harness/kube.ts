import type { ApiClient } from '@node-termination-handler/control-plane';

/** The administrator's hands on the cluster; every answer that is not a success is an error. */
export interface Kube {
  get<T>(path: string): Promise<T>;
  /** Undefined when it is not there. */
  find<T>(path: string): Promise<T | undefined>;
  list<T>(path: string, parameters?: Readonly<Record<string, string>>): Promise<readonly T[]>;
  create<T>(path: string, body: unknown): Promise<T>;
  /** A JSON merge patch. */
  patch<T>(path: string, body: unknown): Promise<T>;
  remove(path: string, parameters?: Readonly<Record<string, string>>): Promise<void>;
}

/** An answer of the API server that a scenario did not expect. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
}

/** Wraps a client. */
export function createKube(api: ApiClient): Kube {
  async function call<T>(method: string, path: string, options: { body?: unknown; contentType?: string } = {}) {
    const { status, body } = await api.request(method, path, { ...options, signal: AbortSignal.timeout(30_000) });
    if (status >= 300) throw new KubeError(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body as T;
  }
  const withQuery = (path: string, parameters: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams(parameters).toString();
    return query === '' ? path : `${path}?${query}`;
  };
  return {
    get: async (path) => call('GET', path),
    async find<T>(path: string) {
      const { status, body } = await api.request('GET', path, { signal: AbortSignal.timeout(30_000) });
      if (status === 404) return undefined;
      if (status >= 300) throw new KubeError(`GET ${path}: ${status} ${JSON.stringify(body)}`);
      return body as T;
    },
    async list<T>(path: string, parameters?: Readonly<Record<string, string>>) {
      return (await call<{ items: readonly T[] }>('GET', withQuery(path, parameters))).items;
    },
    create: async (path, body) => call('POST', path, { body }),
    patch: async (path, body) => call('PATCH', path, { body, contentType: 'application/merge-patch+json' }),
    async remove(path, parameters) {
      await call('DELETE', withQuery(path, parameters));
    },
  };
}
