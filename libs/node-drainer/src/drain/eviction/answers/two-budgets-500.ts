import type { KubernetesApiError } from '../../../connection/errors.ts';
import type { EvictionAnswer } from './answer.ts';

/**
 * HTTP 500 for a pod under more than one budget, which the Eviction API can't serve until one of them is removed. It
 * is treated as any fault of the server's, but said as what it is; the server marks it by its sentence alone.
 */
export function blockedByTwoBudgets(error: KubernetesApiError): EvictionAnswer | undefined {
  if (error.status !== 500 || !error.message.includes('more than one PodDisruptionBudget')) return undefined;
  const message = 'more than one PodDisruptionBudget selects this pod, which the Eviction API does not support';
  return { kind: 'blocked', budget: undefined, message, retryAfterMs: undefined };
}
