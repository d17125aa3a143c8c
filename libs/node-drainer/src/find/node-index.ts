import type { FoundNode, NodeRef } from './found-node.ts';

/** All nodes of the cluster as small records, kept up to date by one watch. */
export interface NodeIndex extends AsyncDisposable {
  /** The node, by name, host name or instance id; `undefined` when there is none (yet). */
  find(ref: NodeRef): FoundNode | undefined;
  /** Resolves with the node once it exists and is `Ready`. @throws the signal's reason. */
  whenReady(ref: NodeRef, signal?: AbortSignal): Promise<FoundNode>;
  /** Resolves once the first list is in. @throws the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** Takes in a node just read or patched, unless a newer one is known. */
  update(node: FoundNode): void;
  /** All nodes. */
  nodes(): Iterable<FoundNode>;
  /** Number of nodes. */
  readonly size: number;
  /** Whether the first list is in. */
  readonly synced: boolean;
  /** When the API server last answered a list or sent something on the watch. */
  readonly lastSuccess: Date | undefined;
  /** Ends the watch. */
  close(): void;
}
