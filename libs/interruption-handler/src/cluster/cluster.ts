import type { Deadline } from '@node-termination-handler/clock';
import type { DrainProgress, FoundNode } from '@node-termination-handler/node-drainer';
import type { ClaimRecord } from '../claim.ts';

/** How the node of an event is named: at least one of the two. */
export interface NodeTarget {
  readonly name?: string;
  readonly instanceId?: string;
}

/** A node as it was last seen. */
export type ClusterNode = FoundNode;

/** What one event puts on a node, in one patch. */
export interface ClusterMark {
  readonly taint: { readonly key: string; readonly value: string };
  readonly labels: Readonly<Record<string, string>>;
  /** Set only when the node could be scheduled to before. */
  readonly labelsIfSchedulable: Readonly<Record<string, string>>;
  /** The claim to write; absent where claims are off. */
  readonly claim?: ClaimRecord;
}

/** What marking a node came to. */
export type ClusterMarked =
  | { readonly status: 'marked'; readonly changed: boolean; readonly cordonedByUs: boolean; readonly node: ClusterNode }
  /** Somebody wrote a claim since the node was last seen. */
  | { readonly status: 'claim-lost'; readonly node: ClusterNode }
  /** The node is gone, or another one has taken its name. */
  | { readonly status: 'node-gone' };

/**
 * What the engine needs of a cluster.
 *
 * Every call ends with an exception only when trying again may help; what is expected comes back as a value.
 */
export interface Cluster {
  /** Finds the node of an event; `undefined` when there is none. */
  find(target: NodeTarget, signal: AbortSignal): Promise<ClusterNode | undefined>;
  /** Cordons, taints and labels in one patch. */
  mark(node: ClusterNode, mark: ClusterMark, signal: AbortSignal): Promise<ClusterMarked>;
  /** Moves the pods away; the last item is always `finished`. */
  drain(node: ClusterNode, deadline: Deadline, signal: AbortSignal): AsyncIterable<DrainProgress>;
  /** Renews or ends a claim; `undefined` removes it. A claim that has passed to somebody else is left alone. Returns the node as it is then. */
  writeClaim(node: ClusterNode, claim: ClaimRecord | undefined, signal: AbortSignal): Promise<ClusterNode>;
  /** Marks a drained node as shut down, so that its volumes detach; see `node.kubernetes.io/out-of-service`. */
  markOutOfService(node: ClusterNode, signal: AbortSignal): Promise<void>;
  /** Takes back what {@link Cluster.mark} did: this program's labels, annotations and taints, and the cordon if `uncordon`. */
  restore(node: ClusterNode, uncordon: boolean, signal: AbortSignal): Promise<void>;
}
