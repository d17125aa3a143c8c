import { KINDS } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress, OfNode, PodCounts } from '@node-termination-handler/interruption-handler';
import { nameOfHold } from '@node-termination-handler/node-drainer';
import type { DrainProgress, PodRef } from '@node-termination-handler/node-drainer';
import { secondsTooLate } from './notice-time.ts';
import { drainedInWords, failureInWords, overdueInWords, summaryOf } from './summary.ts';

/** The object an event is about. */
interface EventSubject {
  readonly kind: 'Node' | 'Pod';
  readonly name: string;
  readonly uid: string;
  /** Of a pod. */
  readonly namespace?: string;
}

/** What `kubectl describe` shows of a step. */
export interface KubernetesEventText {
  readonly subject: EventSubject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Of this event alone. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Whether a step is one that several events of a node may share, and that is news of their node. The cordon is said for each event. */
function isOfNode(step: InterruptionProgress): step is Extract<InterruptionProgress, OfNode> {
  return 'isFirst' in step && step.type !== 'cordoned';
}

/** Says a step as Kubernetes events, with the reasons people filter for; none for steps that have none. Pure. */
export function kubernetesEvents(step: InterruptionProgress): readonly KubernetesEventText[] {
  const { node } = step;
  // Of what holds for several events of a node people hear once.
  if (node === undefined || (isOfNode(step) && !step.isFirst)) return [];
  const subject: EventSubject = { kind: 'Node', name: node.name, uid: node.uid };
  const normal = (reason: string, message: string): KubernetesEventText => ({
    subject,
    type: 'Normal',
    reason,
    message,
  });
  const warning = (reason: string, message: string): KubernetesEventText => ({
    subject,
    type: 'Warning',
    reason,
    message,
  });
  switch (step.type) {
    case 'cordoned': {
      const why = normal(KINDS[step.event.kind].eventReason, step.event.description);
      const preDrain = normal('PreDrain', 'Pre-drain task successfully executed');
      const late = secondsTooLate(step);
      return [
        why,
        ...(late === undefined ? [] : [warning('NoticeTooLate', tooLate(step.event.startTime, late))]),
        preDrain,
        ...(step.final ? [normal('Cordon', 'Node successfully cordoned')] : []),
      ];
    }
    case 'cordon-failed':
      return [
        warning('PreDrainError', `There was a problem executing the pre-drain task: ${step.reason}`),
        step.final
          ? warning('CordonError', `There was a problem while trying to cordon the node: ${step.reason}`)
          : warning('CordonAndDrainError', drainProblem(step.reason)),
      ];
    case 'drained':
      return [
        (isAnyHurt(step.counts) ? warning : normal)(
          'CordonAndDrain',
          `Node successfully cordoned and drained${drainedInWords(step)}`,
        ),
      ];
    case 'drain-failed':
      if (step.lastsMs !== undefined) return [];
      return [warning('CordonAndDrainError', drainProblem(failureInWords(step))), ...afterFailure(step, normal)];
    case 'pods-lost':
      return [warning('CordonAndDrainError', drainProblem(summaryOf(step) ?? ''))];
    case 'pod-outcome':
      return podOutcome(step, node.name);
    case 'overdue':
      return [warning('DrainOverdue', overdueInWords(step))];
    case 'completed':
      return step.podsLeft === true
        ? [warning('PostDrain', `Post-drain task executed though pods are left: ${step.action}`)]
        : [normal('PostDrain', 'Post-drain task successfully executed')];
    case 'completion-failed':
      return [warning('PostDrainError', `There was a problem executing the post-drain task: ${step.reason}`)];
    case 'cancelled':
      return [normal('CancelDrain', `Cancel-drain task successfully executed: ${step.reason}`)];
    case 'uncordoned':
      return [normal('Uncordon', `Node successfully uncordoned: ${step.reason}`)];
    case 'made-schedulable':
      return [normal('MadeSchedulable', madeSchedulable(step.isMarkedAgain))];
    case 'uncordon-failed':
      return [
        warning('UncordonError', `There was a problem while trying to uncordon the node: ${step.reason}`),
        warning('CancelDrainError', `There was a problem executing the cancel-drain task: ${step.reason}`),
      ];
    case 'draining':
      return drainEvents(step, node.name, { normal, warning });
    case 'received':
    case 'ignored':
    case 'waiting':
    case 'node-not-found':
    case 'retrying':
    case 'held-elsewhere':
    case 'drain-began':
    case 'attached':
    case 'record-mended':
    case 'written-again':
      return [];
  }
}

function tooLate(startTime: Date, seconds: number): string {
  return `The notice came too late: the instance was to be gone at ${startTime.toISOString()}, ${seconds} s before its node was cordoned`;
}

function madeSchedulable(isMarkedAgain: boolean): string {
  return isMarkedAgain
    ? 'Somebody made the node schedulable though it goes away: it was cordoned again'
    : 'Somebody made the node schedulable once more: its cordon is left to them, the drain goes on';
}

/** Whether pods had less than what they ask for, or are still there. */
function isAnyHurt(counts: PodCounts): boolean {
  const { hurried, left, lost } = counts;
  const past = counts['deleted-past-budget'] + counts['deleted-past-admission'] + counts['deleted-past-fault'];
  return hurried + past + left + lost > 0;
}

function drainProblem(reason: string): string {
  return `There was a problem while trying to cordon and drain the node: ${reason}`;
}

/** With the drain of a lifecycle action ends what kept the action alive. */
function afterFailure(
  { event, others }: Extract<InterruptionProgress, { type: 'drain-failed' }>,
  normal: OnNode,
): readonly KubernetesEventText[] {
  return [event, ...others].some((each) => 'hook' in each)
    ? [normal('CancelDrain', 'Cancel-drain task successfully executed')]
    : [];
}

type OnNode = (reason: string, message: string) => KubernetesEventText;

function drainEvents(
  { progress, isAgain }: Extract<InterruptionProgress, { type: 'draining' }>,
  nodeName: string,
  { normal, warning }: Readonly<Record<'normal' | 'warning', OnNode>>,
): readonly KubernetesEventText[] {
  if (isAgain) return [];
  if (progress.type === 'at-risk') return [warning('CordonAndDrainError', progress.message)];
  if (progress.type === 'kubelet-silent')
    return [warning('CordonAndDrainError', 'The kubelet is silent, and nobody else can end the pods')];
  // On the node, where all pods that one budget holds are one event with their number; on each pod they would be a flood.
  if (progress.type === 'blocked')
    return [normal('EvictionRefused', `Pods stay, and are asked again: ${nameOfHold(progress.heldBy)} refuses`)];
  if (progress.type !== 'evicted' && progress.type !== 'deleted') return [];
  return [podEvent(progress.pod, nodeName, podEnding(progress))];
}

/** What is said of a pod. */
interface PodText {
  readonly text: string;
  readonly isWarning: boolean;
}

function podEvent(
  { namespace, name, uid }: PodRef,
  nodeName: string,
  { text, isWarning }: PodText,
): KubernetesEventText {
  return {
    subject: { kind: 'Pod', namespace, name, uid },
    type: isWarning ? 'Warning' : 'Normal',
    reason: 'PodEviction',
    message: `${text} (node ${nodeName})`,
    annotations: { node: nodeName },
  };
}

/** Of what becomes of a pod in another way than by what is done to it. */
function podOutcome(
  { pod, outcome }: Extract<InterruptionProgress, { type: 'pod-outcome' }>,
  nodeName: string,
): readonly KubernetesEventText[] {
  if (outcome === 'lost')
    return [podEvent(pod, nodeName, { text: 'Pod lost with its node: nothing had told it to end', isWarning: true })];
  if (outcome === 'cut-short')
    return [
      podEvent(pod, nodeName, {
        text: 'Pod cut short by the end of its node: its grace was not over',
        isWarning: true,
      }),
    ];
  if (outcome === 'left')
    return [
      podEvent(pod, nodeName, {
        text: 'Pod left on its node: a rule of the drain keeps it, or nobody can end it',
        isWarning: false,
      }),
    ];
  return [];
}

/** What was done to a pod, as it was; the sentence about an eviction is the Go handler's. */
function podEnding(progress: Extract<DrainProgress, { type: 'evicted' | 'deleted' }>): PodText {
  const grace = `${progress.graceSeconds ?? 0} s of grace`;
  if (progress.type === 'evicted') {
    const text = 'Pod evicted due to node drain';
    return progress.hurried ? { text: `${text} with ${grace} left`, isWarning: true } : { text, isWarning: false };
  }
  switch (progress.reason) {
    case 'completed':
      return { text: 'Ended pod deleted due to node drain', isWarning: false };
    case 'namespace-terminating':
      return { text: 'Pod deleted due to node drain: its namespace goes', isWarning: false };
    case 'deadline': {
      const by = progress.heldBy === undefined ? '' : `: ${nameOfHold(progress.heldBy)} had refused its eviction`;
      return { text: `Pod deleted with ${grace} left before the instance goes away${by}`, isWarning: true };
    }
    case 'shortened':
      return { text: `Pod left with ${grace} before the instance goes away`, isWarning: true };
  }
}
