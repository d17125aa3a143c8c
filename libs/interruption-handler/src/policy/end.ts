import type { ScheduledEvent } from '@node-termination-handler/event-parsers';
import type { NodeInterruption } from '../kinds.ts';
import { heldEnd, notAhead } from '../record/ends.ts';
import type { InstanceEnd } from '../record/ends.ts';
import type { Moment } from '../record/entry.ts';
import type { Policy } from './decide.ts';

/** What a lifecycle hook is, as far as it is known. */
export interface HookFacts {
  /** How long it waits without a heartbeat (`HeartbeatTimeout`), in milliseconds. Absent: that can't be read, and nobody says when it ends. */
  readonly timeoutMs?: number;
  /** What its group does when it waits no longer. */
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
  /** Until how long after the action's start heartbeats keep it alive, in milliseconds. Absent: none are sent. */
  readonly heartbeatUntilMs?: number;
  /**
   * The group keeps an instance whose hook has timed out. Default `false`.
   *
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-lifecycle-policy.html
   */
  readonly isRetained?: boolean;
}

/**
 * When the instance goes, as an event and what is known of its hook say it. Pure.
 *
 * @param now - AWS's clock; a notice that lies too far ahead of it was given now.
 */
export function endOfEvent(event: NodeInterruption, policy: Policy, now: Moment, facts?: HookFacts): InstanceEnd {
  const noticedAt = notAhead(event.noticedAt.getTime(), now);
  // What a notice announces comes so long after it, whatever its clock says.
  const announcedAt = noticedAt + event.startTime.getTime() - event.noticedAt.getTime();
  switch (event.kind) {
    case 'SPOT_ITN': {
      // Hibernation begins with its notice: there are no two minutes.
      if (event.action === 'hibernate') return { kind: 'fixed', at: noticedAt, source: 'hibernation' };
      const source = event.monitor === 'SQS_MONITOR' ? 'envelope' : 'metadata';
      return { kind: 'fixed', at: announcedAt, source };
    }
    case 'CAPACITY_RESERVATION_ITN':
      return { kind: 'fixed', at: announcedAt, source: 'reservation' };
    case 'SCHEDULED_EVENT':
      return endOfPlan(event);
    case 'STATE_CHANGE':
      return {
        kind: 'fixed',
        at: noticedAt + policy.nodeTerminationGracePeriodSeconds * 1000,
        source: 'estimated',
      };
    case 'REBALANCE_RECOMMENDATION':
      return { kind: 'open', why: 'recommendation' };
    case 'ASG_LIFECYCLE':
      // The metadata says that the instance is to go, neither since when nor which hooks wait.
      if (event.hook === undefined) return { kind: 'open', why: 'target-state' };
      return endOfHook(noticedAt, facts);
  }
}

function endOfPlan({ withoutEnd, startTime }: ScheduledEvent): InstanceEnd {
  const startsAt = startTime.getTime();
  if (withoutEnd === undefined) return { kind: 'fixed', at: startsAt, source: 'schedule' };
  switch (withoutEnd) {
    case 'network-maintenance':
      return { kind: 'open', why: withoutEnd, startsAt };
    case 'no-start':
      return { kind: 'open', why: withoutEnd };
  }
}

/** A hook waits from the action's start, whenever somebody heard of it. */
function endOfHook(since: Moment, facts: HookFacts | undefined): InstanceEnd {
  if (facts?.isRetained === true) return { kind: 'open', why: 'retained' };
  if (facts?.timeoutMs === undefined) return { kind: 'open', why: 'timeout-unreadable' };
  return heldEnd(since, facts.timeoutMs, facts.heartbeatUntilMs);
}
