import type { KubernetesClient } from '../connection/client.ts';
import type { FoundNode } from '../find/found-node.ts';
import { applyChange } from './apply.ts';
import type { MarkOptions, NodeMark, NodeUnmark } from './marks.ts';
import type { JsonPatch } from './patch.ts';
import { buildMarkPatch, buildUnmarkPatch } from './patch.ts';

/** What became of {@link markNode}. */
export type MarkResult =
  | {
      outcome: 'marked';
      /** The node after the patch (in a dry run: before it). */
      node: FoundNode;
      /** Whether this patch, and nobody before it, made the node unschedulable. */
      cordonedByUs: boolean;
      /** False when all was there already and nothing was sent. */
      changed: boolean;
      /** What was sent, or in a dry run would have been. */
      patch: JsonPatch;
    }
  /** No node of that name. */
  | { outcome: 'not-found'; name: string }
  /** A node of that name, but another one: it is not touched. */
  | { outcome: 'replaced'; name: string; expectedUid: string; foundUid: string }
  /** `expectAnnotations` does not hold: somebody else has claimed the node. */
  | { outcome: 'claimed'; node: FoundNode };

/** What became of {@link unmarkNode}. */
export type UnmarkResult =
  | {
      outcome: 'unmarked';
      node: FoundNode;
      /** Whether this patch made the node schedulable. */
      uncordoned: boolean;
      changed: boolean;
      patch: JsonPatch;
    }
  | Exclude<MarkResult, { outcome: 'marked' }>;

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
  const applied = await applyChange(client, node, mark, (known) => buildMarkPatch(known, mark), options);
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
  const applied = await applyChange(client, node, unmark, (known) => buildUnmarkPatch(known, unmark), options);
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
