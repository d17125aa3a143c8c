import { sleep } from '@node-termination-handler/clock';
import { KubernetesApiError } from '../../connection/errors.ts';
import type { KubernetesClient } from '../../connection/client.ts';
import type { Node, ObjectMeta } from '../../connection/wire.ts';
import { noteMissingRight } from '../optional-rights.ts';
import type { OptionalRight } from '../optional-rights.ts';
import type { DrainRun } from '../run.ts';
import { terminatesAt } from './tracked-pod.ts';
import type { TrackedPod } from './tracked-pod.ts';

const RIGHT: OptionalRight = 'get leases';
/** Pods are waited for so long past their grace, when only a kubelet that is silent could end them. */
export const OUT_OF_REACH_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 10_000;
/** A kubelet renews its Lease each 10 s, and is taken for unknown after 40. */
const STILL_FOR_MS = 40_000;

/**
 * Stops waiting for pods whose grace is over for a minute on a node that the control plane has lost: its condition `Ready` is
 * `Unknown`, and its Lease was not seen to change. Nobody can end them but the kubelet; nothing is deleted by force. A kubelet
 * that says of itself that it is not ready is there.
 *
 * See https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats
 */
export async function giveUpOnSilentKubelet(run: DrainRun): Promise<void> {
  const { clock, memory } = run.settings;
  let still: { leaseVersion: string; sinceMs: number } | undefined;
  for (;;) {
    try {
      await sleep(clock, LOOK_EVERY_MS, run.signal);
    } catch {
      return;
    }
    const overdue = run.pods.left().filter((pod) => (terminatesAt(pod) ?? Infinity) < clock.now());
    const leaseVersion = overdue.length === 0 ? undefined : await look(run);
    if (run.signal.aborted) return;
    if (leaseVersion === undefined || leaseVersion !== still?.leaseVersion) {
      still = leaseVersion === undefined ? undefined : { leaseVersion, sinceMs: clock.monotonic() };
      memory.noteSilent(run.node, undefined);
      waitAgain(run);
      continue;
    }
    run.emit({ type: 'kubelet-silent', pods: overdue.map(({ ref }) => ref) });
    if (clock.monotonic() - still.sinceMs < STILL_FOR_MS) continue;
    memory.noteSilent(run.node, leaseVersion);
    giveUp(run, overdue);
  }
}

/** As {@link leaseOfLostNode}; that Leases may not be read is told, for the drain would wait for nothing else. */
async function look(run: DrainRun): Promise<string | undefined> {
  const { memory } = run.settings;
  const onMissingRight = (error: unknown) => noteMissingRight(run, RIGHT, error);
  const leaseVersion = await leaseOfLostNode(run.client, run.node, run.signal, onMissingRight);
  if (leaseVersion !== undefined) memory.noteGranted(RIGHT);
  return leaseVersion;
}

function giveUp(run: DrainRun, overdue: readonly TrackedPod[]): void {
  for (const pod of overdue) {
    if ((terminatesAt(pod) ?? Infinity) + OUT_OF_REACH_AFTER_MS > run.settings.clock.now()) continue;
    pod.state = 'out-of-reach';
    pod.message = 'its grace is over, and the kubelet of its node is silent';
  }
  run.pods.changed();
}

/** The kubelet has spoken. */
function waitAgain(run: DrainRun): void {
  for (const pod of run.pods.pods()) if (pod.state === 'out-of-reach') pod.state = 'terminating';
}

/** The resource version of the Lease of a node whose `Ready` is `Unknown`; `undefined` when it is not, or either can't be read. */
export async function leaseOfLostNode(
  client: KubernetesClient,
  name: string,
  signal: AbortSignal | undefined,
  onMissingRight?: (error: KubernetesApiError) => void,
): Promise<string | undefined> {
  const options = { deadlineMs: LOOK_EVERY_MS, ...(signal && { signal }) };
  try {
    const { status } = await client.request<Node>({ verb: 'get', resource: 'nodes', name, ...options });
    if (!status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'Unknown'))
      return undefined;
    const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-node-lease', name } as const;
    const { metadata } = await client.request<{ metadata?: ObjectMeta }>({ verb: 'get', ...lease, ...options });
    return metadata?.resourceVersion;
  } catch (error) {
    if (!(error instanceof KubernetesApiError)) return undefined;
    if (error.isMissingRight && error.resource === 'leases') onMissingRight?.(error);
    // A kubelet that has no Lease any more renews none.
    return error.status === 404 && error.about === 'leases' ? 'none' : undefined;
  }
}
