import type { NodeInterruption } from './node-interruption.ts';
import type { Policy } from './policy.ts';

/** The event needs no work; `reason` says why, in one line. */
export interface Ignore {
  readonly action: 'ignore';
  readonly reason: string;
}

/** The event is over before its time: whatever was done for it is taken back. */
export interface Release {
  readonly action: 'release';
  readonly reason: string;
}

/** The node is taken out of service. */
export interface TakeOut {
  readonly action: 'cordon' | 'drain';
  /** Nothing is done to the node before this moment. */
  readonly actAt: Date;
  /** The drain has ended by this moment, one way or the other. */
  readonly deadline: Date;
}

/** What is to be done about one event: a value that can be logged, recorded and replayed. */
export type Decision = Ignore | Release | TakeOut;

/**
 * Decides what an event leads to.
 *
 * Pure: the same event, policy and time give the same decision.
 */
export function decide(event: NodeInterruption, policy: Policy, now: Date): Decision {
  switch (event.kind) {
    case 'SPOT_ITN':
    case 'CAPACITY_RESERVATION_ITN':
    case 'STATE_CHANGE':
    case 'ASG_LIFECYCLE':
      return takeOut(event, 'drain', now, policy);
    case 'REBALANCE_RECOMMENDATION':
      return policy.rebalanceAction === 'none'
        ? { action: 'ignore', reason: 'rebalance recommendations are not acted on' }
        : takeOut(event, policy.rebalanceAction, now, policy);
    case 'SCHEDULED_EVENT':
      switch (event.state) {
        case 'completed':
        case 'canceled':
        case 'closed':
          return { action: 'release', reason: `scheduled event is ${event.state}` };
        case 'active':
        case 'upcoming':
        case 'open':
          return takeOut(event, 'drain', scheduledActTime(event.startTime, policy, now), policy);
      }
  }
}

function scheduledActTime(start: Date, policy: Policy, now: Date): Date {
  if (policy.scheduledEventLeadTimeMs === 'immediate') return now;
  return new Date(Math.max(now.getTime(), start.getTime() - policy.scheduledEventLeadTimeMs));
}

function takeOut(event: NodeInterruption, action: 'cordon' | 'drain', actAt: Date, policy: Policy): TakeOut {
  return { action: policy.cordonOnly ? 'cordon' : action, actAt, deadline: drainDeadline(event, actAt, policy) };
}

/**
 * The setting bounds every drain; a known end of the instance bounds it further.
 *
 * An end that has passed already says nothing about how long the instance will still live (late delivery, a skewed clock),
 * so then the setting alone counts. State changes and lifecycle actions start "now" and end when the instance or the group decides.
 */
function drainDeadline(event: NodeInterruption, actAt: Date, policy: Policy): Date {
  const bySetting = actAt.getTime() + policy.nodeTerminationGracePeriodSeconds * 1000;
  if (event.kind === 'STATE_CHANGE' || event.kind === 'ASG_LIFECYCLE' || event.kind === 'REBALANCE_RECOMMENDATION') {
    return new Date(bySetting);
  }
  const start = event.startTime.getTime();
  return new Date(start > actAt.getTime() ? Math.min(bySetting, start) : bySetting);
}
