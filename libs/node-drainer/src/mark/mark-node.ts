import type { KubernetesClient } from '../connection/client.ts';
import type { FoundNode } from '../find/found-node.ts';
import { applyNodeChange } from './apply-patch.ts';
import { buildMarkPatch } from './build-mark-patch.ts';
import { isClaimedByOther } from './claim.ts';
import type { MarkOptions, MarkResult, NodeMark } from './node-mark.ts';

/**
 * Cordons, taints, labels and annotates a node in one patch. A conflict with somebody else's change is worked out
 * anew; nothing that is not named in the mark is touched, nor is another node that has taken the name.
 *
 * @param node - as found, or its name alone (one request more, and no check of its identity).
 * @throws {@link MarkConflictError} when it could not be done in time.
 * @throws {@link KubernetesApiError} when the server refuses.
 */
export async function markNode(
  client: KubernetesClient,
  node: FoundNode | string,
  mark: NodeMark,
  options: MarkOptions = {},
): Promise<MarkResult> {
  const change = {
    isClaimed: (known: FoundNode) => isClaimedByOther(known, mark),
    build: (known: FoundNode) => buildMarkPatch(known, mark),
  };
  const applied = await applyNodeChange(client, node, change, options);
  if (applied.outcome !== 'applied') return applied;
  const { before, after, patch } = applied;
  return {
    outcome: 'marked',
    node: after,
    cordonedByUs: mark.cordon === true && !before.unschedulable,
    changed: patch.length > 0,
    patch,
  };
}
