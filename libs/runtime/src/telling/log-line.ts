import type { InterruptionProgress, PodCounts } from '@node-termination-handler/interruption-handler';
import { nameOfHold } from '@node-termination-handler/node-drainer';
import type { DrainProgress, Hold, PodRef } from '@node-termination-handler/node-drainer';
import { secondsTooLate } from './notice-time.ts';
import { nonZero } from './summary.ts';

/** One line of a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/**
 * Says a step in one line, with the node, the event and what was measured; of a dry run what would be done. Pure.
 *
 * Where the Go handler says the same, the message and its fields are the Go handler's, because people search for them.
 */
export function logLine(step: InterruptionProgress, isDryRun = false): LogLine {
  const { level, message, ...own } = say(step, isDryRun);
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
      ...own,
      ...(isDryRun ? { 'dry-run': true } : {}),
    },
  };
}

/**
 * Whether a step is one of the many of a drain that its last line sums up, or was told before: its line is for those who look closely. Pure.
 */
export function isDetail(step: InterruptionProgress): boolean {
  if (step.type === 'pod-outcome') return step.outcome !== 'lost';
  if (step.type !== 'draining') return false;
  const { progress, isAgain } = step;
  return isAgain || (progress.type === 'evicted' ? !progress.hurried : DETAILS.has(progress.type));
}

const DETAILS: ReadonlySet<DrainProgress['type']> = new Set(['evicting', 'gone', 'finished']);

/** The two fields that the Go handler's lines about a finished action have, in its spelling. */
function doneTo({ event, node }: InterruptionProgress): { readonly node_name: string; readonly reason: string } {
  return { node_name: node?.name ?? '', reason: event.description };
}

function isDue({ decision, at }: Extract<InterruptionProgress, { type: 'received' }>): boolean {
  return (decision.action === 'cordon' || decision.action === 'drain') && decision.actAt <= at;
}

type Said = Pick<LogLine, 'level' | 'message'> & LogLine['fields'];

