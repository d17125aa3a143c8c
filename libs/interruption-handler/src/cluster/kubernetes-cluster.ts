import {
  drainNode,
  findNode,
  markNode,
  OUT_OF_SERVICE_TAINT,
  unmarkNode,
} from '@node-termination-handler/node-drainer';
import type {
  DrainOptions,
  EvictionQueue,
  FoundNode,
  KubernetesClient,
  MarkResult,
  MarkTaint,
  NodeIndex,
  NodeMark,
} from '@node-termination-handler/node-drainer';
import { CLAIM_ANNOTATION, writeClaim } from '../claim.ts';
import type { Cluster, ClusterMark, ClusterMarked } from './cluster.ts';
import { CORDONED_FOR_ANNOTATION, isOwnCordon } from '../marks.ts';

/** How the nodes of a real cluster are treated. */
export interface KubernetesClusterOptions {
  /** Where nodes are looked up; without it, every look-up asks the API server. */
  readonly nodes?: NodeIndex;
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

/**
 * What the engine does to a real cluster.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown for the out-of-service taint
 */
export function createKubernetesCluster(client: KubernetesClient, options: KubernetesClusterOptions = {}): Cluster {
  const { nodes, dryRun = false, evictions } = options;
  const mark = async (node: FoundNode, wanted: NodeMark, signal: AbortSignal): Promise<MarkResult> => {
    const result = await markNode(client, node, wanted, { signal, dryRun });
    if (result.outcome === 'marked' && !dryRun) nodes?.update(result.node);
    return result;
  };
  return {
    find: async ({ name, instanceId }, signal) => {
      const ref = {
        ...(name === undefined || name === '' ? {} : { name }),
        ...(instanceId === undefined ? {} : { instanceId }),
      };
      if (nodes === undefined) return findNode(client, ref, { signal });
      await nodes.whenSynced(signal);
      return nodes.find(ref);
    },
    mark: async (node, wanted, signal) => toMarked(await mark(node, markOf(node, wanted, options), signal), node),
    drain: (node, deadline, signal) =>
      drainNode(client, node.name, {
        ...options.drain,
        deadline,
        nodeUid: node.uid,
        dryRun,
        signal,
        ...(nodes === undefined ? {} : { nodes }),
        ...(evictions === undefined ? {} : { evictions }),
      }),
    writeClaim: async (node, claim, signal) => {
      const result = await mark(
        node,
        {
          annotations: { [CLAIM_ANNOTATION]: claim === undefined ? null : writeClaim(claim) },
          expectAnnotations: { [CLAIM_ANNOTATION]: node.annotations[CLAIM_ANNOTATION] ?? null },
        },
        signal,
      );
      return result.outcome === 'marked' || result.outcome === 'claimed' ? result.node : node;
    },
    markOutOfService: async (node, signal) => {
      await mark(node, { taint: OUT_OF_SERVICE_TAINT }, signal);
    },
    restore: async (node, uncordon, signal) => {
      const annotations = { [CLAIM_ANNOTATION]: null, [CORDONED_FOR_ANNOTATION]: null };
      const result = await unmarkNode(client, node, { uncordon, annotations }, { signal, dryRun });
      if (result.outcome === 'unmarked' && !dryRun) nodes?.update(result.node);
    },
  };
}

function markOf(node: FoundNode, wanted: ClusterMark, options: KubernetesClusterOptions): NodeMark {
  const { taintEffect = false, excludeFromLoadBalancers = false } = options;
  const annotations = {
    // Says, also to a later process, that the cordon is this program's to take back.
    ...(node.unschedulable ? {} : { [CORDONED_FOR_ANNOTATION]: wanted.taint.value }),
    ...(wanted.claim === undefined ? {} : { [CLAIM_ANNOTATION]: writeClaim(wanted.claim) }),
  };
  return {
    cordon: true,
    labels: wanted.labels,
    labelsIfSchedulable: wanted.labelsIfSchedulable,
    excludeFromLoadBalancers,
    annotations,
    ...(taintEffect === false ? {} : { taint: { ...wanted.taint, effect: taintEffect } }),
    ...(wanted.claim === undefined
      ? {}
      : { expectAnnotations: { [CLAIM_ANNOTATION]: node.annotations[CLAIM_ANNOTATION] ?? null } }),
  };
}

function toMarked(result: MarkResult, before: FoundNode): ClusterMarked {
  switch (result.outcome) {
    case 'marked':
      return {
        status: 'marked',
        changed: result.changed,
        cordonedByUs: result.cordonedByUs || isOwnCordon(before),
        node: result.node,
      };
    case 'claimed':
      return { status: 'claim-lost', node: result.node };
    case 'not-found':
    case 'replaced':
      return { status: 'node-gone' };
  }
}
