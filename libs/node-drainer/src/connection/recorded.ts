import { performance } from 'node:perf_hooks';
import { KubernetesApiError } from './api-error.ts';
import type { CallRecord, ResourceRef, Verb } from './client.ts';

/** Makes one HTTP exchange and tells what became of it. */
export async function recorded<T extends { status: number }>(
  onCall: (record: CallRecord) => void,
  call: ResourceRef & { verb: Verb },
  attempt: number,
  exchange: () => Promise<T>,
): Promise<T> {
  const { verb, resource, subresource, namespace, name } = call;
  const startedAt = performance.now();
  const record = (end: { status: number } | { error: unknown }): void => {
    const durationMs = performance.now() - startedAt;
    onCall({
      verb,
      resource,
      ...(subresource !== undefined && { subresource }),
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      durationMs,
      attempt,
      ...end,
    });
  };
  try {
    const answer = await exchange();
    record({ status: answer.status });
    return answer;
  } catch (error) {
    record(error instanceof KubernetesApiError ? { status: error.status } : { error });
    throw error;
  }
}
