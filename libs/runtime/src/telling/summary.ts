import { KINDS } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress, PodCounts, PodOutcome } from '@node-termination-handler/interruption-handler';

/** A step of one type. */
export type StepOf<T extends InterruptionProgress['type']> = Extract<InterruptionProgress, { type: T }>;

/** Every way a pod can end, in the words of a sentence. */
const OUTCOMES: Readonly<Record<PodOutcome, string>> = {
  evicted: 'evicted',
  hurried: 'evicted with less than their grace',
  'deleted-past-budget': 'deleted past a disruption budget',
  'deleted-past-admission': 'deleted past an admission webhook or policy',
  'deleted-past-fault': 'deleted because evictions failed',
  finished: 'had ended',
  'cut-short': 'cut short by the end of their instance',
  'with-namespace': 'deleted with their namespace',
  left: 'left on the node',
  lost: 'lost with the instance',
};

/** What became of pods, in words: `3 evicted, 1 deleted past a disruption budget`. */
function countsInWords(counts: PodCounts): string {
  const some = nonZero(counts).map(([outcome, count]) => `${count} ${OUTCOMES[outcome]}`);
  return some.length === 0 ? 'no pod had to go' : `pods: ${some.join(', ')}`;
}

/** The outcomes that pods came to, and how many to each. */
export function nonZero(counts: PodCounts): readonly (readonly [PodOutcome, number])[] {
  return (Object.entries(counts) as [PodOutcome, number][]).filter(([, count]) => count > 0);
}

/** More names than these make no message more useful, and Kubernetes cuts its own. */
const MOST_NAMES = 10;

/** What a drain that is overdue waits for, and what will happen. */
export function overdueInWords({ graceSeconds, podsLeft, heldBy, deadline, keepsBudgets }: StepOf<'overdue'>): string {
  const others = podsLeft.length > MOST_NAMES ? ` and ${podsLeft.length - MOST_NAMES} more` : '';
  const names = podsLeft.length === 0 ? '' : ` (${podsLeft.slice(0, MOST_NAMES).join(', ')}${others})`;
  const by = heldBy.length === 0 ? '' : `, held by ${heldBy.slice(0, MOST_NAMES).join('; ')}`;
  const what = `The drain takes longer than ${graceSeconds} s and goes on: ${podsLeft.length} pods are left${names}${by}`;
  return `${what}. ${endInWords(deadline, keepsBudgets)}`;
}

function endInWords(deadline: Date | undefined, keepsBudgets: boolean): string {
  if (deadline === undefined) return 'Nobody has said when the instance goes, and no disruption budget is broken';
  const end = `The instance goes at ${deadline.toISOString()}`;
  return keepsBudgets
    ? `${end}, and no disruption budget is broken before it`
    : `${end}, and no disruption budget is broken while pods still have their grace before it`;
}

/** That an event has come, and what is to be done about it when. */
export function receivedInWords(step: StepOf<'received'>, isDryRun: boolean): string {
  const { decision, at } = step;
  switch (decision.action) {
    case 'cordon':
    case 'drain': {
      const when = decision.actAt <= at ? 'now' : `at ${decision.actAt.toISOString()}`;
      const late = secondsTooLate(step);
      const tooLate = late === undefined ? '' : `: too late, its instance was to be gone ${late} s before`;
      const be = isDryRun ? 'would be' : 'is to be';
      return `Received; the node ${be} ${decision.action === 'drain' ? 'drained' : 'cordoned'} ${when}${tooLate}`;
    }
    case 'release':
    case 'notify':
    case 'ignore':
      return `Received; nothing is to be done: ${decision.reason}`;
  }
}

/** How long a drain took, how long before or after the end that was, and what became of the pods. */
export function drainedInWords({ durationMs, secondsLeft, counts }: StepOf<'drained'>): string {
  const late = secondsLeft !== undefined && secondsLeft < 0;
  const words = late ? 'after the instance was to be gone' : 'before the instance goes';
  const when = secondsLeft === undefined ? '' : `, ${seconds(Math.abs(secondsLeft) * 1000)} ${words}`;
  return ` after ${seconds(durationMs)}${when}; ${countsInWords(counts)}`;
}

/** Why a drain has failed, and what became of the pods until then. */
export function failureInWords({ reason, counts }: StepOf<'drain-failed'>): string {
  return `${reason}; ${countsInWords(counts)}`;
}

/** With what pods a node is gone whose drain was not done. */
export function podsLostInWords({ counts }: StepOf<'pods-lost'>): string {
  return `The node is gone, and its drain was not done; ${countsInWords(counts)}`;
}

/**
 * By how many seconds a notice came after the moment at which its instance was to be gone, where the notice says when that is; `undefined`: it
 * came in time. Pure.
 */
export function secondsTooLate({ event, at }: Pick<InterruptionProgress, 'event' | 'at'>): number | undefined {
  const isAtOnce = 'action' in event && event.action === 'hibernate';
  if (KINDS[event.kind].end !== 'at-start' || isAtOnce || event.startTime > at) return undefined;
  return Math.round((at.getTime() - event.startTime.getTime()) / 1000);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
