import { keptText } from '@node-termination-handler/event-parsers';
import { heldEnd, timeLeft } from '../ends.ts';
import type { Time } from '../ends.ts';
import { actionKey, emptyRecord, healthKey, scheduledKey, singleKey } from '../entry.ts';
import type { Decision, Hook, Interruption, LiveEntry, Moment, NodeRecord, Notice, Source } from '../entry.ts';
import type { Witness } from '../noticed.ts';
import { tasksOf } from '../tasks.ts';
import { next } from '../transitions.ts';
import type { RecordInput, Seen } from '../transitions.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The moment at which stories begin; times in them are told from it. */
export const T0: Moment = Date.UTC(2026, 0, 2);

const NO_WITNESS: Witness = { sawItEnd: false };

const DRAIN: Decision = {
  action: 'drain',
  lead: 'immediate',
  podDeadline: 'deadline',
  marks: { taint: 'NoSchedule' },
};

/** What a notice of the builders below may be told to differ in; `at` is when the service gave it, after {@link T0}. */
export interface NoticeChanges {
  readonly at?: number;
  readonly id?: string;
  readonly source?: Source;
  readonly decision?: Partial<Decision>;
  readonly mayReturn?: boolean;
}

function notice(
  base: Omit<Notice, 'id' | 'noticedAt' | 'source'> & { source?: Source },
  changes: NoticeChanges,
): Notice {
  const { at = 0, id = base.key, source = base.source ?? 'sqs', decision = {}, mayReturn = base.mayReturn } = changes;
  return {
    ...base,
    id: keptText(id),
    source,
    noticedAt: T0 + at,
    mayReturn,
    decision: { ...base.decision, ...decision },
  };
}

/** A Spot interruption that ends the instance `endsIn` after T0. */
export function spot(changes: NoticeChanges & { endsIn?: number } = {}): Notice {
  const end = { kind: 'fixed', at: T0 + (changes.endsIn ?? 120 * SECOND), source: 'metadata' } as const;
  return notice({ key: singleKey('spot'), end, mayReturn: true, decision: DRAIN }, changes);
}

/** A rebalance recommendation, of the agent, which cordons. */
export function rebalance(changes: NoticeChanges = {}): Notice {
  const end = { kind: 'open', why: 'recommendation' } as const;
  const decision: Decision = { ...DRAIN, action: 'cordon' };
  return notice({ key: singleKey('rebalance'), source: 'imds', end, mayReturn: false, decision }, changes);
}

/** `stopping` or `stopped`, with an estimated end. */
export function stopped(changes: NoticeChanges = {}): Notice {
  const end = { kind: 'fixed', at: T0 + (changes.at ?? 0) + 120 * SECOND, source: 'estimated' } as const;
  return notice({ key: singleKey('state'), end, mayReturn: true, decision: DRAIN }, changes);
}

/** An event that EC2 lists, to start `startsIn` after T0; without that, nobody knows when. */
export function scheduled(changes: NoticeChanges & { startsIn?: number; eventId?: string } = {}): Notice {
  const { startsIn, eventId = 'instance-event-1' } = changes;
  const end =
    startsIn === undefined
      ? ({ kind: 'open', why: 'no-start' } as const)
      : ({ kind: 'fixed', at: T0 + startsIn, source: 'schedule' } as const);
  const decision: Decision = { ...DRAIN, marks: { taint: 'NoSchedule', reboot: true } };
  return notice(
    { key: scheduledKey(eventId), source: 'imds', end, mayReturn: true, decision },
    { id: eventId, ...changes },
  );
}

/** A Health event for an instance, to start `startsIn` after T0. */
export function health(changes: NoticeChanges & { startsIn: number }): Notice {
  const key = healthKey('arn:aws:health:eu-1::event/EC2/REBOOT/1', 'i-1');
  return { ...scheduled({ source: 'sqs', id: 'envelope-1', ...changes }), key };
}