function say(step: InterruptionProgress, isDryRun: boolean): Said {
  switch (step.type) {
    case 'received': {
      const lateSeconds = secondsTooLate(step);
      const requesting = isDryRun ? 'Instance drain would be requested' : 'Requesting instance drain';
      return {
        level: lateSeconds === undefined ? 'info' : 'warn',
        message: isDue(step) ? requesting : 'event received',
        description: step.event.description,
        action: step.decision.action,
        'start-time': step.event.startTime.toISOString(),
        ...(lateSeconds === undefined ? {} : { 'seconds-too-late': lateSeconds }),
      };
    }
    case 'ignored':
      return { level: 'info', message: 'event needs no action', reason: step.reason };
    case 'waiting':
      return { level: 'info', message: 'waiting for the time to act', until: step.until.toISOString() };
    case 'node-not-found':
      return { level: 'warn', message: 'no node of this cluster belongs to the instance' };
    case 'retrying':
      return {
        level: 'warn',
        message: `could not ${step.step} the node, trying again`,
        reason: step.reason,
        ...(step.lastsMs === undefined ? {} : { 'lasts-seconds': round(step.lastsMs / 1000) }),
        advice: MARK_ADVICE,
      };
    case 'written-again':
      return {
        level: 'info',
        message: 'the node can be marked again',
        'lasts-seconds': round(step.lastsMs / 1000),
      };
    case 'held-elsewhere':
      return { level: 'info', message: 'another process works on the node, waiting for it', holder: step.holder };
    case 'cordoned':
      return { level: 'info', message: cordonedMessage(step, isDryRun), ...doneTo(step) };
    case 'cordon-failed':
      return {
        level: 'error',
        message: `There was a problem while trying to ${step.final ? 'cordon' : 'cordon and drain'} the node`,
        reason: step.reason,
      };
    case 'drain-began':
      return {
        level: step.isAgain ? 'debug' : 'info',
        message: isDryRun ? 'The node would be drained: looking at its pods' : 'Draining the node',
        deadline: momentOf(step.deadline),
      };
    case 'attached':
      return {
        level: 'info',
        message: isDryRun ? 'event would join the drain of its node' : 'event joins the drain of its node',
        deadline: momentOf(step.deadline),
        tightened: step.tightened,
      };
    case 'draining':
      return step.isAgain
        ? { ...sayDrain(step.progress, isDryRun), level: 'debug' }
        : sayDrain(step.progress, isDryRun);
    case 'pod-outcome': {
      const what = { pod: podName(step.pod), outcome: step.outcome };
      if (step.outcome === 'cut-short')
        return { level: 'warn', message: 'the pod was cut short: its node went before its grace was over', ...what };
      return {
        level: step.outcome === 'lost' ? 'warn' : 'debug',
        message: step.outcome === 'lost' ? 'the pod was lost with its node: nothing had told it to end' : 'pod counted',
        ...what,
      };
    }
    case 'drained':
      return {
        level: 'info',
        message: isDryRun
          ? 'Node would have been cordoned and drained, but dry-run flag was set'
          : 'Node successfully cordoned and drained',
        ...doneTo(step),
        ...podFields(step.counts),
        'pods-evicted': step.counts.evicted,
        ...(step.secondsLeft === undefined ? {} : { 'seconds-left': round(step.secondsLeft) }),
        'duration-ms': round(step.durationMs),
      };
    case 'drain-failed':
      return {
        level: 'error',
        message: 'There was a problem while trying to cordon and drain the node',
        reason: step.reason,
        ...podFields(step.counts),
        'pods-left': step.podsLeft,
        'duration-ms': round(step.durationMs),
        ...(step.lastsMs === undefined ? {} : { 'lasts-seconds': round(step.lastsMs / 1000) }),
      };
    case 'pods-lost':
      return {
        level: 'error',
        message: 'the node is gone, and its drain was not done',
        ...podFields(step.counts),
        'pods-lost': step.podsLost,
      };
    case 'overdue':
      return {
        level: 'warn',
        message: `the drain takes longer than ${step.graceSeconds} s and goes on; no budget is broken for that`,
        'pods-left': step.podsLeft,
        'held-by': step.heldBy,
        'keeps-budgets': step.keepsBudgets,
        deadline: momentOf(step.deadline),
      };
    case 'completed':
      return { level: 'info', message: step.action };
    case 'completion-failed':
      return { level: 'error', message: 'the work after the drain failed', reason: step.reason };
    case 'cancelled':
      return { level: 'info', message: 'event ended before its time', reason: step.reason };
    case 'made-schedulable':
      return {
        level: 'warn',
        message: step.isMarkedAgain
          ? 'somebody made the node schedulable though it goes away: it was cordoned again'
          : 'somebody made the node schedulable once more: its cordon is left to them, the drain goes on',
      };
    case 'record-mended':
      return {
        level: 'warn',
        message: isDryRun
          ? 'the record on the node was not this program’s: it would be replaced'
          : 'the record on the node was not this program’s: it was replaced',
        problems: step.problems,
      };
    case 'uncordoned':
      return {
        level: 'info',
        message: isDryRun
          ? 'Node would have been uncordoned, but dry-run flag was set'
          : 'Node successfully uncordoned',
        reason: step.reason,
      };
    case 'uncordon-failed':
      return { level: 'error', message: 'Uncordoning the node failed', reason: step.reason };
  }
}

function cordonedMessage(step: Extract<InterruptionProgress, { type: 'cordoned' }>, isDryRun: boolean): string {
  if (isDryRun) return 'Node would have been cordoned, but dry-run flag was set';
  if (!step.changed) return 'Node is cordoned and marked already';
  return step.wasCordoned ? 'Node marked; it was cordoned already' : 'Node successfully cordoned';
}

