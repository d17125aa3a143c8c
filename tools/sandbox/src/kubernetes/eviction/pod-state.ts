import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { readList, readString } from '../object/read.ts';

/** Is the pod's condition `Ready` true? */
export function isReady(pod: KubernetesObject): boolean {
  return readList(pod, 'status', 'conditions').some(
    (condition) => readString(condition, 'type') === 'Ready' && readString(condition, 'status') === 'True',
  );
}

/** Has the pod ended by itself? */
export function isFinished(pod: KubernetesObject): boolean {
  const phase = readString(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Has the pod's deletion begun? */
export function isTerminating(pod: KubernetesObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** May the pod be evicted without asking a budget, since it serves nobody? */
export function ignoresBudgets(pod: KubernetesObject): boolean {
  return isFinished(pod) || isTerminating(pod) || readString(pod, 'status', 'phase') === 'Pending';
}
