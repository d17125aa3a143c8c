import { KINDS } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress, PodCounts } from '@node-termination-handler/interruption-handler';
import type { Metrics } from '@node-termination-handler/metrics';
import type { DrainProgress } from '@node-termination-handler/node-drainer';
import type { NotificationOutcome, NotificationPhase } from '@node-termination-handler/webhook-notifier';
import { drainEvents, drainLine, momentOf, podName, podOutcomeEvents, round } from './drain-steps.ts';
import type { KubernetesEventText, OnNode, Said } from './drain-steps.ts';
import {
  drainedInWords,
  failureInWords,
  nonZero,
  overdueInWords,
  podsLostInWords,
  receivedInWords,
  secondsTooLate,
} from './summary.ts';
import type { StepOf } from './summary.ts';

/** All that is told of one type of step; the log says every one. */
interface Told<Step> {
  /**
   * The line, without the fields that many steps have. Where the Go handler says the same, the message and its fields are the Go handler's,
   * because people search for them.
   */
  line(step: Step, isDryRun: boolean): Said;
  /** Kubernetes events, with the reasons people filter for; of a node that is known. Default: none. */
  events?(step: Step, on: OnNode): readonly KubernetesEventText[];
  /** Default: nothing is counted. */
  count?(step: Step, metrics: Metrics, isDryRun: boolean): void;
  /** What it means for its node, in one sentence. Default: people are not told. */
  summary?(step: Step, isDryRun: boolean): string;
  /** As which the webhook hears of it. Default: it does not. */
  readonly phase?: NotificationPhase;
  /** How the work on the node stands after it: alerts are opened and closed by that. Default: the phase says it. */
  outcome?(step: Step): NotificationOutcome;
}