function sayDrain(progress: DrainProgress, isDryRun: boolean): Said {
  switch (progress.type) {
    case 'planned':
      return {
        level: 'info',
        message: isDryRun ? 'Pods on node, with what would be done to them' : 'Pods on node',
        pod_names: progress.pods.map(({ pod }) => pod.name),
        pods: progress.pods.map(({ pod, decision }) => `${podName(pod)} ${decision}`),
        ...(progress.warnings.length === 0 ? {} : { warnings: progress.warnings }),
      };
    case 'evicting':
      return {
        level: 'debug',
        message: progress.how === 'evict' ? 'evicting pod' : 'deleting pod',
        pod: podName(progress.pod),
        attempt: progress.attempt,
      };
    case 'evicted':
      return {
        level: progress.hurried ? 'info' : 'debug',
        message: progress.hurried ? 'pod evicted with the grace that remains' : 'pod evicted',
        pod: podName(progress.pod),
        'grace-seconds': progress.graceSeconds,
      };
    case 'deleted':
      return {
        ...DELETED[progress.reason],
        pod: podName(progress.pod),
        ...(progress.graceSeconds === undefined ? {} : { 'grace-seconds': progress.graceSeconds }),
        ...(progress.heldBy === undefined ? {} : { 'held-by': nameOfHold(progress.heldBy) }),
        ...(progress.message === undefined ? {} : { reason: progress.message }),
      };
    case 'blocked':
      return {
        level: progress.isNew ? 'warn' : 'debug',
        message: HELD[progress.heldBy.kind],
        pod: podName(progress.pod),
        'held-by': nameOfHold(progress.heldBy),
        reason: progress.message,
        ...(progress.advice === undefined ? {} : { advice: progress.advice }),
        'retry-at': progress.until.toISOString(),
      };
    case 'condition-failed':
      return {
        level: 'warn',
        message: 'the condition DisruptionTarget could not be written',
        pod: podName(progress.pod),
        reason: progress.message,
      };
    case 'right-missing':
      return {
        level: 'warn',
        message: 'a right is missing that the drain can do without',
        right: progress.right,
        reason: progress.message,
      };
    case 'throttled':
      return {
        level: 'warn',
        message: 'the API server asks to slow down',
        pod: podName(progress.pod),
        reason: progress.message,
        'retry-at': progress.until.toISOString(),
      };
    case 'retrying':
      return {
        level: progress.isNew ? 'warn' : 'debug',
        message: 'eviction is tried again',
        pod: podName(progress.pod),
        reason: progress.message,
        attempt: progress.attempt,
      };
    case 'refused':
      return {
        level: progress.isNew ? 'error' : 'debug',
        message: 'pod cannot be evicted',
        pod: podName(progress.pod),
        reason: progress.message,
        'retry-at': progress.until.toISOString(),
      };
    case 'gone':
      return { level: 'debug', message: 'pod is gone', pod: podName(progress.pod), 'pods-left': progress.podsLeft };
    case 'at-risk':
      return {
        level: 'warn',
        message: 'the drain cannot end in time',
        pods: progress.pods.map(podName),
        'held-by': progress.heldBy === undefined ? '' : nameOfHold(progress.heldBy),
        'seconds-short': round(progress.secondsShort),
        reason: progress.message,
      };
    case 'deadline-moved':
      return {
        level: 'info',
        message: 'the drain has another deadline',
        deadline: momentOf(progress.deadline),
      };
    case 'kubelet-silent':
      return {
        level: 'warn',
        message: 'the kubelet of the node is silent, and nobody else can end its pods',
        pods: progress.pods.map(podName),
      };
    case 'disconnected':
      return { level: 'warn', message: 'the watch of the pods broke and is renewed', reason: progress.message };
    case 'left':
      return {
        level: 'warn',
        message: 'pod is still there',
        pod: podName(progress.pod),
        state: progress.state,
        reason: progress.message ?? '',
      };
    case 'finished':
      return {
        level: 'debug',
        message: isDryRun ? 'the drain would have ended' : 'drain ended',
        outcome: progress.outcome,
        reason: progress.message,
        'duration-ms': round(progress.durationMs),
      };
  }
}

const DELETED: Readonly<
  Record<Extract<DrainProgress, { type: 'deleted' }>['reason'], Pick<LogLine, 'level' | 'message'>>
> = {
  completed: { level: 'info', message: 'ended pod deleted' },
  'namespace-terminating': { level: 'info', message: 'pod deleted: its namespace goes' },
  deadline: { level: 'warn', message: 'pod deleted though its eviction was refused: the instance goes away' },
  shortened: { level: 'warn', message: 'the grace of the pod was cut: the instance goes away' },
};

const HELD: Readonly<Record<Hold['kind'], string>> = {
  budget: 'a disruption budget holds the pod',
  webhook: 'an admission webhook holds the pod',
  policy: 'an admission policy holds the pod',
  role: 'a missing right holds the pod',
  fault: 'a fault of the API server holds the pod',
  rule: 'a rule of the drain holds the pod',
};

const MARK_ADVICE =
  'what reason names: patch on nodes in the role, an admission webhook that refuses it, or the way to the API server; evictions of what goes anyway have begun';

/** What became of pods, a field for each way that some have gone. */
function podFields(counts: PodCounts): Readonly<Record<string, number>> {
  return Object.fromEntries(nonZero(counts).map(([outcome, count]) => [`pods-${outcome}`, count]));
}

/** Of what has no end, too. */
function momentOf(deadline: Date | undefined): string {
  return deadline?.toISOString() ?? 'none';
}

function podName({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
