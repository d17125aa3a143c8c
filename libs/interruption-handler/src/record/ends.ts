import { holdsNode, isPlanned, isUrgent, owesHook } from './entry.ts';
import type { Interruption, LiveEntry, Moment, NodeRecord } from './entry.ts';

/**
 * When the instance goes. Facts only: whatever is done to a pod against a budget rests on it, so an end that is held or open is never
 * estimated, and what moves by itself (a heartbeat) is derived.
 *
 * | kind | the instance goes |
 * | --- | --- |
 * | `fixed` | at that moment, whatever anybody does; into hibernation at once, so that nothing is left of any pod's grace |
 * | `held` | when those who wait for us wait no longer: `since` + `timeoutMs`, with heartbeats as late as `extendableUntil` |
 * | `open` | nobody has said |
 */
export type InstanceEnd = FixedEnd | HeldEnd | OpenEnd;

/** The instance goes at a known moment. */
interface FixedEnd {
  readonly kind: 'fixed';
  readonly at: Moment;
  readonly source: 'metadata' | 'envelope' | 'schedule' | 'reservation' | 'hibernation' | 'estimated';
}

/** A lifecycle hook waits until a known moment. */
export interface HeldEnd {
  readonly kind: 'held';
  /** When the action began, by the service's time; never when it was received. */
  readonly since: Moment;
  /** The hook's `HeartbeatTimeout`. */
  readonly timeoutMs: number;
  /** No heartbeat carries the hook further than this. */
  readonly extendableUntil: Moment;
}

/** Nobody has said when the instance goes, or that it does. */
interface OpenEnd {
  readonly kind: 'open';
  readonly why: OpenReason;
  /** When what was planned begins, of what the instance survives. */
  readonly startsAt?: Moment;
}

/** Why an end is open. */
type OpenReason =
  'recommendation' | 'no-start' | 'network-maintenance' | 'retained' | 'timeout-unreadable' | 'target-state';

/** Whether a person who makes the node schedulable ends such an interruption, or it comes in spite of them. */
const DISMISSIBLE: Readonly<Record<OpenReason, boolean>> = {
  recommendation: true,
  'no-start': true,
  'network-maintenance': true,
  retained: true,
  'timeout-unreadable': false,
  'target-state': false,
};

/** From when on no budget holds: an end that nobody can move any more. `Infinity` for an open one. */
export function hardEnd(end: InstanceEnd): Moment {
  switch (end.kind) {
    case 'fixed':
      return end.at;
    case 'held':
      return Math.max(end.since + end.timeoutMs, end.extendableUntil);
    case 'open':
      return Infinity;
  }
}

/** The end of an entry, or what replaced it when it had passed and the node was still there. */
export function endOf(entry: Interruption): Moment {
  const end = hardEnd(entry.end);
  return 'estimatedEnd' in entry ? Math.max(end, entry.estimatedEnd) : end;
}

/** When the interruption itself begins, where that is known. */
export function startOf(end: InstanceEnd): Moment | undefined {
  switch (end.kind) {
    case 'fixed':
      return end.at;
    case 'held':
      return undefined;
    case 'open':
      return end.startsAt;
  }
}

/** When an entry's time to act comes: its lead time before a known start, otherwise at once (`-Infinity`). */
export function actAt({ end, decision: { lead } }: Pick<Interruption, 'end' | 'decision'>): Moment {
  const start = startOf(end);
  return lead === 'immediate' || start === undefined ? -Infinity : start - lead;
}

/** Whether the moment at which the interruption itself begins is still to come. */
export function startIsAhead(entry: Interruption, now: Moment): boolean {
  return (startOf(entry.end) ?? -Infinity) > now;
}

/** What ends are compared with. */
export interface Time {
  readonly now: Moment;
  /** `NODE_TERMINATION_GRACE_PERIOD`, in milliseconds. */
  readonly graceMs: number;
}

/** How long an instance that is here has, as its record says. */
export interface TimeLeft {
  /** When the instance goes: the earliest end of those that hold the node and have one ahead. `Infinity` when nobody has said. */
  readonly end: Moment;
  /** Before which moment pods are hurried past budgets: the same, of those whose receiver allows it. */
  readonly hurryBefore: Moment;
  /** Whether they are hurried at once, with the shortest grace: the instance goes already. */
  readonly isAtOnce: boolean;
}

