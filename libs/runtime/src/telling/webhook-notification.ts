import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import type {
  NotificationMetadata,
  NotificationOutcome,
  NotificationPhase,
  WebhookNotification,
} from '@node-termination-handler/webhook-notifier';
import { summaryOf } from './summary.ts';

/** What is known of the event's instance beside the event itself. */
export interface TellContext {
  readonly metadata: NotificationMetadata;
  /** Whether the instance carries the managed tag. */
  readonly isManaged?: boolean;
  readonly instanceType?: string;
  /** The node that the step is about, where it does not say it itself: it may come before the node was found. */
  readonly nodeName?: string;
}

/** Makes the webhook's message for a step; `undefined` for steps nobody asked to be told. Pure. */
export function webhookNotification(
  step: InterruptionProgress,
  phases: ReadonlySet<NotificationPhase>,
  { metadata, isManaged, instanceType, nodeName }: TellContext,
  isDryRun = false,
): WebhookNotification | undefined {
  const phase = phaseOf(step, phases);
  if (phase === undefined) return undefined;
  const { event, node } = step;
  return {
    phase,
    outcome: isDryRun ? 'dry-run' : outcomeOf(step),
    summary: summaryWithOthers(step, isDryRun),
    reason: 'reason' in step ? step.reason : undefined,
    podCounts: 'counts' in step ? step.counts : undefined,
    durationMs: 'durationMs' in step ? step.durationMs : undefined,
    otherEvents: 'others' in step ? step.others.map(({ id }) => id) : undefined,
    metadata,
    event: {
      eventId: event.id,
      kind: event.kind,
      monitor: event.monitor,
      description: event.description,
      state: event.state,
      autoScalingGroupName: 'autoScalingGroupName' in event ? event.autoScalingGroupName : undefined,
      nodeName: node?.name ?? nodeName,
      nodeLabels: node?.labels,
      pods: 'pods' in step ? step.pods : undefined,
      instanceId: event.instanceId,
      providerId: node?.providerId,
      instanceType,
      isManaged,
      startTime: event.startTime,
      endTime: event.endTime,
      nodeProcessed: phase === 'drained',
      inProgress: true,
    },
  };
}

/** How the work on the node stands after it: alerts are opened and closed by that. */
function outcomeOf(step: InterruptionProgress): NotificationOutcome | undefined {
  switch (step.type) {
    case 'received':
      return step.decision.action === 'cordon' || step.decision.action === 'drain' ? 'pending' : 'nothing-to-do';
    case 'cordoned':
      return step.final ? 'done' : 'pending';
    case 'pods-lost':
      return 'lost';
    case 'cancelled':
      return step.isLast ? 'over' : 'pending';
    // The phase says it.
    default:
      return undefined;
  }
}

/** The other events of a node get no message of their own. */
function summaryWithOthers(step: InterruptionProgress, isDryRun: boolean): string {
  const others = 'others' in step ? step.others.map(({ id }) => id) : [];
  return `${summaryOf(step, isDryRun) ?? ''}${others.length === 0 ? '' : `; also for ${others.join(', ')}`}`;
}

function phaseOf(step: InterruptionProgress, phases: ReadonlySet<NotificationPhase>): NotificationPhase | undefined {
  // One message for a node and phase, though several events ask for it, and however long a failure lasts.
  if (('isFirst' in step && !step.isFirst) || 'lastsMs' in step) return undefined;
  // A cordon that is all the event asks for is the end of its work: those who want to hear of the end hear of it.
  if (step.type === 'cordoned')
    return phases.has('cordoned') || (step.final && phases.has('drained')) ? 'cordoned' : undefined;
  const phase = PHASES[step.type];
  return phase !== undefined && phases.has(phase) ? phase : undefined;
}

const PHASES: Partial<Record<InterruptionProgress['type'], NotificationPhase>> = {
  received: 'received',
  drained: 'drained',
  'drain-failed': 'failed',
  'cordon-failed': 'failed',
  'pods-lost': 'failed',
  overdue: 'overdue',
  cancelled: 'cancelled',
  uncordoned: 'uncordoned',
};