const STEPS: { readonly [Type in InterruptionProgress['type']]: Told<StepOf<Type>> } = {
  received: {
    line(step, isDryRun) {
      const lateSeconds = secondsSeenTooLate(step);
      const { decision, at, event } = step;
      const requesting = isDryRun ? 'Instance drain would be requested' : 'Requesting instance drain';
      return {
        level: lateSeconds === undefined ? 'info' : 'warn',
        message: 'actAt' in decision && decision.actAt <= at ? requesting : 'event received',
        description: event.description,
        action: decision.action,
        'start-time': event.startTime.toISOString(),
        ...(lateSeconds === undefined ? {} : { 'seconds-too-late': lateSeconds }),
      };
    },
    events: ({ decision, event }, { normal }) =>
      decision.action === 'notify' ? [normal(KINDS[event.kind].eventReason, event.description)] : [],
    count(step, metrics) {
      if ('actAt' in step.decision && secondsSeenTooLate(step) !== undefined)
        metrics.countNoticeTooLate(step.event.kind);
    },
    summary: receivedInWords,
    phase: 'received',
    outcome: ({ decision }) => ('actAt' in decision ? 'pending' : 'nothing-to-do'),
  },
  ignored: { line: () => ({ level: 'info', message: 'event needs no action' }) },
  waiting: {
    line: ({ until }) => ({ level: 'info', message: 'waiting for the time to act', until: until.toISOString() }),
  },
  'node-not-found': {
    line: () => ({ level: 'warn', message: 'no node of this cluster belongs to the instance' }),
  },
  retrying: {
    line: ({ step }) => ({
      level: 'warn',
      message: `could not ${step} the node, trying again`,
      advice:
        'what reason names: patch on nodes in the role, an admission webhook that refuses it, or the way to the API server; evictions of what goes anyway have begun',
    }),
  },
  'written-again': { line: () => ({ level: 'info', message: 'the node can be marked again' }) },
  'held-elsewhere': {
    line: ({ holder }) => ({ level: 'info', message: 'another process works on the node, waiting for it', holder }),
  },
  cordoned: {
    line: (step, isDryRun) => ({ level: 'info', message: cordonedMessage(step, isDryRun), ...doneTo(step) }),
    events(step, { normal, warning }) {
      const { event, final } = step;
      const late = secondsTooLate(step);
      const start = event.startTime.toISOString();
      const tooLate = `The notice came too late: the instance was to be gone at ${start}, ${late} s before its node was cordoned`;
      return [
        normal(KINDS[event.kind].eventReason, event.description),
        ...(late === undefined ? [] : [warning('NoticeTooLate', tooLate)]),
        normal('PreDrain', 'Pre-drain task successfully executed'),
        ...(final ? [normal('Cordon', 'Node successfully cordoned')] : []),
      ];
    },
    count(step, metrics) {
      metrics.observeNoticeToCordon(step.event.kind, sinceNotice(step));
      metrics.countAction('pre-drain', 'success');
      if (step.final) metrics.countAction('cordon', 'success');
    },
    summary({ final }, isDryRun) {
      if (isDryRun) return 'The node would be cordoned';
      return final ? 'The node is cordoned; no more is asked for' : 'The node is cordoned and will be drained';
    },
    phase: 'cordoned',
    outcome: ({ final }) => (final ? 'done' : 'pending'),
  },
  'cordon-failed': {
    line: ({ final }) => ({
      level: 'error',
      message: `There was a problem while trying to ${final ? 'cordon' : 'cordon and drain'} the node`,
    }),
    events: ({ reason, final }, { warning }) => [
      warning('PreDrainError', `There was a problem executing the pre-drain task: ${reason}`),
      final
        ? warning('CordonError', `There was a problem while trying to cordon the node: ${reason}`)
        : warning('CordonAndDrainError', drainProblem(reason)),
    ],
    count({ final }, metrics) {
      metrics.countAction('pre-drain', 'error');
      metrics.countAction(final ? 'cordon' : 'cordon-and-drain', 'error');
    },
    summary: ({ final, reason }) => `The node could not be ${final ? 'cordoned' : 'cordoned and drained'}: ${reason}`,
    phase: 'failed',
  },
  'drain-began': {
    line: ({ isAgain, deadline }, isDryRun) => ({
      level: isAgain ? 'debug' : 'info',
      message: isDryRun ? 'The node would be drained: looking at its pods' : 'Draining the node',
      deadline: momentOf(deadline),
    }),
  },
  attached: {
    line: ({ deadline, tightened }, isDryRun) => ({
      level: 'info',
      message: isDryRun ? 'event would join the drain of its node' : 'event joins the drain of its node',
      deadline: momentOf(deadline),
      tightened,
    }),
  },
  draining: {
    line: ({ progress, isAgain }, isDryRun) => ({
      ...drainLine(progress, isDryRun),
      ...(isAgain ? { level: 'debug' as const } : {}),
    }),
    events: ({ progress, isAgain }, on) => (isAgain ? [] : drainEvents(progress, on)),
    count({ progress, isAgain }, metrics) {
      if (progress.type === 'at-risk' && !isAgain) metrics.countDrainShortOfTime();
    },
  },
  'pod-outcome': {
    line({ pod, outcome }) {
      const what = { pod: podName(pod), outcome };
      if (outcome === 'cut-short')
        return { level: 'warn', message: 'the pod was cut short: its node went before its grace was over', ...what };
      return {
        level: outcome === 'lost' ? 'warn' : 'debug',
        message: outcome === 'lost' ? 'the pod was lost with its node: nothing had told it to end' : 'pod counted',
        ...what,
      };
    },
    events: ({ pod, outcome }, { node }) => podOutcomeEvents(pod, outcome, node),
    count: ({ outcome }, metrics) => metrics.countPod(labelOf(outcome)),
  },
  drained: {
    line: (step, isDryRun) => ({
      level: 'info',
      message: isDryRun
        ? 'Node would have been cordoned and drained, but dry-run flag was set'
        : 'Node successfully cordoned and drained',
      ...doneTo(step),
      'pods-evicted': step.counts.evicted,
      ...(step.secondsLeft === undefined ? {} : { 'seconds-left': round(step.secondsLeft) }),
    }),
    events: (step, { normal, warning }) => [
      (isAnyHurt(step.counts) ? warning : normal)(
        'CordonAndDrain',
        `Node successfully cordoned and drained${drainedInWords(step)}`,
      ),
    ],
    count(step, metrics, isDryRun) {
      const { secondsLeft, counts, isFirst } = step;
      const { kind } = step.event;
      metrics.countAction('cordon-and-drain', 'success');
      if (isDryRun) return;
      const isLate = secondsLeft !== undefined && secondsLeft < 0;
      if (isFirst) metrics.countDrain(kind, isLate ? 'late' : 'drained', counts.left > 0 ? 'pods_left' : 'emptied');
      metrics.observeNoticeToDrained(kind, sinceNotice(step));
      if (secondsLeft !== undefined) metrics.observeDeadlineRemaining(kind, secondsLeft);
    },
    summary: (step, isDryRun) =>
      isDryRun ? 'The node would be cordoned and drained' : `The node is drained${drainedInWords(step)}`,
    phase: 'drained',
  },
  'drain-failed': {
    line: ({ podsLeft }) => ({
      level: 'error',
      message: 'There was a problem while trying to cordon and drain the node',
      'pods-left': podsLeft,
    }),
    events(step, { normal, warning }) {
      if (step.lastsMs !== undefined) return [];
      const failed = warning('CordonAndDrainError', drainProblem(failureInWords(step)));
      // With the drain of a lifecycle action ends what kept the action alive.
      return [step.event, ...step.others].some((each) => 'hook' in each)
        ? [failed, normal('CancelDrain', 'Cancel-drain task successfully executed')]
        : [failed];
    },
    count({ event, cause, isFirst, lastsMs }, metrics) {
      if (lastsMs !== undefined) return;
      metrics.countAction('cordon-and-drain', 'error');
      // What is lost with a node that is gone is told at once, or after the node had time to come back.
      if (isFirst && cause !== 'node-gone') metrics.countDrain(event.kind, 'failed', labelOf(cause));
    },
    summary: (step) =>
      `The node is not drained after ${Math.round(step.durationMs / 1000)} s and is tried again: ${failureInWords(step)}`,
    phase: 'failed',
  },
  'pods-lost': {
    line: ({ podsLost }) => ({
      level: 'error',
      message: 'the node is gone, and its drain was not done',
      'pods-lost': podsLost,
    }),
    events: (step, { warning }) => [warning('CordonAndDrainError', drainProblem(podsLostInWords(step)))],
    count({ event, counts, isFirst }, metrics) {
      if (isFirst) metrics.countDrain(event.kind, 'lost', counts.lost > 0 ? 'pods_untold' : 'pods_in_grace');
    },
    summary: podsLostInWords,
    phase: 'failed',
    outcome: () => 'lost',
  },
  overdue: {
    line: ({ graceSeconds, podsLeft, heldBy, keepsBudgets, deadline }) => ({
      level: 'warn',
      message: `the drain takes longer than ${graceSeconds} s and goes on; no budget is broken for that`,
      'pods-left': podsLeft,
      'held-by': heldBy,
      'keeps-budgets': keepsBudgets,
      deadline: momentOf(deadline),
    }),
    events: (step, { warning }) => [warning('DrainOverdue', overdueInWords(step))],
    summary: overdueInWords,
    phase: 'overdue',
  },
  completed: {
    line: ({ action }) => ({ level: 'info', message: action }),
    events: ({ action, podsLeft }, { normal, warning }) => [
      podsLeft === true
        ? warning('PostDrain', `Post-drain task executed though pods are left: ${action}`)
        : normal('PostDrain', 'Post-drain task successfully executed'),
    ],
    count: (_step, metrics) => metrics.countAction('post-drain', 'success'),
  },
  'completion-failed': {
    line: () => ({ level: 'error', message: 'the work after the drain failed' }),
    events: ({ reason }, { warning }) => [
      warning('PostDrainError', `There was a problem executing the post-drain task: ${reason}`),
    ],
    count: (_step, metrics) => metrics.countAction('post-drain', 'error'),
  },
  cancelled: {
    line: () => ({ level: 'info', message: 'event ended before its time' }),
    events: ({ reason }, { normal }) => [normal('CancelDrain', `Cancel-drain task successfully executed: ${reason}`)],
    summary: ({ reason }) => `It is over: ${reason}`,
    phase: 'cancelled',
    outcome: ({ isLast }) => (isLast ? 'over' : 'pending'),
  },
  'made-schedulable': {
    line: ({ isMarkedAgain }) => ({
      level: 'warn',
      message: isMarkedAgain
        ? 'somebody made the node schedulable though it goes away: it was cordoned again'
        : 'somebody made the node schedulable once more: its cordon is left to them, the drain goes on',
    }),
    events: ({ isMarkedAgain }, { normal }) => [
      normal(
        'MadeSchedulable',
        isMarkedAgain
          ? 'Somebody made the node schedulable though it goes away: it was cordoned again'
          : 'Somebody made the node schedulable once more: its cordon is left to them, the drain goes on',
      ),
    ],
  },
  'record-mended': {
    line: ({ problems }, isDryRun) => ({
      level: 'warn',
      message: isDryRun
        ? 'the record on the node was not this program’s: it would be replaced'
        : 'the record on the node was not this program’s: it was replaced',
      problems,
    }),
  },
  uncordoned: {
    line: (_step, isDryRun) => ({
      level: 'info',
      message: isDryRun ? 'Node would have been uncordoned, but dry-run flag was set' : 'Node successfully uncordoned',
    }),
    events: ({ reason }, { normal }) => [normal('Uncordon', `Node successfully uncordoned: ${reason}`)],
    count: (_step, metrics) => metrics.countAction('uncordon', 'success'),
    summary: ({ reason }, isDryRun) => `The node ${isDryRun ? 'would be' : 'is'} in service again: ${reason}`,
    phase: 'uncordoned',
  },
  'uncordon-failed': {
    line: () => ({ level: 'error', message: 'Uncordoning the node failed' }),
    events: ({ reason }, { warning }) => [
      warning('UncordonError', `There was a problem while trying to uncordon the node: ${reason}`),
      warning('CancelDrainError', `There was a problem executing the cancel-drain task: ${reason}`),
    ],
    count: (_step, metrics) => metrics.countAction('uncordon', 'error'),
  },
};

