import type { KubernetesClient } from '../connection/client.ts';
import { getNode } from '../find/find-node.ts';
import type { FoundNode } from '../find/found-node.ts';
import type { ChangeOptions, ChangeResult } from './change-node.ts';
import { changeNode } from './change-node.ts';
import type { MarkTaint } from './marks.ts';
import { LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE, OWN_LABELS, OWN_TAINTS } from './marks.ts';
import type { NodeChange } from './node-change.ts';
import type { JsonPatch } from './patch.ts';

/** By which annotations replicas claim a node. */
interface Claim {
  /** Annotations to set; `null` removes one. */
  annotations?: Readonly<Record<string, string | null>>;
  /** Annotations as they must be for the change to apply, `null` for "not there". */
  expectAnnotations?: Readonly<Record<string, string | null>>;
}

/** Everything that {@link markNode} writes on a node that goes away. */
export interface NodeMark extends Claim {
  /** Sets `spec.unschedulable`. */
  cordon?: boolean;
  /** An existing taint of the same key is left as it is. */
  taint?: MarkTaint;
  /** Labels to set. */
  labels?: Readonly<Record<string, string>>;
  /** Labels to set only when the node was schedulable before. */
  labelsIfSchedulable?: Readonly<Record<string, string>>;
  /** Sets {@link LOAD_BALANCER_LABEL}; a value that is there stays. */
  excludeFromLoadBalancers?: boolean;
}

/** What {@link unmarkNode} takes off a node besides {@link OWN_LABELS} and {@link OWN_TAINTS}. */
export interface NodeUnmark extends Claim {
  /** Makes the node schedulable again. Default false. */
  uncordon?: boolean;
}

/** What became of {@link markNode}. */
export type MarkResult =
  | { outcome: 'marked'; node: FoundNode; cordonedByUs: boolean; changed: boolean; patch: JsonPatch }
  | Exclude<ChangeResult, { outcome: 'changed' }>
  /** `expectAnnotations` does not hold: somebody else has claimed the node. */
  | { outcome: 'claimed'; node: FoundNode };

/** What became of {@link unmarkNode}. */
export type UnmarkResult =
  | { outcome: 'unmarked'; node: FoundNode; uncordoned: boolean; changed: boolean; patch: JsonPatch }
  | Exclude<MarkResult, { outcome: 'marked' }>;

/** Cordons, taints, labels and annotates a node by {@link changeNode}. */
export async function markNode(
  client: KubernetesClient,
  node: FoundNode | string,
  mark: NodeMark,
  options: ChangeOptions = {},
): Promise<MarkResult> {
  const change = (known: FoundNode): NodeChange => ({
    unschedulable: mark.cordon === true ? true : 'as-found',
    ...(mark.taint && { taints: { own: [], set: [mark.taint] } }),
    labels: {
      ...mark.labels,
      ...(!known.unschedulable && mark.labelsIfSchedulable),
      ...(mark.excludeFromLoadBalancers && { [LOAD_BALANCER_LABEL]: LOAD_BALANCER_VALUE }),
    },
    annotations: mark.annotations ?? {},
  });
  const result = await changeUnclaimed(client, node, mark, change, options);
  if (result.outcome !== 'changed') return result;
  const { before, changed, patch } = result;
  const cordonedByUs = mark.cordon === true && !before.unschedulable;
  return { outcome: 'marked', node: result.node, cordonedByUs, changed, patch };
}

/** Takes this program's marks off a node by {@link changeNode}. */
export async function unmarkNode(
  client: KubernetesClient,
  node: FoundNode | string,
  unmark: NodeUnmark = {},
  options: ChangeOptions = {},
): Promise<UnmarkResult> {
  const keys = [...Object.values(OWN_LABELS), LOAD_BALANCER_LABEL];
  const change: NodeChange = {
    unschedulable: unmark.uncordon === true ? false : 'as-found',
    taints: { own: Object.values(OWN_TAINTS), set: [] },
    labels: Object.fromEntries(keys.map((key) => [key, null])),
    annotations: unmark.annotations ?? {},
  };
  const result = await changeUnclaimed(client, node, unmark, () => change, options);
  if (result.outcome !== 'changed') return result;
  const { before, changed, patch } = result;
  const uncordoned = unmark.uncordon === true && before.unschedulable;
  return { outcome: 'unmarked', node: result.node, uncordoned, changed, patch };
}

/** The node is another's, as far as is known. */
class ClaimedByOther extends Error {
  readonly node: FoundNode;

  constructor(node: FoundNode) {
    super(`node ${node.name}: claimed by another`);
    this.node = node;
  }
}

async function changeUnclaimed(
  client: KubernetesClient,
  node: FoundNode | string,
  claim: Claim,
  change: (node: FoundNode) => NodeChange,
  options: ChangeOptions,
): Promise<ChangeResult | { outcome: 'claimed'; node: FoundNode }> {
  let known = node;
  if (typeof node !== 'string' && isClaimedByOther(node, claim)) {
    // A claim is believed only on a node just read.
    const fresh = await getNode(client, node.name, options.signal);
    if (fresh === undefined) return { outcome: 'not-found', name: node.name };
    if (fresh.uid !== node.uid) {
      return { outcome: 'replaced', name: node.name, expectedUid: node.uid, foundUid: fresh.uid };
    }
    known = fresh;
  }
  const changeUnlessClaimed = (before: FoundNode) => {
    if (isClaimedByOther(before, claim)) throw new ClaimedByOther(before);
    return change(before);
  };
  try {
    return await changeNode(client, known, changeUnlessClaimed, options);
  } catch (error) {
    if (error instanceof ClaimedByOther) return { outcome: 'claimed', node: error.node };
    throw error;
  }
}

/** A node that has the claim's own annotations already is its own: the answer to an earlier try was lost. */
function isClaimedByOther(node: FoundNode, claim: Claim): boolean {
  if (holds(node, claim.expectAnnotations)) return false;
  return claim.annotations === undefined || !holds(node, claim.annotations);
}

function holds(node: FoundNode, annotations: Readonly<Record<string, string | null>> = {}): boolean {
  return Object.entries(annotations).every(([key, value]) => (node.annotations[key] ?? null) === value);
}