/** A terminating lifecycle action. */
export function action(
  changes: NoticeChanges & {
    token?: string;
    timeout?: number;
    heartbeatUntil?: number;
    hook?: Partial<Hook>;
  } = {},
): Notice {
  const { at = 0, token = 'a', timeout = 300 * SECOND, heartbeatUntil, hook = {} } = changes;
  const waits: Hook = {
    group: keptText('group'),
    name: keptText('hook'),
    defaultResult: 'CONTINUE',
    ours: true,
    ...hook,
  };
  const end = heldEnd(T0 + at, timeout, heartbeatUntil);
  return notice(
    { key: actionKey({ token }), end, mayReturn: false, decision: DRAIN, hook: waits },
    { id: `action-${token}`, ...changes },
  );
}

/** What a story's node shows, `after` T0. */
export function seenAt(after: number, more: Partial<Seen> = {}): Seen {
  return { now: T0 + after, cordonedByOthers: false, bootId: 'b1', graceMs: 120 * SECOND, ...more };
}

/** A notice as an input. */
export function told(of: Notice, witness: Witness = NO_WITNESS): RecordInput {
  return { type: 'noticed', notice: of, witness };
}

/** Plays inputs, each so long after T0, from an empty record or another. */
export function play(
  steps: readonly (readonly [after: number, input: RecordInput, seen?: Partial<Seen>])[],
  from?: NodeRecord,
): NodeRecord {
  return steps.reduce(
    (before, [after, input, seen]) => next(before, input, seenAt(after, seen)),
    from ?? emptyRecord('b1'),
  );
}

/** The entry of a notice that has come so far. */
export function entry({ source, ...facts }: Notice, progress: LiveEntry['progress']): LiveEntry {
  return { ...facts, sources: [source], told: [], progress };
}

/** A record of entries. */
export function record(...entries: readonly Interruption[]): NodeRecord {
  return { ...emptyRecord('b1'), entries };
}

/** `key:progress` of each entry, in order; an action's key is cut to its cause. */
export function summary({ entries }: NodeRecord): string {
  return entries.map(({ key, progress }) => `${key.replace(/^(\w+)\/.*/, '$1')}:${progress}`).join(' ');
}

/** A look that finds no pod. */
export const EMPTY_NODE: RecordInput = { type: 'looked', look: { mustGo: 0, left: 0 } };
/** A look that finds one. */
export const POD_SEEN: RecordInput = { type: 'looked', look: { mustGo: 1, left: 0 } };
export const UNCORDONED: RecordInput = { type: 'made-schedulable' };
export const TIME: RecordInput = { type: 'time' };

/** The instance runs again, launched so long after T0. */
export function returned(at: number): RecordInput {
  return { type: 'returned', at: T0 + at };
}

/** The node has booted. */
export function booted(bootId: string, at: number): RecordInput {
  return { type: 'booted', bootId, bootAt: T0 + at };
}

/** The hook of an action is completed. */
export function hookDone(of: Notice = action()): RecordInput {
  return { type: 'hook-ended', key: of.key, how: 'completed' };
}

/** EC2 says that the instance was launched so long after T0: what is older than that is witnessed to be over. */
export function launched(at: number): Witness {
  return { launchedAt: T0 + at, sawItEnd: false };
}

/** What there is to do for one who has the claim and every message, and has not looked yet. */
export function doing(of: NodeRecord): readonly string[] {
  const inHand = new Set(of.entries.map(({ key }) => key));
  return tasksOf(of, { isOurTurn: true, inHand, lookedAt: new Set() }).map((task) => task.do);
}

/** Before all ends, and without the limit that the setting puts to urgent kinds. */
export const ALL_AHEAD: Time = { now: -Infinity, graceMs: Infinity };

/** When the instance goes, after T0. */
export function endsAfter(of: NodeRecord): number {
  return timeLeft(of, ALL_AHEAD).end - T0;
}
