import type { ApiCall, KubernetesClient } from '@node-termination-handler/node-drainer';

/** A client that takes every call, or refuses each, and keeps what was asked. */
export function memoryClient(fail = false): { client: KubernetesClient; calls: ApiCall[] } {
  const calls: ApiCall[] = [];
  const client: KubernetesClient = {
    request: <T>(call: ApiCall) => {
      calls.push(call);
      return fail ? Promise.reject(new Error('forbidden')) : Promise.resolve({} as T);
    },
    watch: () => {
      throw new Error('nothing is watched');
    },
    close: () => undefined,
  };
  return { client, calls };
}
