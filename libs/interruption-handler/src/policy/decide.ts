import { KINDS } from '../kinds.ts';
import type { KindRules, NodeInterruption } from '../kinds.ts';

/** What an operator wants done about each kind of event. */
export interface Policy {
  /** Cordon and mark nodes, but evict nothing. Default `false`. */
  readonly cordonOnly: boolean;
  /** What a rebalance recommendation leads to; `notify` tells people, and does nothing to the node. Default `cordon`. */
  readonly rebalanceAction: 'none' | 'notify' | 'cordon' | 'drain';
  /**
   * How long before its start a scheduled event is acted on, in milliseconds; `immediate` acts as soon as it is known.
   * Default `immediate`, because the hardware behind the event may be degraded already.
   */
  readonly scheduledEventLeadTimeMs: number | 'immediate';
  /** Whether a pod whose own grace would not fit any more is ended past its budget before the instance goes. Default `deadline`. */
  readonly podDeadline: 'deadline' | 'respect';
  /**
   * Within so many seconds of its notice a node is emptied whose instance goes at short notice; for all other events it is patience alone,
   * after which people are told that the drain is overdue. Also how long a node that can't be marked is tried. Default 120.
   */
  readonly nodeTerminationGracePeriodSeconds: number;
}

/** The policy of a program that was configured with nothing. */
export const DEFAULT_POLICY: Policy = {
  cordonOnly: false,
  rebalanceAction: 'cordon',
  scheduledEventLeadTimeMs: 'immediate',
  podDeadline: 'deadline',
  nodeTerminationGracePeriodSeconds: 120,
};

/** The node is taken out of service. */
export interface TakeOut {
  readonly action: 'cordon' | 'drain';
  /** Nothing is done to the node before this moment. */
  readonly actAt: Date;
  /** Where the node can't be marked by this moment, the event is given back. */
  readonly markBy: Date;
}

/** What is to be done about one event: a value that can be logged, recorded and replayed. */
export type Decision =
  /** The event needs no work; `reason` says why, in one line. */
  | { readonly action: 'ignore'; readonly reason: string }
  /** People are told, and nothing is done to the node; `reason` says why, in one line. */
  | { readonly action: 'notify'; readonly reason: string }
  /** The event is over before its time: whatever was done for it is taken back. */
  | { readonly action: 'release'; readonly reason: string }
  | TakeOut;

/**
 * Decides what an event leads to, by the rules of its kind.
 *
 * Pure: the same event, policy and time give the same decision.
 */
export function decide(event: NodeInterruption, policy: Policy, now: Date): Decision {
  const rules = KINDS[event.kind];
  const { state = '' } = event;
  const states: Readonly<Record<string, string>> = rules.states ?? {};
  if (states[state] === 'over') return { action: 'release', reason: `${rules.words} is ${state}` };
  const action = rules.action === 'drain' ? 'drain' : policy.rebalanceAction;
  if (action === 'none') return { action: 'ignore', reason: `${rules.words}s are not acted on` };
  if (action === 'notify') return { action, reason: `${rules.words}s are told alone, as the settings say` };
  const actAt = rules.isPlanned ? actTime(event.startTime, policy, now) : now;
  const markBy = markLimit(rules, event.startTime, actAt, policy);
  return { action: policy.cordonOnly ? 'cordon' : action, actAt, markBy };
}

function actTime(start: Date, policy: Policy, now: Date): Date {
  if (policy.scheduledEventLeadTimeMs === 'immediate') return now;
  return new Date(Math.max(now.getTime(), start.getTime() - policy.scheduledEventLeadTimeMs));
}

/**
 * The setting bounds the tries to mark a node; a known end of the instance bounds them further.
 *
 * An end that has passed already says nothing about how long the instance will still live (late delivery, a skewed clock),
 * so then the setting alone counts.
 */
function markLimit({ end }: KindRules, start: Date, actAt: Date, policy: Policy): Date {
  const bySetting = actAt.getTime() + policy.nodeTerminationGracePeriodSeconds * 1000;
  return new Date(end === 'at-start' && start > actAt ? Math.min(bySetting, start.getTime()) : bySetting);
}
