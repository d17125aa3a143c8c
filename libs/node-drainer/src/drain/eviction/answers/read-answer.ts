import { messageOf } from '../../../message-of.ts';
import { KubernetesApiError, KubernetesConnectionError } from '../../../connection/errors.ts';
import type { EvictionAnswer } from './answer.ts';
import { throttled } from './flow-control-429.ts';
import { forbidden } from './forbidden-403.ts';
import { blockedByBudget } from './pdb-429.ts';
import { blockedByTwoBudgets } from './two-budgets-500.ts';

/** What an error that came back from an eviction or a deletion means for the pod. */
export function readAnswer(error: unknown): EvictionAnswer {
  const message = messageOf(error);
  if (error instanceof KubernetesConnectionError) return { kind: 'unanswered', message };
  if (!(error instanceof KubernetesApiError)) return { kind: 'refused', message };
  return (
    blockedByBudget(error) ??
    throttled(error) ??
    blockedByTwoBudgets(error) ??
    forbidden(error) ??
    byStatus(error.status, message)
  );
}

function byStatus(status: number, message: string): EvictionAnswer {
  if (status === 404) return { kind: 'gone' };
  if (status === 409) return { kind: 'uncertain' };
  // 401: the client has tried with a fresh token; the next one may be on its way. 408: the server gave up waiting.
  if (status >= 500 || status === 401 || status === 408) return { kind: 'unanswered', message };
  return { kind: 'refused', message };
}
