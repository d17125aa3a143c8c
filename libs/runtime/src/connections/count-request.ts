import { HttpError, HttpTimeoutError } from '@node-termination-handler/http-client';
import type { Metrics, RequestResult } from '@node-termination-handler/metrics';
import { isHeldByBudget, KubernetesApiError, KubernetesConnectionError } from '@node-termination-handler/node-drainer';
import type { CallRecord } from '@node-termination-handler/node-drainer';

/** Counts a request to the API server by what came of it. */
export function countRequest({ verb, resource, subresource, error }: CallRecord, metrics: Metrics): void {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  metrics.countKubernetesRequest(verb, what, resultOf(error));
}

/** Whoever refuses counts before the code, which a webhook may choose as it likes. */
function resultOf(error: unknown): RequestResult {
  if (error === undefined) return 'ok';
  if (error instanceof KubernetesApiError) {
    const { status, causes } = error;
    if (error.refusedBy !== undefined) return 'admission';
    if (isHeldByBudget(error)) return 'blocked';
    if (status === 429) return 'throttled';
    if (status === 401 || (status === 403 && causes.length === 0)) return 'denied';
    if (status === 404 || status === 410) return 'not_found';
    // What is in another state than was thought: a test of a JSON Patch has no causes, what is invalid has some.
    return status === 403 || status === 409 || (status === 422 && causes.length === 0) ? 'conflict' : 'error';
  }
  // What is neither an answer nor a fault of the connection is the reason of whoever needs the answer no more.
  if (!(error instanceof KubernetesConnectionError)) return 'cancelled';
  if (error.cause instanceof SyntaxError) return 'error';
  return error.cause instanceof HttpError && !(error.cause instanceof HttpTimeoutError) ? 'unreachable' : 'timeout';
}
