import { KubernetesApiError } from '../../connection/errors.ts';
import type { KubernetesClient } from '../../connection/client.ts';
import type { Pod } from '../../connection/wire.ts';
import type { PodRef } from '../progress.ts';

/** The server itself retries a conflict over a budget for up to 10 s; a shorter wait would give up on a pod in work. */
const EVICTION_TIMEOUT_MS = 15_000;

/**
 * Asks the Eviction API, which respects budgets. The uid is a precondition: a new pod of the same name is left alone.
 *
 * See https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export async function requestEviction(
  client: KubernetesClient,
  { namespace, name, uid }: PodRef,
  graceSeconds: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const deleteOptions = deletionOf(uid, graceSeconds);
  await client.request({
    verb: 'create',
    resource: 'pods',
    namespace,
    name,
    subresource: 'eviction',
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name }, deleteOptions },
    deadlineMs: EVICTION_TIMEOUT_MS,
    signal,
  });
}

/** Deletes a pod past the Eviction API, the uid again a precondition. */
export async function deletePod(
  client: KubernetesClient,
  { namespace, name, uid }: PodRef,
  graceSeconds: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  await client.request({
    verb: 'delete',
    resource: 'pods',
    namespace,
    name,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', ...deletionOf(uid, graceSeconds) },
    deadlineMs: EVICTION_TIMEOUT_MS,
    signal,
  });
}

function deletionOf(uid: string, graceSeconds: number | undefined) {
  return { preconditions: { uid }, ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }) };
}

/** Whether this very pod is there. */
export async function stillExists(client: KubernetesClient, pod: PodRef, signal: AbortSignal): Promise<boolean> {
  const { namespace, name, uid } = pod;
  try {
    const found = await client.request<Pod>({ verb: 'get', resource: 'pods', namespace, name, signal });
    return found.metadata?.uid === uid;
  } catch (error) {
    if (error instanceof KubernetesApiError && error.status === 404) return false;
    throw error;
  }
}
