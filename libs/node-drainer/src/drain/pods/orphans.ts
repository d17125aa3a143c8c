import { abortable } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { KubernetesApiError } from '../../connection/errors.ts';
import type { KubernetesClient } from '../../connection/client.ts';
import type { ObjectMeta } from '../../connection/wire.ts';
import { METADATA_ONLY } from '../check-node.ts';
import type { DrainMemory } from '../memory.ts';
import type { PodSummary } from './pod-summary.ts';

/** No pod waits longer for what becomes of those of DaemonSets. */
const WITHIN_MS = 2000;

/** What looking for DaemonSets needs. */
interface OrphanSearch {
  readonly client: KubernetesClient;
  readonly memory: DrainMemory;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Which of the DaemonSets that made these pods are gone, by their uids: nothing brings such a pod back, and nothing else ends
 * it. A DaemonSet that can't be read is taken to be there. Each is read once in a while for all drains that share a memory.
 *
 * @throws the signal's reason.
 */
export async function goneDaemonSets(
  pods: readonly PodSummary[],
  { client, memory, clock, signal }: OrphanSearch,
): Promise<ReadonlySet<string>> {
  const owners = new Map<string, { namespace: string; name: string }>();
  for (const { ref, controller } of pods) {
    if (controller?.kind === 'DaemonSet')
      owners.set(controller.uid, { namespace: ref.namespace, name: controller.name });
  }
  const gone = [...owners].map(async ([uid, owner]) => {
    // What one drain asks others hear as well, so that its end does not end the question.
    const asked = memory.isGone(uid, clock.monotonic(), () => isDaemonSetGone(client, uid, owner));
    const isGone = await abortable(asked, signal);
    return isGone ? [uid] : [];
  });
  return new Set((await Promise.all(gone)).flat());
}

async function isDaemonSetGone(
  client: KubernetesClient,
  uid: string,
  owner: { readonly namespace: string; readonly name: string },
): Promise<boolean> {
  try {
    const found = await client.request<{ metadata?: ObjectMeta }>({
      verb: 'get',
      group: 'apps',
      resource: 'daemonsets',
      ...owner,
      accept: METADATA_ONLY,
      retry: false,
      deadlineMs: WITHIN_MS,
    });
    return found.metadata?.uid !== undefined && found.metadata.uid !== uid;
  } catch (error) {
    const isNotFound = error instanceof KubernetesApiError && error.status === 404;
    return isNotFound && error.about === 'daemonsets' && error.aboutName === owner.name;
  }
}
