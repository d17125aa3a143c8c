import type { Taint } from '../connection/wire.ts';
import type { FoundNode } from '../find/found-node.ts';
import { LOAD_BALANCER_LABEL, LOAD_BALANCER_VALUE } from './marks.ts';

/** What a node is to carry; what is not named stays as it is. */
export interface NodeChange {
  /** Whether it takes no new pods; `'as-found'`, the default, leaves that alone. */
  unschedulable?: boolean | 'as-found';
  /** See https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
  taints?: {
    /** The keys that are the caller's: a taint of one of these goes unless `set` names its key. */
    readonly own: readonly string[];
    /** What stands there afterwards; a taint of the same key that is there already is left as it is. */
    readonly set: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
  };
  /**
   * Labels to set; `null` removes one. A value of {@link LOAD_BALANCER_LABEL} that is not this program's is neither
   * overwritten nor removed.
   */
  labels?: Readonly<Record<string, string | null>>;
  /** Annotations to set; `null` removes one. Each that is named must still be as it is known, or nothing is changed. */
  annotations?: Readonly<Record<string, string | null>>;
}

/** The node as a change leaves it. Pure. */
export function applied(node: FoundNode, change: NodeChange): FoundNode {
  const { unschedulable = 'as-found', taints, labels = {}, annotations = {} } = change;
  const annotationsAfter = withEntries(node.annotations, annotations);
  return {
    ...node,
    unschedulable: unschedulable === 'as-found' ? node.unschedulable : unschedulable,
    taints: taints === undefined ? node.taints : taintsAfter(node.taints, taints),
    labels: withEntries(node.labels, withoutForeignLabel(node, labels)),
    annotations: annotationsAfter,
    // Those that were not kept are still there.
    annotated: node.annotated === true || Object.keys(annotationsAfter).length > 0,
  };
}

function taintsAfter(known: readonly Taint[], { own, set }: NonNullable<NodeChange['taints']>): readonly Taint[] {
  const ownKeys = new Set(own);
  const setKeys = new Set(set.map(({ key }) => key));
  const kept = known.filter(({ key }) => !ownKeys.has(key) || setKeys.has(key));
  const added = set.filter(({ key }) => !known.some((taint) => taint.key === key));
  return [...kept, ...added.map(({ key, value, effect }) => ({ key, value, effect }))];
}

/** Whoever else keeps the node out of load balancers goes on doing so. */
function withoutForeignLabel(
  node: FoundNode,
  labels: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string | null>> {
  const known = node.labels[LOAD_BALANCER_LABEL];
  if (known === undefined || known === LOAD_BALANCER_VALUE) return labels;
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key !== LOAD_BALANCER_LABEL));
}

function withEntries(
  known: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const entries = new Map(Object.entries(known));
  for (const [key, value] of Object.entries(wanted)) {
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
  return Object.fromEntries(entries);
}
