import type { FoundNode } from '../find/found-node.ts';
import type { JsonPatch } from './json-patch.ts';

/** A taint as this program sets it. */
export interface MarkTaint {
  key: string;
  value: string;
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** Everything that one patch writes on a node that goes away. */
export interface NodeMark {
  /** Sets `spec.unschedulable`. */
  cordon?: boolean;
  /** An existing taint of the same key is left as it is. */
  taint?: MarkTaint;
  /** Labels to set. */
  labels?: Readonly<Record<string, string>>;
  /** Labels to set only when the node was schedulable before, such as those that ask for an uncordon after a reboot. */
  labelsIfSchedulable?: Readonly<Record<string, string>>;
  /**
   * Sets `node.kubernetes.io/exclude-from-external-load-balancers`; a value that is there stays.
   * See https://kubernetes.io/docs/reference/labels-annotations-taints/#node-kubernetes-io-exclude-from-external-load-balancers
   */
  excludeFromLoadBalancers?: boolean;
  /** Annotations to set; `null` removes one. */
  annotations?: Readonly<Record<string, string | null>>;
  /**
   * Annotations as they must be for the patch to apply, `null` for "not there": compare-and-swap, by which replicas
   * claim a node.
   */
  expectAnnotations?: Readonly<Record<string, string | null>>;
}

/** Options of {@link markNode} and {@link unmarkNode}. */
export interface MarkOptions {
  /** Works out the patch and sends nothing. */
  dryRun?: boolean;
  /** How long conflicts and lost connections are tried again, in milliseconds. Default 30,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What became of {@link markNode}. */
export type MarkResult =
  | {
      outcome: 'marked';
      /** The node after the patch (in a dry run: before it). */
      node: FoundNode;
      /** Whether this patch, and nobody before it, made the node unschedulable. */
      cordonedByUs: boolean;
      /** False when all was there already and nothing was sent. */
      changed: boolean;
      /** What was sent, or in a dry run would have been. */
      patch: JsonPatch;
    }
  /** No node of that name. */
  | { outcome: 'not-found'; name: string }
  /** A node of that name, but another one: it is not touched. */
  | { outcome: 'replaced'; name: string; expectedUid: string; foundUid: string }
  /** `expectAnnotations` does not hold: somebody else has claimed the node. */
  | { outcome: 'claimed'; node: FoundNode };

/** What {@link unmarkNode} takes off a node. */
export interface NodeUnmark {
  /** Makes the node schedulable again. Default false. */
  uncordon?: boolean;
  /** Label keys to remove. Default: {@link OWN_LABELS}. */
  labels?: readonly string[];
  /** Taint keys to remove. Default: {@link OWN_TAINTS}. */
  taints?: readonly string[];
  /** Annotations to set, or with `null` to remove. */
  annotations?: Readonly<Record<string, string | null>>;
  /** As in {@link NodeMark}. */
  expectAnnotations?: Readonly<Record<string, string | null>>;
}

/** What became of {@link unmarkNode}. */
export type UnmarkResult =
  | {
      outcome: 'unmarked';
      node: FoundNode;
      /** Whether this patch made the node schedulable. */
      uncordoned: boolean;
      changed: boolean;
      patch: JsonPatch;
    }
  | Exclude<MarkResult, { outcome: 'marked' }>;
