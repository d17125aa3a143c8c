import { eventId, instanceId, keptText } from '@node-termination-handler/event-parsers';
import { KINDS } from '../kinds.ts';
import type { NodeInterruption } from '../kinds.ts';
import { notAhead, startOf } from '../record/ends.ts';
import { actionKey, CAUSES, causeOf, healthKey, scheduledKey, singleKey } from '../record/entry.ts';
import type {
  Decision as EntryDecision,
  EntryKey,
  Hook,
  Interruption,
  Moment,
  Notice,
  Source,
} from '../record/entry.ts';
import type { Policy, TakeOut } from './decide.ts';
import { endOfEvent } from './end.ts';
import type { HookFacts } from './end.ts';

/** Which marks, beside the cordon, an operator wants on nodes that go away. */
export interface MarkPolicy {
  /** The effect of the taint that says why the node goes; `false` puts none. Default `false`. */
  readonly taintEffect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | false;
  /** Keep load balancers from sending to the node. Default `false`. */
  readonly excludeFromLoadBalancers: boolean;
  /** Tell of maintenance and drains in the node's conditions, which are written apart from all other marks. Default `false`. */
  readonly conditions: boolean;
}

/** The marks of a program that was configured with nothing: the cordon alone. */
export const DEFAULT_MARK_POLICY: MarkPolicy = {
  taintEffect: false,
  excludeFromLoadBalancers: false,
  conditions: false,
};

/** The key by which a node's record knows what an event tells of, whichever source told it and however often. Pure. */
export function keyOf(event: NodeInterruption): EntryKey {
  switch (event.kind) {
    case 'SPOT_ITN':
      return singleKey('spot');
    case 'CAPACITY_RESERVATION_ITN':
      return singleKey('reservation');
    case 'REBALANCE_RECOMMENDATION':
      return singleKey('rebalance');
    case 'STATE_CHANGE':
      return singleKey('state');
    case 'SCHEDULED_EVENT':
      return event.cause?.type === 'health'
        ? healthKey(event.cause.eventArn, event.instanceId)
        : scheduledKey(event.cause?.eventId ?? event.id);
    case 'ASG_LIFECYCLE': {
      if (event.monitor === 'ASG_LIFECYCLE_MONITOR') return singleKey('target');
      const { hook, autoScalingGroupName = '', instanceId: instance, noticedAt } = event;
      const token = hook?.lifecycleActionToken;
      if (token !== undefined) return actionKey({ token });
      const { autoScalingGroupName: group, lifecycleHookName } = hook ?? {
        autoScalingGroupName,
        lifecycleHookName: '',
      };
      return actionKey({ group, hook: lifecycleHookName, instance, startedAt: noticedAt.getTime() });
    }
  }
}

/** What of an event goes into the record of its node, with what its receiver decided by its own policy. Pure. */
export function noticeOf(
  event: NodeInterruption,
  decision: TakeOut,
  options: {
    readonly policy: Policy;
    readonly marks: MarkPolicy;
    readonly source: Source;
    /** AWS's clock; a moment that lies too far ahead of it is none. */
    readonly now: Moment;
    readonly hook?: Hook | undefined;
    readonly facts?: HookFacts | undefined;
  },
): Notice {
  const { policy, marks, source, now, hook, facts } = options;
  return {
    key: keyOf(event),
    id: event.id,
    source,
    // The same each time that the notice is looked at, or it would seem to be newer than what it has led to.
    noticedAt: notAhead(event.noticedAt.getTime(), now),
    end: endOfEvent(event, policy, now, facts),
    mayReturn: mayReturn(event),
    decision: entryDecision(event, decision, policy, marks),
    ...(hook === undefined ? {} : { hook }),
  };
}

/** The notice of an event that its source says is over: it is told apart by its key alone. Pure. */
export function endingOf(event: NodeInterruption, policy: Policy, source: Source): Notice {
  const nothing: TakeOut = { action: 'cordon', actAt: event.startTime, markBy: event.startTime };
  return noticeOf(event, nothing, { policy, marks: DEFAULT_MARK_POLICY, source, now: event.noticedAt.getTime() });
}

/**
 * The hook that an event tells of. Metadata names neither group nor hook: one who completes what waits all the same is owed it. Pure.
 */
export function hookOf(event: NodeInterruption, isCompleted: boolean, facts?: HookFacts): Hook | undefined {
  if (event.kind !== 'ASG_LIFECYCLE' || (event.hook === undefined && !isCompleted)) return undefined;
  const { autoScalingGroupName = 'unknown', lifecycleHookName = 'unknown' } = event.hook ?? {};
  return {
    group: keptText(autoScalingGroupName),
    name: keptText(lifecycleHookName),
    // Where it is not known: the service's own default. See https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
    defaultResult: facts?.defaultResult ?? 'ABANDON',
    ours: isCompleted,
  };
}

/** Whether the instance may run again after it, as one that was stopped, or waits in a warm pool, does. */
function mayReturn(event: NodeInterruption): boolean {
  switch (event.kind) {
    case 'SPOT_ITN':
      return event.action !== 'terminate';
    case 'STATE_CHANGE':
      return event.state === 'stopping' || event.state === 'stopped';
    case 'ASG_LIFECYCLE':
      return event.destination === 'WarmPool' || event.replacesRootVolume === true;
    case 'CAPACITY_RESERVATION_ITN':
    case 'REBALANCE_RECOMMENDATION':
    case 'SCHEDULED_EVENT':
      return false;
  }
}

function entryDecision(
  event: NodeInterruption,
  { action }: TakeOut,
  { scheduledEventLeadTimeMs, podDeadline }: Policy,
  { taintEffect, excludeFromLoadBalancers, conditions }: MarkPolicy,
): EntryDecision {
  return {
    action,
    lead: event.kind === 'SCHEDULED_EVENT' ? scheduledEventLeadTimeMs : 'immediate',
    podDeadline,
    marks: {
      ...(taintEffect === false ? {} : { taint: taintEffect }),
      ...(excludeFromLoadBalancers ? { loadBalancers: true as const } : {}),
      ...(conditions ? { conditions: true as const } : {}),
      ...('restartsHost' in event && event.restartsHost ? { reboot: true as const } : {}),
    },
  };
}

/**
 * The event that an entry tells of, for those who tell people of a node whose notices this process has not received itself: its kind, id
 * and moments stand in the record, and what does not is left empty. Pure.
 */
export function eventOf({ key, id, noticedAt, end, decision }: Interruption, instance: string): NodeInterruption {
  const { kind } = CAUSES[causeOf(key)];
  const base = {
    id: eventId(id),
    monitor: 'SQS_MONITOR' as const,
    description: `${KINDS[kind].words} known from the record of the node`,
    instanceId: instanceId(instance),
    noticedAt: new Date(noticedAt),
    startTime: new Date(startOf(end) ?? noticedAt),
  };
  switch (kind) {
    case 'SPOT_ITN':
    case 'CAPACITY_RESERVATION_ITN':
      return { ...base, kind, action: '' };
    case 'SCHEDULED_EVENT':
      return { ...base, kind, code: '', state: 'active', restartsHost: decision.marks.reboot === true };
    case 'STATE_CHANGE':
      return { ...base, kind, state: 'stopping' };
    case 'REBALANCE_RECOMMENDATION':
    case 'ASG_LIFECYCLE':
      return { ...base, kind };
  }
}
