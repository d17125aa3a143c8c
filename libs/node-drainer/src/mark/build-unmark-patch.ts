import type { FoundNode } from '../find/found-node.ts';
import type { JsonPatch } from './json-patch.ts';
import type { NodeUnmark } from './node-mark.ts';
import { LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE, OWN_LABELS, OWN_TAINTS } from './own-marks.ts';
import { PatchBuilder } from './patch-builder.ts';

/**
 * The one patch that takes this program's marks off a node and leaves everybody else's: the load-balancer label goes
 * only when its value is this program's. Empty when there is nothing to take off.
 */
export function buildUnmarkPatch(node: FoundNode, unmark: NodeUnmark): JsonPatch {
  const patch = new PatchBuilder(node);
  for (const [key, value] of Object.entries(unmark.expectAnnotations ?? {})) {
    patch.expectEntry('annotations', key, value);
  }
  if (unmark.uncordon) patch.setUnschedulable(false);
  patch.removeTaints(new Set(unmark.taints ?? Object.values(OWN_TAINTS)));
  for (const key of unmark.labels ?? Object.values(OWN_LABELS)) patch.setEntry('labels', key, null);
  if (node.labels[LOAD_BALANCER_LABEL] === LOAD_BALANCER_VALUE) patch.setEntry('labels', LOAD_BALANCER_LABEL, null);
  for (const [key, value] of Object.entries(unmark.annotations ?? {})) patch.setEntry('annotations', key, value);
  return patch.build();
}
