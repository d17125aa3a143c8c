import type { PodSummary } from './pods/pod-summary.ts';

/** Pods go group by group, in this order. */
export const GROUPS = ['ordinary', 'critical', 'daemon', 'last'] as const;

/** When a pod's turn comes: with the others, after those that it serves, after those that come back at once, or last of all. */
export type PodGroup = (typeof GROUPS)[number];

/** See https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
const CRITICAL_CLASSES = new Set<string | undefined>(['system-cluster-critical', 'system-node-critical']);

/** Whether a pod goes last: those who drain the node are needed for as long as there is something to drain. */
export type GoesLast = (pod: Pick<PodSummary, 'ref' | 'controller'>) => boolean;

/**
 * Critical pods serve the others – network, storage, DNS – also while these shut down. The pods of DaemonSets, where they go
 * at all, go after them: each is made anew at once. Last goes who drains the node.
 */
export function groupOf(pod: PodSummary, goesLast?: GoesLast): PodGroup {
  if (goesLast?.(pod)) return 'last';
  if (pod.controller?.kind === 'DaemonSet') return 'daemon';
  return CRITICAL_CLASSES.has(pod.priorityClassName) ? 'critical' : 'ordinary';
}

/** When pods must start to go though those whose turn is before theirs are still there, so that their own grace fits before the deadline. */
export function latestStartMs(graceSeconds: readonly number[], deadlineMs: number, marginMs: number): number {
  return deadlineMs - marginMs - Math.max(0, ...graceSeconds) * 1000;
}
