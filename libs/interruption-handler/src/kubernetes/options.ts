import type { DrainOptions, EvictionQueue, MarkTaint, NodeIndex } from '@node-termination-handler/node-drainer';

/** How the nodes of a real cluster are treated. */
export interface KubernetesClusterOptions {
  /** Where nodes are looked up; without it, every look-up asks the API server. */
  readonly nodes?: NodeIndex;
  /** Look for a node by its provider id before its name. Default `false`. */
  readonly preferProviderId?: boolean;
  /** The effect of the taint put on nodes; `false` puts none. Default `false`. */
  readonly taintEffect?: MarkTaint['effect'] | false;
  /** Keep load balancers from sending to the node. Default `false`. */
  readonly excludeFromLoadBalancers?: boolean;
  /** Which pods go, and how; see the drainer's own options. */
  readonly drain?: Omit<DrainOptions, 'deadline' | 'evictions' | 'nodeUid' | 'nodes' | 'dryRun' | 'signal'>;
  /** Shared by every drain of the process. */
  readonly evictions?: EvictionQueue;
  /** Look at everything, write nothing. Default `false`. */
  readonly dryRun?: boolean;
}
