import type { Pod } from '../../connection/wire.ts';
import type { PodRef } from '../progress.ts';

/** The part of a pod that a drain works with. */
export interface PodSummary {
  readonly ref: PodRef;
  /** The object that would replace it, such as a ReplicaSet. */
  readonly controller: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
  /** A static pod's reflection: the kubelet runs it from a file, whatever the API server says. */
  readonly isMirror: boolean;
  /** Phase `Succeeded` or `Failed`: nothing runs any more. */
  readonly isCompleted: boolean;
  readonly isReady: boolean;
  readonly hasEmptyDir: boolean;
  readonly priorityClassName: string | undefined;
  /** Its own termination grace, in seconds. */
  readonly graceSeconds: number;
  /** When it is on its way out: the latest moment by which its grace ends, in milliseconds since the epoch. */
  readonly terminatesAtMs: number | undefined;
  /** The grace that it was given on its way out, in seconds, where the Eviction API has sent it there; by whichever process. */
  readonly evictedWithSeconds: number | undefined;
  /** When it was created, by the server's clock, in milliseconds since the epoch; −Infinity when that is not known. */
  readonly createdAtMs: number;
  /** Whether the scheduler would put its like on a cordoned node again. */
  readonly toleratesCordon: boolean;
}

/** See https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/ */
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
/** Kubernetes' own default. See https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination */
const DEFAULT_GRACE_SECONDS = 30;
const CORDON_TAINT = 'node.kubernetes.io/unschedulable';

/**
 * Keeps the part of a pod that is worked with.
 *
 * @param seenAtMs the moment by this machine's clock. The server's clock may be another: whatever it wrote down, a pod that is on its way
 * now ends within the grace that it was given. Without it the server's clock counts.
 */
export function summarizePod(pod: Pod, seenAtMs = Infinity): PodSummary {
  const { metadata = {}, spec, status } = pod;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    ref: { namespace: metadata.namespace ?? '', name: metadata.name ?? '', uid: metadata.uid ?? '' },
    controller: owner && { kind: owner.kind, name: owner.name, uid: owner.uid },
    isMirror: metadata.annotations?.[MIRROR_ANNOTATION] !== undefined,
    isCompleted: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    isReady: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    hasEmptyDir: spec?.volumes?.some(({ emptyDir }) => emptyDir !== undefined) ?? false,
    priorityClassName: spec?.priorityClassName,
    graceSeconds: spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
    terminatesAtMs: terminatesAt(metadata, seenAtMs),
    evictedWithSeconds: isEvicted(pod) ? metadata.deletionGracePeriodSeconds : undefined,
    createdAtMs: metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : -Infinity,
    toleratesCordon:
      spec?.tolerations?.some(
        ({ key, effect }) => (!key || key === CORDON_TAINT) && (!effect || effect === 'NoSchedule'),
      ) ?? false,
  };
}

/** See https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
function isEvicted({ metadata, status }: Pod): boolean {
  const disrupted = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return metadata?.deletionTimestamp !== undefined && disrupted?.reason === 'EvictionByEvictionAPI';
}

function terminatesAt(metadata: NonNullable<Pod['metadata']>, seenAtMs: number): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = Infinity } = metadata;
  // The API server writes the end of the grace there, not the moment of the deletion.
  const writtenMs = deletionTimestamp ? Date.parse(deletionTimestamp) : NaN;
  if (Number.isNaN(writtenMs)) return undefined;
  const latestMs = seenAtMs + deletionGracePeriodSeconds * 1000;
  return Math.min(writtenMs, latestMs);
}
