import { KubernetesApiError, KubernetesConnectionError, messageOf } from '../../connection/errors.ts';
import type { Hold } from '../hold.ts';
import type { PodRef } from '../progress.ts';

/** What an answer that is not a success means for the pod. None of them is final: whatever was refused is asked for again. */
export type EvictionAnswer =
  /** Something keeps the pod where it is: a budget, an admission webhook or policy, a role, or a server that does not serve. */
  | { kind: 'held'; heldBy: Hold; message: string; retryAfterMs?: number }
  /** The namespace is being deleted, and its pods with it. */
  | { kind: 'namespace-terminating'; message: string }
  /** It may be gone, or another pod of the same name: only reading it tells. */
  | { kind: 'uncertain'; message: string }
  /** The server asks everybody to slow down. */
  | { kind: 'throttled'; message: string; retryAfterMs: number }
  /** The server does not know us; the client has tried with a token just read, the next one may be on its way. */
  | { kind: 'unauthorized'; message: string };

/** By this cause the server tells a budget's 429 from its flow control's. */
const BUDGET_CAUSE = 'DisruptionBudget';
/** The server marks these by their sentences alone. */
const SEVERAL_BUDGETS = 'more than one PodDisruptionBudget';
const BUDGET_IN_CONFLICT = /^couldn't update PodDisruptionBudget "?([^" ]+)"?/;
const DEFAULT_RETRY_AFTER_MS = 1000;

/**
 * What each answer to an eviction or a deletion means; the first row that fits decides.
 *
 * See https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works and, for the
 * 429 that no budget gives, https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
const ANSWERS: readonly ((error: KubernetesApiError, pod: PodRef) => EvictionAnswer | undefined)[] = [
  // A webhook may answer with any code and cause, also those that mean something else below: its name comes first.
  ({ refusedBy, message }) => refusedBy && { kind: 'held', heldBy: refusedBy, message },
  (error) =>
    error.hasCause('NamespaceTerminating') ? { kind: 'namespace-terminating', message: error.message } : undefined,
  heldByBudget,
  ({ status, about, aboutName, message }, { name }) =>
    status === 404 && about === 'pods' && aboutName === name ? { kind: 'uncertain', message } : undefined,
  ({ status, message }) => (status === 409 ? { kind: 'uncertain', message } : undefined),
  throttled,
  ({ status, message }) => (status === 401 ? { kind: 'unauthorized', message } : undefined),
  ({ isMissingRight, message }) => (isMissingRight ? { kind: 'held', heldBy: { kind: 'role' }, message } : undefined),
];

/** What an error that came back from an eviction or a deletion means for the pod. */
export function readAnswer(error: unknown, pod: PodRef): EvictionAnswer {
  if (error instanceof KubernetesApiError) {
    for (const row of ANSWERS) {
      const answer = row(error, pod);
      if (answer) return answer;
    }
  }
  return { kind: 'held', heldBy: { kind: 'fault' }, message: messageOf(error) };
}

/** Whether the request may have been carried out though its answer says nothing of it. */
export function mayHaveWorked(error: unknown): boolean {
  return error instanceof KubernetesConnectionError || (error instanceof KubernetesApiError && error.status >= 500);
}

/** Whether it is a disruption budget that refuses; whatever a webhook answers is that one's word. */
export function isHeldByBudget(error: KubernetesApiError): boolean {
  return error.refusedBy === undefined && heldByBudget(error) !== undefined;
}

/** A budget says no, or can't say yes: the pod may go later. Its name is for people; nothing depends on it. */
function heldByBudget(error: KubernetesApiError): EvictionAnswer | undefined {
  const { status, about, aboutName, retryAfterSeconds } = error;
  const wait = retryAfterSeconds === undefined ? undefined : { retryAfterMs: retryAfterSeconds * 1000 };
  const held = (message: string, name?: string): EvictionAnswer => ({
    kind: 'held',
    heldBy: { kind: 'budget', ...(name !== undefined && { name }) },
    message,
    ...wait,
  });
  const cause = error.causes.find(({ reason }) => reason === BUDGET_CAUSE);
  if (cause) {
    const message = cause.message ?? error.message;
    return held(message, /^The disruption budget (\S+) /.exec(message)?.[1]);
  }
  const said = error.said ?? '';
  const inConflict = BUDGET_IN_CONFLICT.exec(said);
  if (inConflict) return held(said, inConflict[1]);
  if (said.includes(SEVERAL_BUDGETS)) {
    return held(`${SEVERAL_BUDGETS} selects this pod, which the Eviction API does not support`);
  }
  return status === 403 && about === 'poddisruptionbudget' ? held(error.message, aboutName) : undefined;
}

/** Flow control: the server has too much to do. A budget's 429 often has no `Retry-After`; this one may lack it too. */
function throttled({ status, message, retryAfterSeconds: seconds }: KubernetesApiError): EvictionAnswer | undefined {
  if (status !== 429) return undefined;
  const retryAfterMs = seconds === undefined || seconds <= 0 ? DEFAULT_RETRY_AFTER_MS : seconds * 1000;
  return { kind: 'throttled', message, retryAfterMs };
}
