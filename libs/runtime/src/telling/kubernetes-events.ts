import { KINDS } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { nameOfHold } from '@node-termination-handler/node-drainer';
import type { DrainProgress } from '@node-termination-handler/node-drainer';

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

/** Says a step as Kubernetes events, with the reasons people filter for; none for steps that have none. Pure. */
export function kubernetesEvents(step: InterruptionProgress): readonly KubernetesEventText[] {
  const { node } = step;
  if (node === undefined) return [];
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
      return step.final ? [why, preDrain, normal('Cordon', 'Node successfully cordoned')] : [why, preDrain];
    }
    case 'cordon-failed':
      return [
        warning('PreDrainError', `There was a problem executing the pre-drain task: ${step.reason}`),
        step.final
          ? warning('CordonError', `There was a problem while trying to cordon the node: ${step.reason}`)
          : warning('CordonAndDrainError', drainProblem(step.reason)),
      ];
    case 'drained':
      return [normal('CordonAndDrain', 'Node successfully cordoned and drained')];
    case 'drain-failed':
      return [warning('CordonAndDrainError', drainProblem(step.reason)), ...afterFailure(step, normal)];
    case 'overdue':
      return [warning('DrainOverdue', overdueText(step))];
    case 'completed':
      return [normal('PostDrain', 'Post-drain task successfully executed')];
    case 'completion-failed':
      return [warning('PostDrainError', `There was a problem executing the post-drain task: ${step.reason}`)];
    case 'cancelled':
      return [normal('CancelDrain', `Cancel-drain task successfully executed: ${step.reason}`)];
    case 'uncordoned':
      return [normal('Uncordon', 'Node successfully uncordoned')];
    case 'uncordon-failed':
      return [
        warning('UncordonError', `There was a problem while trying to uncordon the node: ${step.reason}`),
        warning('CancelDrainError', `There was a problem executing the cancel-drain task: ${step.reason}`),
      ];
    case 'draining':
      return podEvents(step, node.name, warning);
    case 'received':
    case 'ignored':
    case 'waiting':
    case 'node-not-found':
    case 'retrying':
    case 'held-elsewhere':
    case 'drain-began':
    case 'attached':
    case 'made-schedulable':
    case 'record-mended':
      return [];
  }
}

function drainProblem(reason: string): string {
  return `There was a problem while trying to cordon and drain the node: ${reason}`;
}

/** More names than these make no event more useful, and Kubernetes cuts its message. */
const MOST_NAMES = 10;

function overdueText({
  graceSeconds,
  podsLeft,
  heldBy,
  deadline,
}: Extract<InterruptionProgress, { type: 'overdue' }>): string {
  const others = podsLeft.length > MOST_NAMES ? ` and ${podsLeft.length - MOST_NAMES} more` : '';
  const names = podsLeft.length === 0 ? '' : ` (${podsLeft.slice(0, MOST_NAMES).join(', ')}${others})`;
  const by = heldBy.length === 0 ? '' : `, held by ${heldBy.slice(0, MOST_NAMES).join('; ')}`;
  const end =
    deadline === undefined
      ? 'Nobody has said when the instance goes, and no disruption budget is broken'
      : `The instance goes at ${deadline.toISOString()}, and no disruption budget is broken while pods still have their grace before it`;
  const what = `The drain takes longer than ${graceSeconds} s and goes on: ${podsLeft.length} pods are left${names}${by}`;
  return `${what}. ${end}`;
}

/** With the drain of a lifecycle action ends what kept the action alive. */
function afterFailure(
  { event }: InterruptionProgress,
  normal: (reason: string, message: string) => KubernetesEventText,
): readonly KubernetesEventText[] {
  return 'hook' in event ? [normal('CancelDrain', 'Cancel-drain task successfully executed')] : [];
}

function podEvents(
  { progress }: Extract<InterruptionProgress, { type: 'draining' }>,
  nodeName: string,
  warning: (reason: string, message: string) => KubernetesEventText,
): readonly KubernetesEventText[] {
  if (progress.type === 'at-risk') return [warning('CordonAndDrainError', progress.message)];
  if (progress.type !== 'evicted' && progress.type !== 'deleted') return [];
  const { namespace, name, uid } = progress.pod;
  const said = podEnding(progress);
  return [
    {
      subject: { kind: 'Pod', namespace, name, uid },
      type: said.isWarning ? 'Warning' : 'Normal',
      reason: 'PodEviction',
      message: `${said.text} (node ${nodeName})`,
      annotations: { node: nodeName },
    },
  ];
}

/** What was done to a pod, as it was; the sentence about an eviction is the Go handler's. */
function podEnding(progress: Extract<DrainProgress, { type: 'evicted' | 'deleted' }>): {
  readonly text: string;
  readonly isWarning: boolean;
} {
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
