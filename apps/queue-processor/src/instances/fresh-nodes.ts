import type { Clock } from '@node-termination-handler/clock';
import { findNodes, getNode } from '@node-termination-handler/node-drainer';
import type { FoundNode, KubernetesClient, NodeRef } from '@node-termination-handler/node-drainer';
import DataLoader from 'dataloader';

/** For so long a look-up waits for others to share its list, in milliseconds: a list is all nodes of the cluster. */
const GATHER_MS = 500;

/**
 * Makes the look-up of nodes that the index does not know, as when its watch hangs: a node whose name is known is read by that at once, and is
 * the one if it carries the instance id; for all others whoever asks within half a second shares one list of all nodes, which began after
 * they asked.
 */
export function createFreshNodes(
  client: KubernetesClient,
  clock: Clock,
  signal: AbortSignal,
): (ref: NodeRef) => Promise<readonly FoundNode[]> {
  const loader = new DataLoader<NodeRef, readonly FoundNode[]>((refs) => findNodes(client, refs, { signal }), {
    cache: false,
    batchScheduleFn: (list) => void clock.startTimer(GATHER_MS, list),
  });
  return async (ref) => {
    const named = ref.name === undefined ? undefined : await getNode(client, ref.name, signal);
    return named?.instanceId !== undefined && named.instanceId === ref.instanceId ? [named] : loader.load(ref);
  };
}
