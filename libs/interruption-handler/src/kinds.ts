import type {
  InstanceRunning,
  InterruptionEvent,
  LifecycleLaunch,
  ScheduledEventState,
} from '@node-termination-handler/event-parsers';
import { OWN_TAINTS } from '@node-termination-handler/node-drainer';

/** An event that takes a node out of service; the launch of an instance is none, nor that it runs. */
export type NodeInterruption = Exclude<InterruptionEvent, LifecycleLaunch | InstanceRunning>;

/** Tells whether an event takes a node out of service. */
export function isNodeInterruption(event: InterruptionEvent): event is NodeInterruption {
  return Object.hasOwn(KINDS, event.kind);
}

/** Everything that is done or said otherwise for one kind of event than for another. */
export interface KindRules {
  /** What people call it, in the singular. */
  readonly words: string;
  /** What it leads to, unless the policy asks for cordons alone; `rebalance-action`: what the policy's field of that name says. */
  readonly action: 'drain' | 'rebalance-action';
  /** Whether it is announced for later, so that the policy's lead time decides when to act. What is not is acted on at once. */
  readonly isPlanned: boolean;
  /** Whether the instance goes within minutes, so that the policy's grace bounds the drain; for all others it is patience alone. */
  readonly isUrgent: boolean;
  /** When the instance goes: at the event's start, or when EC2 or the group decides. */
  readonly end: 'at-start' | 'unknown';
  /** What each of the event's states means, where it has them. Over before its time: whatever was done for it is taken back. */
  readonly states?: Readonly<Record<ScheduledEventState, 'ahead' | 'over'>>;
  /** The key of the taint that tells people and schedulers why the node goes away. */
  readonly taintKey: string;
  /** The reason of the Kubernetes event that says why the node goes away: the Go handler's, because people filter for it. */
  readonly eventReason: string;
}

/** One row for each kind of event; a kind without a row does not compile. */
export const KINDS: Readonly<Record<NodeInterruption['kind'], KindRules>> = {
  /** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
  SPOT_ITN: {
    words: 'Spot interruption',
    action: 'drain',
    isPlanned: false,
    isUrgent: true,
    end: 'at-start',
    taintKey: OWN_TAINTS.spotItn,
    eventReason: 'SpotInterruption',
  },
  /** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/interruptible-capacity-reservations.html */
  CAPACITY_RESERVATION_ITN: {
    words: 'capacity reservation interruption',
    action: 'drain',
    isPlanned: false,
    isUrgent: true,
    end: 'at-start',
    // EC2 reclaims the capacity with a two-minute notice, as it does with Spot: tolerations for that fit here too.
    taintKey: OWN_TAINTS.spotItn,
    eventReason: 'CapacityReservationInterruption',
  },
  /** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instances-status-check_sched.html */
  SCHEDULED_EVENT: {
    words: 'scheduled event',
    action: 'drain',
    isPlanned: true,
    isUrgent: false,
    end: 'at-start',
    states: { active: 'ahead', open: 'ahead', upcoming: 'ahead', completed: 'over', canceled: 'over', closed: 'over' },
    taintKey: OWN_TAINTS.scheduledMaintenance,
    eventReason: 'ScheduledEvent',
  },
  /** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html */
  REBALANCE_RECOMMENDATION: {
    words: 'rebalance recommendation',
    action: 'rebalance-action',
    isPlanned: false,
    isUrgent: false,
    end: 'unknown',
    taintKey: OWN_TAINTS.rebalanceRecommendation,
    eventReason: 'RebalanceRecommendation',
  },
  /** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html */
  STATE_CHANGE: {
    words: 'state change',
    action: 'drain',
    isPlanned: false,
    isUrgent: true,
    end: 'unknown',
    taintKey: OWN_TAINTS.asgLifecycleTermination,
    eventReason: 'StateChange',
  },
  /** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html */
  ASG_LIFECYCLE: {
    words: 'lifecycle action',
    action: 'drain',
    isPlanned: false,
    isUrgent: false,
    end: 'unknown',
    taintKey: OWN_TAINTS.asgLifecycleTermination,
    eventReason: 'ASGLifecycle',
  },
};