/**
 * When the node's instance goes.
 *
 * The earliest end of the entries that hold the node. The hooks of one instance count together, as the group waits for all of them: the
 * latest end of those that we complete and still owe, but no later than that of any whose time-out abandons the wait for the others;
 * where only another owner's hooks wait, the earliest. Another owner's hook never lengthens an end. An end that has passed, and what
 * replaced it, too, while the instance is still there, says nothing any more.
 */
export function timeLeft(record: NodeRecord, time: Time): TimeLeft {
  const holders = record.entries.filter(holdsNode).filter((entry) => endOf(entry) > time.now);
  const hurrying = holders.filter((entry) => entry.decision.podDeadline === 'deadline');
  const end = earliest(holders, time);
  // Without the hooks of those who respect budgets the rest would seem to end sooner than the instance does.
  return { end, hurryBefore: Math.max(end, earliest(hurrying, time)), isAtOnce: hurrying.some(isHibernation) };
}

/** What replaces its end when that has passed says how long it is tried; no pod has more of its grace for that. */
function isHibernation({ end }: Interruption): boolean {
  return end.kind === 'fixed' && end.source === 'hibernation';
}

function earliest(holders: readonly LiveEntry[], time: Time): Moment {
  const alone = holders.filter((entry) => entry.hook === undefined).map((entry) => emptyBy(entry, time));
  // The hook of a settled action waits no longer: its end is nobody's any more.
  const hooks = holders.filter((entry) => entry.hook !== undefined && entry.progress !== 'settled');
  const owed = hooks.filter(owesHook);
  const abandons = hooks.filter((entry) => entry.hook?.defaultResult === 'ABANDON').map(endOf);
  const together =
    owed.length > 0 ? Math.min(Math.max(...owed.map(endOf)), ...abandons) : Math.min(Infinity, ...hooks.map(endOf));
  return Math.min(together, ...alone);
}

/** Urgent kinds give a node no longer than the setting, from their notice; where that has passed they give it what there is. */
function emptyBy(entry: Interruption, { now, graceMs }: Time): Moment {
  const end = endOf(entry);
  const limit = entry.noticedAt + graceMs;
  return isUrgent(entry.key) && limit > now ? Math.min(end, limit) : end;
}

/** A moment from outside that lies further ahead than this is none: clocks that a time service keeps differ by less. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** A moment on which order or history rests, in messages and in the record: one that is too far ahead is read as now. */
export function notAhead(moment: Moment, now: Moment): Moment {
  return moment > now + CLOCK_TOLERANCE_MS ? now : moment;
}

/**
 * From when on a drain is overdue, which is told once: `NODE_TERMINATION_GRACE_PERIOD` has passed since its time came and the node was
 * taken out of service. The work goes on, and no budget is broken for it. `Infinity` for urgent kinds, which the setting ends.
 */
export function overdueAt({ cordon }: NodeRecord, entry: Interruption, graceMs: number): Moment {
  if (isUrgent(entry.key)) return Infinity;
  return Math.max(entry.noticedAt, actAt(entry), cordon?.at ?? -Infinity) + graceMs;
}

/**
 * How long heartbeats can keep a lifecycle action from its start on, in milliseconds. Default: that of the longest timeout.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
 */
export function longestActionMs(timeoutMs = Infinity): number {
  return Math.min(100 * timeoutMs, 48 * 3_600_000);
}

/** What `extendableUntil` of a lifecycle action is. */
export function heldEnd(since: Moment, timeoutMs: number, heartbeatUntilMs: number | undefined): HeldEnd {
  const reach =
    heartbeatUntilMs === undefined
      ? timeoutMs
      : Math.max(timeoutMs, Math.min(heartbeatUntilMs, longestActionMs(timeoutMs)));
  return { kind: 'held', since, timeoutMs, extendableUntil: since + reach };
}

/** Whether an entry's end is one that a person who wants the node in service may outlive. */
export function isDismissible(entry: Interruption): boolean {
  return entry.end.kind === 'open' && DISMISSIBLE[entry.end.why];
}

/** Whether its group may keep the instance when a hook waits no longer. */
export function isRetained(end: InstanceEnd): boolean {
  return end.kind === 'open' && end.why === 'retained';
}

/** Whether the plan is AWS's own and its start is known to have passed by a moment. */
export function plannedStartPassed(entry: Interruption, at: Moment): boolean {
  return isPlanned(entry.key) && (startOf(entry.end) ?? Infinity) <= at;
}
