export { eventId, instanceId, isInstanceId } from './event.ts';
export type {
  CapacityReservationInterruption,
  EventBase,
  EventId,
  GroupPlace,
  InstanceId,
  InstanceRunning,
  InterruptionEvent,
  InterruptionKind,
  LifecycleHook,
  LifecycleLaunch,
  LifecycleTermination,
  LifecycleWay,
  MonitorName,
  RebalanceRecommendation,
  ScheduledEvent,
  ScheduledEventCause,
  ScheduledEventState,
  SpotInterruption,
  StateChange,
} from './event.ts';
export { directAutoScalingSample, snsNotificationSample } from './envelope.ts';
export { instanceStatusSample, parseInstanceStatus } from './ec2/instance-status.ts';
export type { ImdsContext } from './parser.ts';
export { rebalanceRecommendationDocumentSample } from './imds/rebalance-recommendation.ts';
export { scheduledEventsSample } from './imds/scheduled-events.ts';
export { spotInstanceActionSample } from './imds/spot-instance-action.ts';
export { targetLifecycleStateSample } from './imds/target-lifecycle-state.ts';
export { isKeptText, keptText, labelValue } from './text.ts';
export type { KeptText } from './text.ts';
export type { ParseOutcome } from './outcome.ts';
export { IMDS_DOCUMENT_PATHS, parseImdsDocument, parseQueueMessage } from './registry.ts';
export type { ImdsDocumentName } from './registry.ts';
export {
  capacityReservationInterruptionSample,
  interruptibleCapacityReservationInterruptionSample,
} from './queue/capacity-reservation-interruption.ts';
export { healthScheduledChangeSample } from './queue/health-scheduled-change.ts';
export { lifecycleLaunchSample, lifecycleTerminationSample } from './queue/lifecycle-action.ts';
export { rebalanceRecommendationSample } from './queue/rebalance-recommendation.ts';
export { spotInterruptionSample } from './queue/spot-interruption.ts';
export { stateChangeSample } from './queue/state-change.ts';
