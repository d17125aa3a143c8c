import type { FoundNode } from '../find/found-node.ts';
import type { JsonPatch } from './json-patch.ts';
import type { NodeMark } from './node-mark.ts';
import { LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE } from './own-marks.ts';
import { PatchBuilder } from './patch-builder.ts';

/**
 * The one patch that puts a mark on a node as it is known: what is there already is left alone, and a patch with
 * nothing to write is empty. Pure: the same node and mark give the same patch.
 */
export function buildMarkPatch(node: FoundNode, mark: NodeMark): JsonPatch {
  const patch = new PatchBuilder(node);
  for (const [key, value] of Object.entries(mark.expectAnnotations ?? {})) {
    patch.expectEntry('annotations', key, value);
  }
  if (mark.labelsIfSchedulable && Object.keys(mark.labelsIfSchedulable).length > 0) patch.expectSchedulability();
  if (mark.cordon) patch.setUnschedulable(true);
  const { taint } = mark;
  if (taint && !node.taints.some(({ key }) => key === taint.key)) patch.addTaint(taint);
  for (const [key, value] of Object.entries(labelsOf(node, mark))) patch.setEntry('labels', key, value);
  if (mark.excludeFromLoadBalancers && !Object.hasOwn(node.labels, LOAD_BALANCER_LABEL)) {
    patch.expectEntry('labels', LOAD_BALANCER_LABEL, null);
    patch.setEntry('labels', LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE);
  }
  for (const [key, value] of Object.entries(mark.annotations ?? {})) patch.setEntry('annotations', key, value);
  return patch.build();
}

function labelsOf(node: FoundNode, mark: NodeMark): Readonly<Record<string, string>> {
  return node.unschedulable ? { ...mark.labels } : { ...mark.labels, ...mark.labelsIfSchedulable };
}
