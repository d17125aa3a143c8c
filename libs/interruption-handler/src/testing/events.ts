import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type {
  LifecycleTermination,
  RebalanceRecommendation,
  ScheduledEvent,
  SpotInterruption,
} from '@node-termination-handler/event-parsers';

/** The moment at which the tests' clocks begin. */
export const START = new Date('2026-01-02T03:04:05Z');

const base = (id: string, instance: string) => ({
  id: eventId(id),
  monitor: 'SQS_MONITOR' as const,
  description: `${id} for ${instance}`,
  instanceId: instanceId(instance),
  noticedAt: START,
});

/** A Spot interruption that ends the instance some seconds after {@link START}. */
export function spot(id: string, { instance = 'i-1', inSeconds = 120 } = {}): SpotInterruption {
  return { ...base(id, instance), kind: 'SPOT_ITN', action: 'terminate', startTime: after(inSeconds) };
}

export function rebalance(id: string, { instance = 'i-1' } = {}): RebalanceRecommendation {
  return { ...base(id, instance), kind: 'REBALANCE_RECOMMENDATION', startTime: START };
}

/** A lifecycle action that a message tells of; its token is its id. */
export function lifecycle(id: string, { instance = 'i-1', hook: name = 'hook' } = {}): LifecycleTermination {
  const hook = { autoScalingGroupName: 'group', lifecycleHookName: name, lifecycleActionToken: id };
  return { ...base(id, instance), kind: 'ASG_LIFECYCLE', startTime: START, hook };
}

/** What the metadata tells of the same: neither hook nor token. */
export function targetState(id: string, { instance = 'i-1' } = {}): LifecycleTermination {
  return { ...base(id, instance), monitor: 'ASG_LIFECYCLE_MONITOR', kind: 'ASG_LIFECYCLE', startTime: START };
}

export function scheduled(
  id: string,
  {
    instance = 'i-1',
    inSeconds = 3600,
    state = 'active',
    restartsHost = true,
    ...more
  }: Partial<Pick<ScheduledEvent, 'state' | 'restartsHost' | 'withoutEnd'>> & {
    readonly instance?: string;
    readonly inSeconds?: number;
  } = {},
): ScheduledEvent {
  return {
    ...base(id, instance),
    kind: 'SCHEDULED_EVENT',
    code: 'system-reboot',
    state,
    restartsHost,
    startTime: after(inSeconds),
    ...more,
  };
}

/** The same event, as the metadata tells it. */
export function fromImds(event: ScheduledEvent): ScheduledEvent {
  return { ...event, monitor: 'SCHEDULED_EVENT_MONITOR' };
}

/** The moment some seconds after {@link START}. */
export function after(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}
