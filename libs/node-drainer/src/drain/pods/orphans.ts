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
/** So long a node that is empty otherwise waits for a DaemonSet that could not be read before. */
export const PATIENT_MS = 10_000;

/** What looking for DaemonSets needs. */
interface OrphanSearch {
  readonly client: KubernetesClient;
  readonly memory: DrainMemory;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** How long an answer is waited for, in milliseconds; more than the default is enough to try again. */
  readonly withinMs?: number | undefined;
}

/** What became of the DaemonSets of pods, by their uids. */
interface DaemonSets {
  /** Nothing brings their pods back, and nothing else ends them. */
  readonly gone: ReadonlySet<string>;
  /** They could not be read, though they may. */
  readonly unread: ReadonlySet<string>;
}

/**
 * Which of the DaemonSets that made these pods are gone. One that can't be read is taken to be there for now. Each is read once in a while
 * for all drains that share a memory.
 *
 * @throws the signal's reason.
 */
export async function daemonSetsOf(
  pods: readonly PodSummary[],
  { client, memory, clock, signal, withinMs = WITHIN_MS }: OrphanSearch,
): Promise<DaemonSets> {
  const owners = new Map<string, { namespace: string; name: string }>();
  for (const { ref, controller } of pods) {
    if (controller?.kind === 'DaemonSet')
      owners.set(controller.uid, { namespace: ref.namespace, name: controller.name });
  }
  const gone = new Set<string>();
  const unread = new Set<string>();
  const asking = [...owners].map(async ([uid, owner]) => {
    // What one drain asks others hear as well, so that its end does not end the question.
    const asked = memory.isGone(uid, clock.monotonic(), () => isDaemonSetGone(client, uid, owner, withinMs));
    const isGone = await abortable(asked, signal);
    if (isGone !== false) (isGone === true ? gone : unread).add(uid);
  });
  await Promise.all(asking);
  return { gone, unread };
}

async function isDaemonSetGone(
  client: KubernetesClient,
  uid: string,
  owner: { readonly namespace: string; readonly name: string },
  withinMs: number,
): Promise<boolean | undefined> {
  try {
    const found = await client.request<{ metadata?: ObjectMeta }>({
      verb: 'get',
      group: 'apps',
      resource: 'daemonsets',
      ...owner,
      accept: METADATA_ONLY,
      retry: withinMs > WITHIN_MS,
      deadlineMs: withinMs,
    });
    return found.metadata?.uid !== undefined && found.metadata.uid !== uid;
  } catch (error) {
    if (!(error instanceof KubernetesApiError)) return undefined;
    if (error.isMissingRight) return false;
    const isNotFound = error.status === 404 && error.about === 'daemonsets' && error.aboutName === owner.name;
    return isNotFound || undefined;
  }
}
