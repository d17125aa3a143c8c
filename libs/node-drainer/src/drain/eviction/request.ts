import { KubernetesApiError } from '../../connection/errors.ts';
import type { KubernetesClient } from '../../connection/client.ts';
import type { Pod } from '../../connection/wire.ts';
import type { PodRef } from '../progress.ts';

/**
 * The longest wait for an answer, longer than an admission webhook may take (30 s): the server names the one that hangs only
 * after that one's own time limit. See
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
 */
export const LONGEST_ANSWER_MS = 32_000;
/** Reads are answered at once, or not at all. */
const READ_WITHIN_MS = 5000;

/** What a request may take, and what ends it. */
export interface RequestLimits {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks the Eviction API, which respects budgets. The uid is a precondition: a new pod of the same name is left alone.
 *
 * See https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export async function requestEviction(
  client: KubernetesClient,
  { namespace, name, uid }: PodRef,
  graceSeconds: number | undefined,
  { limitMs, signal }: RequestLimits,
): Promise<void> {
  const deleteOptions = deletionOf(uid, graceSeconds);
  await client.request({
    verb: 'create',
    resource: 'pods',
    namespace,
    name,
    subresource: 'eviction',
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name }, deleteOptions },
    deadlineMs: limitMs,
    signal,
  });
}

/** Deletes a pod past the Eviction API, the uid again a precondition. */
export async function deletePod(
  client: KubernetesClient,
  { namespace, name, uid }: PodRef,
  graceSeconds: number | undefined,
  { limitMs, signal }: RequestLimits,
): Promise<void> {
  await client.request({
    verb: 'delete',
    resource: 'pods',
    namespace,
    name,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', ...deletionOf(uid, graceSeconds) },
    deadlineMs: limitMs,
    signal,
  });
}

function deletionOf(uid: string, graceSeconds: number | undefined) {
  return { preconditions: { uid }, ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }) };
}

/** Reads this very pod; `undefined` when the server knows none of its name, or another. */
export async function findPod(client: KubernetesClient, pod: PodRef, signal: AbortSignal): Promise<Pod | undefined> {
  const { namespace, name, uid } = pod;
  try {
    const call = { verb: 'get', resource: 'pods', namespace, name, deadlineMs: READ_WITHIN_MS, signal } as const;
    const found = await client.request<Pod>(call);
    return found.metadata?.uid === uid ? found : undefined;
  } catch (error) {
    // A 404 that does not name the pod is a proxy's, or says that the server has no such resource.
    const isGone = error instanceof KubernetesApiError && error.status === 404 && error.aboutName === name;
    if (isGone && error.about === 'pods') return undefined;
    throw error;
  }
}
