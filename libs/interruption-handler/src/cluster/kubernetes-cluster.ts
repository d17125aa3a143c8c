import {
  ChangeConflictError,
  changeNode,
  drainNode,
  findNodes,
  getNode,
  KubernetesApiError,
  lookAtPods,
  showConditions,
} from '@node-termination-handler/node-drainer';
import type { DrainOptions, EvictionQueue, KubernetesClient, NodeIndex } from '@node-termination-handler/node-drainer';
import type { Cluster } from './cluster.ts';

/** Told how it goes to show conditions on nodes. */
export interface ConditionsTold {
  /** They were refused, or no answer came; they are tried again. */
  failed(error: unknown): void;
  /** A node shows them. */
  succeeded(): void;
}

/**
 * What came of a write: all of it stands on the node, or all but the annotations, for which the node has no room; others changed the node at
 * each try until the time was up; the API server refused; or it gave no answer in time.
 */
export type RecordWrite = 'written' | 'no-room' | 'conflict' | 'refused' | 'failed';

/** How the nodes of a real cluster are treated. */
export interface KubernetesClusterOptions {
  /** Where nodes are looked up; without it, every look-up asks the API server. */
  readonly nodes?: NodeIndex;
  /** Which pods go, and how; see the drainer's own options. */
  readonly drain?: Omit<
    DrainOptions,
    | 'cordonedAt'
    | 'deadline'
    | 'deadlineMarginSeconds'
    | 'evictions'
    | 'nodeUid'
    | 'nodes'
    | 'dryRun'
    | 'onDeadline'
    | 'signal'
  >;
  /** Shared by every drain of the process. */
  readonly evictions?: EvictionQueue;
  /** Told whether conditions can be shown on nodes: nothing waits for them, and nobody is told of it elsewhere. */
  readonly conditions?: ConditionsTold;
  /** Told what comes of each write of a node's record and marks. Default: nobody is. */
  readonly onWrite?: (result: RecordWrite) => void;
  /** Look at everything, write nothing. Default `false`. */
  readonly dryRun?: boolean;
}

/** What the engine does to a real cluster. */
export function createKubernetesCluster(client: KubernetesClient, options: KubernetesClusterOptions = {}): Cluster {
  const { nodes, dryRun = false, evictions, drain = {}, conditions: shown, onWrite } = options;
  return {
    get silentMs() {
      return nodes?.silentMs ?? Infinity;
    },
    find: async ({ name, instanceId }, signal) => {
      const ref = {
        ...(name === undefined || name === '' ? {} : { name }),
        ...(instanceId === undefined ? {} : { instanceId }),
      };
      if (nodes === undefined) {
        // The name alone costs one request; only where it is another's are all nodes asked for.
        const named = ref.name === undefined ? undefined : await getNode(client, ref.name, signal);
        if (named !== undefined && (instanceId === undefined || named.instanceId === instanceId)) return [named];
        return (await findNodes(client, [ref], { signal })).flat();
      }
      await nodes.whenSynced(signal);
      return nodes.findAll(ref);
    },
    read: async (name, signal) => {
      const node = await getNode(client, name, signal);
      nodes?.compare(name, node);
      return node;
    },
    change: async (node, change, signal) => {
      const changing = changeNode(client, node, change, { signal, dryRun, isFresh: true });
      const result = await changing.catch((error: unknown) => {
        if (!signal.aborted) onWrite?.(failureOf(error));
        throw error;
      });
      if (result.outcome !== 'changed') {
        // A watch that has died shows the one that is gone for minutes.
        nodes?.compare(node.name, result.outcome === 'replaced' ? result.found : undefined);
        return { status: 'gone' };
      }
      const { before, changed, withoutAnnotations = false } = result;
      if (!dryRun) nodes?.update(result.node);
      if (!dryRun && changed) onWrite?.(withoutAnnotations ? 'no-room' : 'written');
      return { status: 'changed', node: result.node, before, withoutAnnotations };
    },
    show: async (node, conditions, signal) => {
      if (dryRun) return node;
      try {
        const after = await showConditions(client, node, conditions, { signal });
        if (after !== undefined) nodes?.update(after);
        shown?.succeeded();
        return after;
      } catch (error) {
        if (!signal.aborted) shown?.failed(error);
        throw error;
      }
    },
    drain: (node, order, signal) =>
      drainNode(client, node.name, {
        ...drain,
        ...order,
        nodeUid: node.uid,
        dryRun,
        signal,
        ...(nodes === undefined ? {} : { nodes }),
        ...(evictions === undefined ? {} : { evictions }),
      }),
    look: (node, cordonedAt, signal) => lookAtPods(client, node.name, { ...drain, cordonedAt, signal }),
  };
}

function failureOf(error: unknown): RecordWrite {
  if (error instanceof KubernetesApiError) return 'refused';
  const last = error instanceof ChangeConflictError ? error.cause : undefined;
  return last instanceof KubernetesApiError && (last.status === 409 || last.status === 422) ? 'conflict' : 'failed';
}