/** All that is told of a step. */
export function toldOf({ type }: InterruptionProgress): Told<InterruptionProgress> {
  return STEPS[type];
}

/** Says a step in one line, with the node, the event and what was measured; of a dry run what would be done. Pure. */
export function logLine(
  step: InterruptionProgress,
  isDryRun = false,
): Pick<Said, 'level' | 'message'> & { readonly fields: Readonly<Record<string, Said[string]>> } {
  const { level, message, ...own } = toldOf(step).line(step, isDryRun);
  const { event, node } = step;
  return {
    level,
    message,
    fields: {
      'event-id': event.id,
      kind: event.kind,
      // Left out by loggers of format version 1.
      monitor: event.monitor,
      'node-name': node?.name ?? '',
      'instance-id': event.instanceId,
      'provider-id': node?.providerId ?? '',
      ...('reason' in step ? { reason: step.reason } : {}),
      ...('counts' in step ? podFields(step.counts) : {}),
      ...('durationMs' in step ? { 'duration-ms': round(step.durationMs) } : {}),
      ...('lastsMs' in step ? { 'lasts-seconds': round(step.lastsMs / 1000) } : {}),
      ...own,
      ...(isDryRun ? { 'dry-run': true } : {}),
    },
  };
}

/**
 * Whether a step is one of the many of a drain that its last line sums up, or was told before: its line is for those who look closely. Pure.
 */
