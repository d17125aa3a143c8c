import type { Deadline } from '@node-termination-handler/clock';
import type {
  ConditionMark,
  DrainProgress,
  FoundNode,
  NodeChange,
  NodeRef,
} from '@node-termination-handler/node-drainer';
import type { PodsLook } from '../record/transitions.ts';

/** A node as it was last seen. */
export type ClusterNode = FoundNode;

/** What changing a node came to. */
export type Changed =
  | {
      readonly status: 'changed';
      readonly node: ClusterNode;
      /** The node as the change was worked out on it. */
      readonly before: ClusterNode;
      /** The node had no room for annotations: all but them was written. */
      readonly withoutAnnotations: boolean;
    }
  /** The node is gone, or another one has taken its name. */
  | { readonly status: 'gone' };

/** How one node is to be drained. */
export interface DrainOrder {
  /** When the instance goes; it is moved while the drain runs, and may be none (`Infinity`). */
  readonly deadline: Deadline;
  /** Before the deadline a pod that something holds is hurried (`deadline`), or held to the end (`respect`). */
  readonly onDeadline: 'deadline' | 'respect';
  /** Kept free before the deadline, in seconds: as long as the time that is left, every pod is hurried at once. Default: the drainer's own. */
  readonly deadlineMarginSeconds?: number;
  /** Pods that came to the node later than its cordon come again each time, and stay. */
  readonly cordonedAt: Date | undefined;
}

/**
 * What the engine needs of a cluster.
 *
 * Every call ends with an exception only when trying again may help; what is expected comes back as a value.
 */
export interface Cluster {
  /**
   * For how long whoever tells the engine of changes that others make (`InterruptionHandler.seen`) has heard nothing, in milliseconds;
   * `Infinity` where nobody does: it looks by itself.
   */
  readonly silentMs: number;
  /** Finds the nodes that carry the instance of an event: one, as a rule; none; or several, of which at most one tells the truth. */
  find(target: NodeRef, signal: AbortSignal): Promise<readonly ClusterNode[]>;
  /** Reads a node anew; `undefined` when it is gone. */
  read(name: string, signal: AbortSignal): Promise<ClusterNode | undefined>;
  /** Changes a node in one patch that tests what the change rests on; worked out anew where the node has changed meanwhile. */
  change(node: ClusterNode, change: (node: ClusterNode) => NodeChange, signal: AbortSignal): Promise<Changed>;
  /**
   * Shows these conditions on the node, and of this program's no others; those of somebody else are left. Nothing is sent where it shows
   * them. Gives back the node as it is then, `undefined` when it is gone.
   */
  show(node: ClusterNode, conditions: readonly ConditionMark[], signal: AbortSignal): Promise<ClusterNode | undefined>;
  /** Moves the pods away; the last item is always `finished`. */
  drain(node: ClusterNode, order: DrainOrder, signal: AbortSignal): AsyncIterable<DrainProgress>;
  /** Looks which pods are on the node now; `cordonedAt` as in {@link DrainOrder}. */
  look(node: ClusterNode, cordonedAt: Date | undefined, signal: AbortSignal): Promise<PodsLook>;
}
