import type { KubernetesApiError } from '../../../connection/errors.ts';
import type { EvictionAnswer } from './answer.ts';

/**
 * HTTP 403: a rule is missing from the role. Two other things answer so and pass by themselves: a namespace that is
 * being deleted with its pods, and a budget whose bookkeeping lags behind.
 */
export function forbidden(error: KubernetesApiError): EvictionAnswer | undefined {
  if (error.status !== 403) return undefined;
  const { message } = error;
  if (error.hasCause('NamespaceTerminating')) return { kind: 'unanswered', message };
  if (error.about === 'poddisruptionbudget') {
    return { kind: 'blocked', budget: undefined, message, retryAfterMs: undefined };
  }
  return { kind: 'refused', message };
}
