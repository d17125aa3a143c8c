import type { DrainProgress, PodRef } from '@node-termination-handler/node-drainer';
import type { InterruptionProgress } from '../handler/progress.ts';

/** One line of a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Says a step in one line, with the node, the event and what was measured. Pure. */
export function logLine(step: InterruptionProgress): LogLine {
  const { level, message, ...own } = say(step);
  return {
    level,
    message,
    fields: {
      'event-id': step.event.id,
      kind: step.event.kind,
      'instance-id': step.event.instanceId,
      ...(step.node === undefined ? {} : { 'node-name': step.node.name }),
      ...own,
    },
  };
}

type Said = Pick<LogLine, 'level' | 'message'> & LogLine['fields'];

function say(step: InterruptionProgress): Said {
  switch (step.type) {
    case 'received':
      return {
        level: 'info',
        message: 'event received',
        description: step.event.description,
        action: step.decision.action,
        'start-time': step.event.startTime.toISOString(),
      };
    case 'ignored':
      return { level: 'info', message: 'event needs no action', reason: step.reason };
    case 'waiting':
      return { level: 'info', message: 'waiting for the time to act', until: step.until.toISOString() };
    case 'node-not-found':
      return { level: 'warn', message: 'no node of this cluster belongs to the instance' };
    case 'retrying':
      return { level: 'warn', message: `could not ${step.step} the node, trying again`, reason: step.reason };
    case 'held-elsewhere':
      return { level: 'info', message: 'another process works on the node, waiting for it', holder: step.holder };
    case 'cordoned':
      return { level: 'info', message: cordonedMessage(step), reason: step.event.description };
    case 'cordon-failed':
      return { level: 'error', message: 'node could not be cordoned', reason: step.reason };
    case 'drain-began':
      return { level: 'info', message: 'draining the node', deadline: step.deadline.toISOString() };
    case 'attached':
      return {
        level: 'info',
        message: 'event joins the drain of its node',
        deadline: step.deadline.toISOString(),
        tightened: step.tightened,
      };
    case 'draining':
      return sayDrain(step.progress);
    case 'drained':
      return {
        level: 'info',
        message: step.dryRun ? 'node would have been drained, but dry-run is set' : 'node drained',
        'pods-evicted': step.podsEvicted,
        'seconds-left': round(step.secondsLeft),
        'duration-ms': round(step.durationMs),
      };
    case 'drain-failed':
      return {
        level: 'error',
        message: 'node was not drained',
        reason: step.reason,
        'pods-left': step.podsLeft,
        'duration-ms': round(step.durationMs),
      };
    case 'completed':
      return { level: 'info', message: step.action };
    case 'completion-failed':
      return { level: 'error', message: 'the work after the drain failed', reason: step.reason };
    case 'cancelled':
      return { level: 'info', message: 'event ended before its time', reason: step.reason };
    case 'uncordoned':
      return { level: 'info', message: 'node uncordoned', reason: step.reason };
    case 'uncordon-failed':
      return { level: 'error', message: 'node could not be uncordoned', reason: step.reason };
  }
}

function cordonedMessage(step: Extract<InterruptionProgress, { type: 'cordoned' }>): string {
  if (step.dryRun) return 'node would have been cordoned, but dry-run is set';
  if (!step.changed) return 'node is cordoned and marked already';
  return step.wasCordoned ? 'node marked; it was cordoned already' : 'node cordoned';
}

function sayDrain(progress: DrainProgress): Said {
  switch (progress.type) {
    case 'planned':
      return {
        level: 'info',
        message: 'pods on the node',
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
      return { level: 'info', message: 'pod evicted', pod: podName(progress.pod) };
    case 'deleted':
      return {
        level: progress.reason === 'deadline' ? 'warn' : 'info',
        message:
          progress.reason === 'deadline' ? 'pod deleted past its budget: the instance goes away' : 'ended pod deleted',
        pod: podName(progress.pod),
      };
    case 'blocked':
      return {
        level: progress.attempt === 1 ? 'warn' : 'debug',
        message: 'a disruption budget holds the pod',
        pod: podName(progress.pod),
        budget: progress.budget ?? '',
        reason: progress.message,
        'retry-at': progress.until.toISOString(),
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
        level: 'warn',
        message: 'eviction is tried again',
        pod: podName(progress.pod),
        reason: progress.message,
        attempt: progress.attempt,
      };
    case 'refused':
      return { level: 'error', message: 'pod cannot be evicted', pod: podName(progress.pod), reason: progress.message };
    case 'gone':
      return { level: 'info', message: 'pod is gone', pod: podName(progress.pod), 'pods-left': progress.podsLeft };
    case 'at-risk':
      return {
        level: 'warn',
        message: 'the drain cannot end in time',
        pods: progress.pods.map(podName),
        budget: progress.budget ?? '',
        'seconds-short': round(progress.secondsShort),
        reason: progress.message,
      };
    case 'tightened':
      return { level: 'info', message: 'the drain must end earlier', deadline: progress.deadline.toISOString() };
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
        message: 'drain ended',
        outcome: progress.outcome,
        reason: progress.message,
        'duration-ms': round(progress.durationMs),
      };
  }
}

function podName({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
