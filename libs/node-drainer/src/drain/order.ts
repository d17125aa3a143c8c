import type { PodSummary } from './pods/pod-summary.ts';

/** Pods go group by group, in this order. */
export type PodGroup = 'ordinary' | 'critical';

/** See https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
const CRITICAL_CLASSES = new Set(['system-cluster-critical', 'system-node-critical']);

/** Critical pods serve the others – network, storage, DNS – also while these shut down. */
export function groupOf(pod: PodSummary): PodGroup {
  return pod.priorityClassName !== undefined && CRITICAL_CLASSES.has(pod.priorityClassName) ? 'critical' : 'ordinary';
}

/**
 * When critical pods must start to go though ordinary ones are still there, so that their own grace fits before the
 * deadline.
 */
export function latestStartMs(graceSeconds: readonly number[], deadlineMs: number, marginMs: number): number {
  return deadlineMs - marginMs - Math.max(0, ...graceSeconds) * 1000;
}
