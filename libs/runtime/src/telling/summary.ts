import type { InterruptionProgress, PodCounts, PodOutcome } from '@node-termination-handler/interruption-handler';

type StepOf<T extends InterruptionProgress['type']> = Extract<InterruptionProgress, { type: T }>;

/** Every way a pod can end, in the words of a sentence. */
const OUTCOMES: Readonly<Record<PodOutcome, string>> = {
  evicted: 'evicted',
  hurried: 'evicted with less than their grace',
  'deleted-past-budget': 'deleted past a disruption budget',
  'deleted-past-admission': 'deleted past an admission webhook or policy',
  'deleted-past-fault': 'deleted because evictions failed',
  finished: 'had ended',
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

/** Says in one sentence what a step means for its node; `undefined` for steps that people are not told of. Pure. */
export function summaryOf(step: InterruptionProgress): string | undefined {
  switch (step.type) {
    case 'received':
      return receivedInWords(step);
    case 'cordoned':
      if (step.dryRun) return 'The node would be cordoned (dry run)';
      return step.final ? 'The node is cordoned; no more is asked for' : 'The node is cordoned and will be drained';
    case 'cordon-failed':
      return `The node could not be ${step.final ? 'cordoned' : 'cordoned and drained'}: ${step.reason}`;
    case 'drained':
      return drainedInWords(step);
    case 'drain-failed':
      return `The node is not drained after ${seconds(step.durationMs)} and is tried again: ${step.reason}; ${countsInWords(step.counts)}`;
    case 'pods-lost':
      return `The node is gone, and its drain was not done; ${countsInWords(step.counts)}`;
    case 'overdue':
      return overdueInWords(step);
    case 'cancelled':
      return `It is over: ${step.reason}`;
    case 'uncordoned':
      return `The node is in service again: ${step.reason}`;
    case 'ignored':
    case 'waiting':
    case 'node-not-found':
    case 'completed':
    case 'completion-failed':
    case 'retrying':
    case 'held-elsewhere':
    case 'drain-began':
    case 'attached':
    case 'draining':
    case 'pod-outcome':
    case 'made-schedulable':
    case 'record-mended':
    case 'uncordon-failed':
      return undefined;
  }
}

function receivedInWords({ decision, at }: StepOf<'received'>): string {
  switch (decision.action) {
    case 'cordon':
    case 'drain': {
      const when = decision.actAt <= at ? 'now' : `at ${decision.actAt.toISOString()}`;
      return `Received; the node is to be ${decision.action === 'drain' ? 'drained' : 'cordoned'} ${when}`;
    }
    case 'release':
    case 'ignore':
      return `Received; nothing is to be done: ${decision.reason}`;
  }
}

function drainedInWords({ dryRun, durationMs, secondsLeft, counts }: StepOf<'drained'>): string {
  if (dryRun) return 'The node would be cordoned and drained (dry run)';
  const before = secondsLeft === undefined ? '' : `, ${seconds(secondsLeft * 1000)} before the instance goes`;
  return `The node is drained after ${seconds(durationMs)}${before}; ${countsInWords(counts)}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
