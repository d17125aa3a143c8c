import { KINDS } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import type { Metrics } from '@node-termination-handler/metrics';

type Label<Word extends string> = Word extends `${infer Head}-${infer Rest}` ? `${Head}_${Label<Rest>}` : Word;

/** A word as it stands in a label. */
export function labelOf<Word extends string>(word: Word): Label<Word> {
  return word.replaceAll('-', '_') as Label<Word>;
}

/** Counts and measures a step; no drain of a dry run. */
export function countStep(step: InterruptionProgress, metrics: Metrics, isDryRun = false): void {
  switch (step.type) {
    case 'cordoned':
      metrics.observeNoticeToCordon(step.event.kind, sinceNotice(step));
      metrics.countAction('pre-drain', 'success');
      if (step.final) metrics.countAction('cordon', 'success');
      break;
    case 'cordon-failed':
      metrics.countAction('pre-drain', 'error');
      metrics.countAction(step.final ? 'cordon' : 'cordon-and-drain', 'error');
      break;
    case 'drained':
      metrics.countAction('cordon-and-drain', 'success');
      if (isDryRun) break;
      if (step.isFirst) {
        const isLate = step.secondsLeft !== undefined && step.secondsLeft < 0;
        metrics.countDrain(
          step.event.kind,
          isLate ? 'late' : 'drained',
          step.counts.left > 0 ? 'pods_left' : 'emptied',
        );
      }
      metrics.observeNoticeToDrained(step.event.kind, sinceNotice(step));
      if (step.secondsLeft !== undefined) metrics.observeDeadlineRemaining(step.event.kind, step.secondsLeft);
      break;
    case 'drain-failed':
      if (step.lastsMs !== undefined) break;
      metrics.countAction('cordon-and-drain', 'error');
      // What is lost with a node that is gone is told at once, or after the node had time to come back.
      if (step.isFirst && step.cause !== 'node-gone')
        metrics.countDrain(step.event.kind, 'failed', labelOf(step.cause));
      break;
    case 'pods-lost':
      if (step.isFirst)
        metrics.countDrain(step.event.kind, 'lost', step.counts.lost > 0 ? 'pods_untold' : 'pods_in_grace');
      break;
    case 'pod-outcome':
      metrics.countPod(labelOf(step.outcome));
      break;
    case 'completed':
      metrics.countAction('post-drain', 'success');
      break;
    case 'completion-failed':
      metrics.countAction('post-drain', 'error');
      break;
    case 'uncordoned':
      metrics.countAction('uncordon', 'success');
      break;
    case 'uncordon-failed':
      metrics.countAction('uncordon', 'error');
      break;
    case 'draining':
      if (step.progress.type === 'at-risk' && !step.isAgain) metrics.countDrainShortOfTime();
      break;
    case 'received':
      if (isTooLate(step)) metrics.countNoticeTooLate(step.event.kind);
      break;
    case 'ignored':
    case 'waiting':
    case 'node-not-found':
    case 'retrying':
    case 'held-elsewhere':
    case 'drain-began':
    case 'attached':
    case 'made-schedulable':
    case 'record-mended':
    case 'written-again':
    case 'overdue':
    case 'cancelled':
      break;
  }
}

/** Whether the instance was to be gone when its notice was seen, where the notice says when that is. */
function isTooLate({ decision, event, at }: Extract<InterruptionProgress, { type: 'received' }>): boolean {
  const isActedOn = decision.action === 'cordon' || decision.action === 'drain';
  return isActedOn && KINDS[event.kind].end === 'at-start' && event.startTime <= at;
}

function sinceNotice({ at, event }: InterruptionProgress): number {
  return (at.getTime() - event.noticedAt.getTime()) / 1000;
}
