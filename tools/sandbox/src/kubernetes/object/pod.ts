import { readString } from '../../json-value.ts';
import { conditionOf } from './object.ts';
import type { KubernetesObject } from './object.ts';

/** The node that an object (a pod, a volume attachment) is bound to, empty where it is bound to none. */
export function nodeNameOf(object: KubernetesObject): string {
  return readString(object, 'spec', 'nodeName') ?? '';
}

/** Is the pod's condition `Ready` true? */
export function isReady(pod: KubernetesObject): boolean {
  return conditionOf(pod, 'Ready').status === 'True';
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

/** How a pod behaves when it starts and when it is told to end. */
export interface PodBehaviour {
  /**
   * When it ends after it was told to, in milliseconds, never later than its grace allows: `hangs` until its grace has
   * run out, `never` ends at all (its kubelet is dead).
   */
  readonly endsAfterMs?: number | 'hangs' | 'never';
  /** When it runs and is ready after it was bound to a node, in milliseconds, or `never`. */
  readonly startsAfterMs?: number | 'never';
}

/** The annotation that says when a pod ends: a number of milliseconds, `hangs` or `never`. */
export const endsAfterAnnotation = 'sandbox.node-termination-handler/ends-after-ms';

/** The annotation that says when a pod starts: a number of milliseconds or `never`. */
export const startsAfterAnnotation = 'sandbox.node-termination-handler/starts-after-ms';

/** The behaviour that a pod's annotations ask for. */
export function annotatedBehaviour(pod: KubernetesObject): PodBehaviour {
  const ends = pod.metadata.annotations?.[endsAfterAnnotation];
  const starts = pod.metadata.annotations?.[startsAfterAnnotation];
  return {
    ...(ends === undefined ? {} : { endsAfterMs: ends === 'hangs' || ends === 'never' ? ends : Number(ends) }),
    ...(starts === undefined ? {} : { startsAfterMs: starts === 'never' ? starts : Number(starts) }),
  };
}
