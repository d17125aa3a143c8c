import { KubernetesApiError, messageOf } from '../../connection/errors.ts';
import { wireTime } from '../../connection/wire.ts';
import { noteMissingRight } from '../optional-rights.ts';
import type { OptionalRight } from '../optional-rights.ts';
import { terminatesAt } from '../pods/tracked-pod.ts';
import type { TrackedPod } from '../pods/tracked-pod.ts';
import type { DrainRun } from '../run.ts';

const RIGHT: OptionalRight = 'patch pods/status';
const REASON = 'DeletionByNodeTerminationHandler';
/** A pod whose seconds are short is not kept waiting for a word about it. */
const WORTH_WAITING_SECONDS = 5;
const WITHIN_MS = 2000;

/**
 * Says on a pod that is about to be deleted past what holds it that the infrastructure ends it, as the Eviction API does: a
 * Job with `podFailurePolicy` does not count it as a failure.
 *
 * See https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions
 *
 * @returns whether it was put there, as far as is known.
 */
export async function sayDisrupted(
  run: DrainRun,
  pod: TrackedPod,
  graceSeconds: number,
  ended: AbortSignal,
): Promise<boolean> {
  if (!run.settings.disruptionCondition || pod.isSaidDisrupted) return pod.isSaidDisrupted;
  const saying = patchCondition(run, pod, 'True', ended).then((isSaid) => (pod.isSaidDisrupted = isSaid));
  if (graceSeconds >= WORTH_WAITING_SECONDS) await saying;
  return pod.isSaidDisrupted;
}

/**
 * Takes that back, because the pod was not deleted; on one that is on its way it is true, and stays. On one that is hurried and whose seconds
 * are short it stays too: they are for the next deletion, and the pod goes with its instance at the latest.
 *
 * @param hurriedWithSeconds - The grace that a hurried pod had with its last request; undefined for one that is not hurried.
 */
export async function takeBackDisrupted(
  run: DrainRun,
  pod: TrackedPod,
  hurriedWithSeconds: number | undefined,
  ended: AbortSignal,
): Promise<void> {
  if (!pod.isSaidDisrupted || terminatesAt(pod) !== undefined) return;
  if (hurriedWithSeconds !== undefined && hurriedWithSeconds < WORTH_WAITING_SECONDS) return;
  if (await patchCondition(run, pod, 'False', ended)) pod.isSaidDisrupted = false;
}

/** By a strategic merge, which leaves the other conditions alone; with the uid, so that another pod of the name is left alone. */
async function patchCondition(
  run: DrainRun,
  pod: TrackedPod,
  status: 'True' | 'False',
  ended: AbortSignal,
): Promise<boolean> {
  const { namespace, name, uid } = pod.ref;
  const { clock, memory } = run.settings;
  if (!memory.isWorthTrying(RIGHT, clock.monotonic())) return false;
  const lastTransitionTime = wireTime(clock.now());
  const message = status === 'True' ? `node ${run.node} goes away` : 'the pod could not be deleted';
  const condition = { type: 'DisruptionTarget', status, reason: REASON, message, lastTransitionTime };
  try {
    await run.client.request({
      verb: 'patch',
      resource: 'pods',
      subresource: 'status',
      namespace,
      name,
      patchType: 'strategic',
      body: { metadata: { uid }, status: { conditions: [condition] } },
      deadlineMs: WITHIN_MS,
      signal: ended,
    });
    memory.noteGranted(RIGHT);
    return true;
  } catch (error) {
    if (ended.aborted) return false;
    if (isRefusedForAll(error)) noteMissingRight(run, RIGHT, error);
    else run.emit({ type: 'condition-failed', pod: pod.ref, error, message: messageOf(error) });
    return false;
  }
}

/** A role or an admission policy is the same for the next pod; a webhook may have looked at this one alone. */
function isRefusedForAll(error: unknown): boolean {
  return error instanceof KubernetesApiError && (error.isMissingRight || error.refusedBy?.kind === 'policy');
}
