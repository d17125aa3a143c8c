import type { KubernetesClient } from './connection/client.ts';
import type { ClusterAccess, ConnectOptions } from './connection/options.ts';
import type { EvictionQueue, EvictionQueueOptions } from './drain/eviction/eviction-queue.ts';
import type { DrainOptions } from './drain/options.ts';
import type { DrainProgress } from './drain/progress.ts';
import type { FoundNode, NodeRef } from './find/found-node.ts';
import type { NodeIndex } from './find/node-index.ts';
import type { FindNodeOptions, NodeIndexOptions } from './find/options.ts';
import type { JsonPatch } from './mark/json-patch.ts';
import type { MarkOptions, MarkResult, NodeMark, NodeUnmark, UnmarkResult } from './mark/node-mark.ts';

export declare function connect(kubeConfig: ClusterAccess, options?: ConnectOptions): KubernetesClient;
export declare function findNode(
  client: KubernetesClient,
  ref: NodeRef,
  options?: FindNodeOptions,
): Promise<FoundNode | undefined>;
export declare function createNodeIndex(client: KubernetesClient, options?: NodeIndexOptions): NodeIndex;
export declare function buildMarkPatch(node: FoundNode, mark: NodeMark): JsonPatch;
export declare function markNode(
  client: KubernetesClient,
  node: FoundNode | string,
  mark: NodeMark,
  options?: MarkOptions,
): Promise<MarkResult>;
export declare function unmarkNode(
  client: KubernetesClient,
  node: FoundNode | string,
  unmark?: NodeUnmark,
  options?: MarkOptions,
): Promise<UnmarkResult>;
export declare function createEvictionQueue(options?: EvictionQueueOptions): EvictionQueue;
export declare function drainNode(
  client: KubernetesClient,
  nodeName: string,
  options?: DrainOptions,
): AsyncIterable<DrainProgress>;
