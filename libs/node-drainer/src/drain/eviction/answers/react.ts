import type { DrainRun } from '../../drain-run.ts';
import { markGone } from '../../pods/mark-gone.ts';
import type { TrackedPod } from '../../pods/tracked-pod.ts';
import type { NextLook } from '../eviction-queue.ts';
import type { EvictionAnswer } from './answer.ts';
import { onFault } from './fault.ts';
import { onThrottled } from './flow-control-429.ts';
import { onBlocked } from './pdb-429.ts';
import { onPreconditionFailed } from './precondition-409.ts';
import { onRefused } from './refused.ts';

/** What follows from the server's answer for the pod; each kind of answer has its file beside this one. */
export async function react(
  run: DrainRun,
  pod: TrackedPod,
  answer: EvictionAnswer,
  error: unknown,
  ended: AbortSignal,
): Promise<NextLook> {
  switch (answer.kind) {
    case 'gone':
      markGone(run, pod);
      return { next: 'done' };
    case 'uncertain':
      return onPreconditionFailed(run, pod, error, ended);
    case 'blocked':
      return onBlocked(run, pod, answer);
    case 'throttled':
      return onThrottled(run, pod, answer);
    case 'unanswered':
      return onFault(run, pod, answer.message, error);
    case 'refused':
      return onRefused(run, pod, answer.message, error);
  }
}
