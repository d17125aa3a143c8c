export { eventId, instanceId, isInstanceId } from './event.ts';
export type {
  CapacityReservationInterruption,
  EventBase,
  EventId,
  InstanceId,
  InterruptionEvent,
  InterruptionKind,
  LifecycleHook,
  LifecycleLaunch,
  LifecycleTermination,
  MonitorName,
  RebalanceRecommendation,
  ScheduledEvent,
  ScheduledEventState,
  SpotInterruption,
  StateChange,
} from './event.ts';
export type { NotActionable, ParseOutcome, ParsedEvents, Poison } from './outcome.ts';
