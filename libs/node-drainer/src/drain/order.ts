import type { PodSummary } from './pods/pod-summary.ts';

/** Pods go group by group, in this order. */
export const GROUPS = ['ordinary', 'critical', 'daemon'] as const;

/** When a pod's turn comes: with the others, after those that it serves, or last of all. */
export type PodGroup = (typeof GROUPS)[number];

/** See https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
const CRITICAL_CLASSES = new Set(['system-cluster-critical', 'system-node-critical']);

/**
 * Critical pods serve the others – network, storage, DNS – also while these shut down. The pods of DaemonSets, where they go
 * at all, go last: each is made anew at once.
 */
export function groupOf(pod: PodSummary): PodGroup {
  if (pod.controller?.kind === 'DaemonSet') return 'daemon';
  return pod.priorityClassName !== undefined && CRITICAL_CLASSES.has(pod.priorityClassName) ? 'critical' : 'ordinary';
}

/** When pods must start to go though those whose turn is before theirs are still there, so that their own grace fits before the deadline. */
export function latestStartMs(graceSeconds: readonly number[], deadlineMs: number, marginMs: number): number {
  return deadlineMs - marginMs - Math.max(0, ...graceSeconds) * 1000;
}
