import type { Clock } from '@node-termination-handler/clock';
import { findNodes } from '@node-termination-handler/node-drainer';
import type { FoundNode, KubernetesClient, NodeRef } from '@node-termination-handler/node-drainer';
import DataLoader from 'dataloader';

/** For so long a look-up waits for others to share its list, in milliseconds: a list is all nodes of the cluster. */
const GATHER_MS = 500;

/**
 * Makes the look-up of nodes that the index does not know: whoever asks within half a second shares one list of all nodes, which began
 * after they asked.
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
  return (ref) => loader.load(ref);
}
