import type { SlimPod } from '../pods/slim-pod.ts';

/** What a rule may depend on beside the pod. */
export interface RuleContext {
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
  readonly skipPods: readonly { readonly namespace: string; readonly name: string }[];
  /** Whether the pod came to the node after the drain had begun. */
  readonly isLate: boolean;
}

/** A rule's word on a pod. */
export interface Verdict {
  readonly decision: 'evict' | 'delete' | 'wait' | 'skip' | 'refuse';
  readonly reason: string;
  /** Something a person should know. */
  readonly warning?: string;
}

/** Says what to do with a pod, or nothing when the pod is none of its business. */
export type Rule = (pod: SlimPod, context: RuleContext) => Verdict | undefined;
