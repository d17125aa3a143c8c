import { backoffMs } from '../time/backoff.ts';
import { KubernetesApiError } from './api-error.ts';
import type { ApiCall } from './client.ts';
import { KubernetesConnectionError } from './errors.ts';

const BACKOFF = { firstMs: 100, maxMs: 2000 };

/** Whether a call may be made twice without harm, unless the caller says otherwise. */
export function isRetryable(call: ApiCall): boolean {
  return call.retry ?? (call.verb === 'get' || call.verb === 'list');
}

/**
 * The wait before the next try of a call that may be repeated, in milliseconds; `undefined` when trying again won't
 * help. `Retry-After` is honoured, see https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export function retryDelayMs(error: unknown, attempt: number, random?: () => number): number | undefined {
  if (error instanceof KubernetesConnectionError) return backoffMs(attempt, BACKOFF, random);
  if (!(error instanceof KubernetesApiError)) return undefined;
  if (error.status !== 429 && error.status < 500) return undefined;
  if (error.status === 501) return undefined;
  const wait = backoffMs(attempt, BACKOFF, random);
  return error.retryAfterSeconds === undefined ? wait : Math.max(wait, error.retryAfterSeconds * 1000);
}
