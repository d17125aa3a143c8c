import type { KubernetesClient } from '../connection/client.ts';
import type { FoundNode } from '../find/found-node.ts';
import { applyNodeChange } from './apply-patch.ts';
import { buildUnmarkPatch } from './build-unmark-patch.ts';
import { isClaimedByOther } from './claim.ts';
import type { MarkOptions, NodeUnmark, UnmarkResult } from './node-mark.ts';

/**
 * Takes this program's labels, taints and annotations off a node, and makes it schedulable when asked to. Whatever is
 * somebody else's stays.
 *
 * @throws {@link MarkConflictError} when it could not be done in time.
 * @throws {@link KubernetesApiError} when the server refuses.
 */
export async function unmarkNode(
  client: KubernetesClient,
  node: FoundNode | string,
  unmark: NodeUnmark = {},
  options: MarkOptions = {},
): Promise<UnmarkResult> {
  const change = {
    isClaimed: (known: FoundNode) => isClaimedByOther(known, unmark),
    build: (known: FoundNode) => buildUnmarkPatch(known, unmark),
  };
  const applied = await applyNodeChange(client, node, change, options);
  if (applied.outcome !== 'applied') return applied;
  const { before, after, patch } = applied;
  return {
    outcome: 'unmarked',
    node: after,
    uncordoned: unmark.uncordon === true && before.unschedulable,
    changed: patch.length > 0,
    patch,
  };
}