export function isDetail(step: InterruptionProgress): boolean {
  if (step.type === 'pod-outcome') return step.outcome !== 'lost' && step.outcome !== 'cut-short';
  if (step.type !== 'draining') return false;
  const { progress, isAgain } = step;
  return isAgain || (progress.type === 'evicted' ? !progress.hurried : DETAILS.has(progress.type));
}

const DETAILS: ReadonlySet<DrainProgress['type']> = new Set(['evicting', 'gone', 'finished']);

/** What `kubectl describe` shows of a step; none for steps that have no event. Pure. */
export function kubernetesEvents(step: InterruptionProgress): readonly KubernetesEventText[] {
  const { node } = step;
  // Of what holds for several events of a node people hear once; the cordon is said for each event.
  const isToldBefore = 'isFirst' in step && step.type !== 'cordoned' && !step.isFirst;
  if (node === undefined || isToldBefore) return [];
  const { name, uid } = node;
  const say = (type: KubernetesEventText['type']) => (reason: string, message: string) => {
    return { subject: { kind: 'Node', name, uid }, type, reason, message } as const;
  };
  return toldOf(step).events?.(step, { node: name, normal: say('Normal'), warning: say('Warning') }) ?? [];
}

/** Counts and measures a step; no drain of a dry run. */
export function countStep(step: InterruptionProgress, metrics: Metrics, isDryRun = false): void {
  toldOf(step).count?.(step, metrics, isDryRun);
}

