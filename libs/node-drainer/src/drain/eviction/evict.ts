import { linkSignals, onAbort } from '@node-termination-handler/clock';
import type { Decision } from '../decide.ts';
import { decide } from '../decide.ts';
import type { TrackedPod } from '../pods/tracked-pod.ts';
import { isSettled, observe } from '../pods/tracked-pod.ts';
import type { DrainRun } from '../run.ts';
import { lookAt, markGone, tellPodsAtRisk } from '../run.ts';
import { followAnswer } from './answers.ts';
import type { NextLook } from './queue.ts';
import { deletePod, requestEviction } from './request.ts';

/** Puts a pod on the eviction queue, unless it is there, or there is nothing to do but wait. */
export function queuePod(run: DrainRun, pod: TrackedPod): void {
  if (pod.isQueued || isSettled(pod) || run.signal.aborted) return;
  if (decide(lookAt(run, pod)).do === 'wait') return;
  pod.isQueued = true;
  const ended = linkSignals([run.signal, pod.gone.signal]);
  // The queue forgets a pod that is gone; nothing of it may stay on the drain's signal, which may live for days.
  onAbort(ended.signal, () => ended[Symbol.dispose]());
  run.settings.evictions.add({
    uid: pod.ref.uid,
    deadline: run.settings.deadline,
    graceSeconds: pod.graceSeconds,
    signal: ended.signal,
    look: async () => {
      const next = await lookAtPod(run, pod, ended.signal);
      if (next.next === 'done') {
        pod.isQueued = false;
        ended[Symbol.dispose]();
      }
      return next;
    },
  });
}

/** Decides about the pod from what is known now, makes the one request that follows, and reads the answer. */
async function lookAtPod(run: DrainRun, pod: TrackedPod, ended: AbortSignal): Promise<NextLook> {
  tellPodsAtRisk(run, [pod]);
  const decision = decide(lookAt(run, pod));
  if (decision.do === 'wait' || decision.do === 'give-up') return { next: 'done' };
  pod.attempts += 1;
  if (pod.state === 'waiting') pod.state = 'evicting';
  const { graceSeconds } = decision;
  run.emit({
    type: 'evicting',
    pod: pod.ref,
    how: decision.do,
    attempt: pod.attempts,
    ...(graceSeconds !== undefined && { graceSeconds }),
  });
  pod.isRequestUnderWay = true;
  try {
    if (decision.do === 'evict') await requestEviction(run.client, pod.ref, graceSeconds, ended);
    else await deletePod(run.client, pod.ref, graceSeconds, ended);
    pod.isRequestUnderWay = false;
    return accept(run, pod, decision);
  } catch (error) {
    pod.isRequestUnderWay = false;
    if (ended.aborted) return { next: 'done' };
    if (!pod.isSeenGone) return await followAnswer(run, pod, error, ended);
    markGone(run, pod);
    return { next: 'done' };
  }
}

function accept(run: DrainRun, pod: TrackedPod, decision: Exclude<Decision, { do: 'wait' | 'give-up' }>): NextLook {
  const { ref } = pod;
  const { graceSeconds } = decision;
  if (decision.do === 'evict') {
    run.counts.evicted += 1;
    run.emit({ type: 'evicted', pod: ref });
  } else {
    run.counts.deleted += 1;
    run.emit({ type: 'deleted', pod: ref, reason: decision.why, ...(graceSeconds !== undefined && { graceSeconds }) });
  }
  pod.failures = 0;
  pod.budget = undefined;
  pod.message = undefined;
  if (pod.isSeenGone) {
    markGone(run, pod);
    return { next: 'done' };
  }
  pod.state = 'terminating';
  // Known before the watch brings it, so that the pod is not asked twice.
  const terminatesAtMs = run.settings.clock.now() + (graceSeconds ?? pod.graceSeconds) * 1000;
  observe(pod, { ...pod.seen, terminatesAtMs });
  run.pods.changed();
  return { next: 'done' };
}
