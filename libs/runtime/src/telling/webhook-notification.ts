import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import type {
  NotificationMetadata,
  NotificationPhase,
  WebhookNotification,
} from '@node-termination-handler/webhook-notifier';

/** What is known of the event's instance beside the event itself. */
export interface TellContext {
  readonly metadata: NotificationMetadata;
  /** Whether the instance carries the managed tag. */
  readonly isManaged?: boolean;
  readonly instanceType?: string;
}

/** Makes the webhook's message for a step; `undefined` for steps nobody asked to be told. Pure. */
export function webhookNotification(
  step: InterruptionProgress,
  phases: ReadonlySet<NotificationPhase>,
  { metadata, isManaged, instanceType }: TellContext,
): WebhookNotification | undefined {
  const phase = phaseOf(step, phases);
  if (phase === undefined) return undefined;
  const { event, node } = step;
  return {
    phase,
    metadata,
    event: {
      eventId: event.id,
      kind: event.kind,
      monitor: event.monitor,
      description: event.description,
      state: event.state,
      autoScalingGroupName: 'autoScalingGroupName' in event ? event.autoScalingGroupName : undefined,
      nodeName: node?.name,
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

function phaseOf(step: InterruptionProgress, phases: ReadonlySet<NotificationPhase>): NotificationPhase | undefined {
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
  cancelled: 'cancelled',
  uncordoned: 'uncordoned',
};