/** Says in one sentence what a step means for its node, in a dry run what it would; `undefined` for steps that people are not told of. Pure. */
export function summaryOf(step: InterruptionProgress, isDryRun = false): string | undefined {
  const summary = toldOf(step).summary?.(step, isDryRun);
  return isDryRun && summary !== undefined ? `${summary} (dry run: nothing is done)` : summary;
}

type Label<Word extends string> = Word extends `${infer Head}-${infer Rest}` ? `${Head}_${Label<Rest>}` : Word;

/** A word as it stands in a label. */
export function labelOf<Word extends string>(word: Word): Label<Word> {
  return word.replaceAll('-', '_') as Label<Word>;
}

/** The two fields that the Go handler's lines about a finished action have, in its spelling. */
function doneTo({ event, node }: InterruptionProgress): { readonly node_name: string; readonly reason: string } {
  return { node_name: node?.name ?? '', reason: event.description };
}

function cordonedMessage({ changed, wasCordoned }: StepOf<'cordoned'>, isDryRun: boolean): string {
  if (isDryRun) return 'Node would have been cordoned, but dry-run flag was set';
  if (!changed) return 'Node is cordoned and marked already';
  return wasCordoned ? 'Node marked; it was cordoned already' : 'Node successfully cordoned';
}

function drainProblem(reason: string): string {
  return `There was a problem while trying to cordon and drain the node: ${reason}`;
}

/** Whether pods had less than what they ask for, or are still there. */
function isAnyHurt(counts: PodCounts): boolean {
  const { hurried, left, lost } = counts;
  const past = counts['deleted-past-budget'] + counts['deleted-past-admission'] + counts['deleted-past-fault'];
  return hurried + past + left + lost > 0;
}

/** What became of pods, a field for each way that some have gone. */
function podFields(counts: PodCounts): Readonly<Record<string, number>> {
  return Object.fromEntries(nonZero(counts).map(([outcome, count]) => [`pods-${outcome}`, count]));
}

/** Of what another process had seen, nobody knows here whether that was in time. */
function secondsSeenTooLate(step: StepOf<'received'>): number | undefined {
  return step.isFirst === false ? undefined : secondsTooLate(step);
}

function sinceNotice({ at, event }: InterruptionProgress): number {
  return (at.getTime() - event.noticedAt.getTime()) / 1000;
}
