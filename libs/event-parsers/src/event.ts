import { keptText } from './text.ts';
import type { KeptText } from './text.ts';

/** Names one notice: the same notice seen twice has the same id, two notices never share one. At most 128 characters of a closed alphabet. */
export type EventId = KeptText & { readonly __id: 'EventId' };

/** Names one EC2 instance, `i-…`. */
export type InstanceId = string & { readonly __brand: 'InstanceId' };

/**
 * Makes an event id of a text. One with other characters than letters, digits and `._:/=@+-`, or longer than 128, is cut, and a fingerprint
 * tells it from others: ids go into logs, webhooks, records and labels, and whoever may write to the queue chooses them.
 */
export function eventId(text: string): EventId {
  return keptText(text) as EventId;
}

/** Marks a text as an instance id; see {@link isInstanceId} for a check of its shape. */
export function instanceId(text: string): InstanceId {
  return text as InstanceId;
}

/**
 * Tells whether a text has the shape of an EC2 instance id.
 *
 * Wider than what EC2 hands out today (8 or 17 hex digits), so that a longer or differently spelled id is no reason to lose a notice.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
 */
export function isInstanceId(text: string): text is InstanceId {
  return /^i-[0-9A-Za-z]{1,60}$/.test(text);
}

/** Names the part of the program that heard of an event; webhook templates of existing users read these words. */
export type MonitorName =
  | 'SPOT_ITN_MONITOR'
  | 'SCHEDULED_EVENT_MONITOR'
  | 'REBALANCE_RECOMMENDATION_MONITOR'
  | 'ASG_LIFECYCLE_MONITOR'
  | 'SQS_MONITOR';

/** What every interruption event carries, whatever its kind. */
export interface EventBase {
  /** The same for the same notice, however often and by however many replicas it is seen. */
  readonly id: EventId;
  readonly monitor: MonitorName;
  /** One line for people: holds no line break and no other control character. */
  readonly description: string;
  readonly instanceId: InstanceId;
  /**
   * When the service gave the notice, as far as it says so; otherwise when the message was put into its queue, which after a redrive out of a
   * dead-letter queue is later; otherwise the clock handed to the parser.
   */
  readonly noticedAt: Date;
  /** When the interruption begins. */
  readonly startTime: Date;
  /** When the interruption ends; absent when the service does not say. */
  readonly endTime?: Date;
  /** The state the service gives to the instance or to the notice; absent for kinds that have none. */
  readonly state?: string;
}

/**
 * EC2 reclaims a Spot Instance, two minutes after the notice.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export interface SpotInterruption extends EventBase {
  readonly kind: 'SPOT_ITN';
  /** What happens to the instance: `terminate`, `stop` or `hibernate`. */
  readonly action: string;
}

/**
 * A Spot Instance has an elevated risk of being interrupted.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export interface RebalanceRecommendation extends EventBase {
  readonly kind: 'REBALANCE_RECOMMENDATION';
}

/** `active`, `completed` and `canceled` come from instance metadata; `upcoming`, `open` and `closed` from AWS Health. */
export type ScheduledEventState = 'active' | 'completed' | 'canceled' | 'upcoming' | 'open' | 'closed';

/**
 * What AWS itself calls a scheduled event: the same in every notice of it, when it is moved, and when it is over. EC2 and instance metadata
 * name it by an `EventId`; each update and each copy of a Health event has the ARN of the first.
 */
export type ScheduledEventCause =
  { readonly type: 'scheduled'; readonly eventId: string } | { readonly type: 'health'; readonly eventArn: string };

/**
 * AWS plans to stop, retire, reboot or maintain an instance.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instances-status-check_sched.html
 */
export interface ScheduledEvent extends EventBase {
  readonly kind: 'SCHEDULED_EVENT';
  /** `instance-stop`, `instance-retirement`, `instance-reboot`, `system-reboot`, `system-maintenance`; for AWS Health its event type code. */
  readonly code: string;
  readonly state: ScheduledEventState;
  /** Absent when the service names no event: then the notice is all there is to know it by. */
  readonly cause?: ScheduledEventCause;
  /** Whether the instance's operating system starts anew: its node may be uncordoned after that. */
  readonly restartsHost: boolean;
  /**
   * Why the instance does not go at `startTime`: the service names no start, and the moment of the notice stands there; or only its network
   * is away for a while, which what runs on it survives. Absent: it goes then.
   */
  readonly withoutEnd?: 'no-start' | 'network-maintenance';
}

/**
 * An instance is on its way down, whoever asked for that.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
 */
export interface StateChange extends EventBase {
  readonly kind: 'STATE_CHANGE';
  readonly state: 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
}

/**
 * An instance runs: it was launched, or is back after a stop. Takes no node out of service; what a stop led to may end with it.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
 */
export interface InstanceRunning extends EventBase {
  readonly kind: 'INSTANCE_RUNNING';
  readonly state: 'running';
}

/**
 * Names one lifecycle action that waits to be completed.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
 */
export interface LifecycleHook {
  readonly autoScalingGroupName: string;
  readonly lifecycleHookName: string;
  /** Absent when the notice has none: Auto Scaling knows the action by the instance, too. */
  readonly lifecycleActionToken?: string;
}

/**
 * Where an instance is as its Auto Scaling group sees it: not yet or no longer its own, in service, or waiting in its warm pool.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pools-eventbridge-events.html
 */
export type GroupPlace = 'EC2' | 'AutoScalingGroup' | 'WarmPool';

/** What a lifecycle action says of the way that its instance goes. */
export interface LifecycleWay {
  /** Where the instance comes from; absent when the notice does not say. */
  readonly origin?: GroupPlace;
  /** Where it goes; absent when the notice does not say. */
  readonly destination?: GroupPlace;
  /**
   * Its root volume is replaced: the instance reboots, and stays in its group. Told first as a termination, then as a launch.
   *
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-root-volume.html
   */
  readonly replacesRootVolume?: true;
}

/**
 * An Auto Scaling group takes an instance out of service.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
 */
export interface LifecycleTermination extends EventBase, LifecycleWay {
  readonly kind: 'ASG_LIFECYCLE';
  /** Absent when the notice came from instance metadata, which knows of no hook. */
  readonly hook?: LifecycleHook;
  /** The group's name, fit to be shown. */
  readonly autoScalingGroupName?: string;
}

/**
 * An Auto Scaling group puts an instance into service.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
 */
export interface LifecycleLaunch extends EventBase, LifecycleWay {
  readonly kind: 'ASG_LAUNCH_LIFECYCLE';
  readonly hook?: LifecycleHook;
  readonly autoScalingGroupName?: string;
}

/**
 * EC2 reclaims an instance that runs in an interruptible Capacity Reservation.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/interruptible-capacity-reservations.html
 */
export interface CapacityReservationInterruption extends EventBase {
  readonly kind: 'CAPACITY_RESERVATION_ITN';
  /** What happens to the instance, as a rule `terminate`. */
  readonly action: string;
}

/** Every notice this library knows, told apart by `kind`. */
export type InterruptionEvent =
  | SpotInterruption
  | RebalanceRecommendation
  | ScheduledEvent
  | StateChange
  | InstanceRunning
  | LifecycleTermination
  | LifecycleLaunch
  | CapacityReservationInterruption;

/** The words that tell the members of {@link InterruptionEvent} apart. */
export type InterruptionKind = InterruptionEvent['kind'];
