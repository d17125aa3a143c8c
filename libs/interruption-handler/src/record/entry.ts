import { hash } from 'node:crypto';
import { isKeptText, keptText } from '@node-termination-handler/event-parsers';
import type { KeptText } from '@node-termination-handler/event-parsers';
import { KINDS } from '../kinds.ts';
import type { NodeInterruption } from '../kinds.ts';
import type { InstanceEnd } from './ends.ts';

/**
 * A moment, in milliseconds since 1970. Moments of notices, returns and ends are AWS's; they are compared with AWS's clock, as far as its
 * answers tell it, and else with that of this machine. Whose turn it is never rests on such a moment.
 */
export type Moment = number;

/** What takes an instance away, one word for each cause that AWS tells of. */
export type Cause =
  'spot' | 'reservation' | 'state' | 'target' | 'rebalance' | 'scheduled' | 'health' | 'action' | 'label';

/** What follows from the cause of an interruption alone, beside what follows from its kind (`KINDS`). */
export interface CauseRules {
  /** The event's kind, as logs, metrics and webhook templates name it. */
  readonly kind: NodeInterruption['kind'];
  /**
   * Ends when the instance is seen to run again. A late notice of it is history; and since the record is written where a stranger may
   * write, too, nothing in it makes a fresh notice of this cause void without a witness from elsewhere.
   */
  readonly endsWhenInstanceReturns: boolean;
  /** AWS never takes it back: its absence from the metadata means nothing before its start has passed. */
  readonly neverTakenBack: boolean;
}

/** Every cause with its rules. `label` is what the labels of the Go handler tell of. */
export const CAUSES: Readonly<Record<Cause, CauseRules>> = {
  spot: { kind: 'SPOT_ITN', endsWhenInstanceReturns: true, neverTakenBack: true },
  reservation: { kind: 'CAPACITY_RESERVATION_ITN', endsWhenInstanceReturns: false, neverTakenBack: false },
  state: { kind: 'STATE_CHANGE', endsWhenInstanceReturns: true, neverTakenBack: false },
  target: { kind: 'ASG_LIFECYCLE', endsWhenInstanceReturns: false, neverTakenBack: true },
  rebalance: { kind: 'REBALANCE_RECOMMENDATION', endsWhenInstanceReturns: false, neverTakenBack: false },
  scheduled: { kind: 'SCHEDULED_EVENT', endsWhenInstanceReturns: false, neverTakenBack: false },
  health: { kind: 'SCHEDULED_EVENT', endsWhenInstanceReturns: false, neverTakenBack: false },
  action: { kind: 'ASG_LIFECYCLE', endsWhenInstanceReturns: true, neverTakenBack: false },
  label: { kind: 'SCHEDULED_EVENT', endsWhenInstanceReturns: false, neverTakenBack: false },
};

/** Whether AWS planned it for a time of its own: it survives every boot before its start, and is never history. */
export function isPlanned(key: EntryKey): boolean {
  return KINDS[CAUSES[causeOf(key)].kind].isPlanned;
}

/** Whether the instance goes within minutes of the notice, whatever anybody does. */
export function isUrgent(key: EntryKey): boolean {
  return KINDS[CAUSES[causeOf(key)].kind].isUrgent;
}

/** Names the cause of an interruption, and is what entries are kept by; never the id of a message or an envelope. */
export type EntryKey = KeptText & { readonly __key: 'EntryKey' };

/** The key of a cause that a node has at most once, whichever source told of it. */
export function singleKey(cause: 'spot' | 'rebalance' | 'state' | 'target' | 'reservation'): EntryKey {
  return keptText(cause) as EntryKey;
}

/** The key of an event that EC2 lists, by its `EventId`. */
export function scheduledKey(eventId: string): EntryKey {
  return keptText(`scheduled/${eventId}`) as EntryKey;
}

/** The key of a Health event for one instance: updates, pages and copies have new envelope ids and the same ARN. */
export function healthKey(eventArn: string, instance: string): EntryKey {
  return keptText(`health/${eventArn}/${instance}`) as EntryKey;
}

/** What tells one lifecycle action from another; the token, where the notice has one. It is hashed: a token is never stored. */
export type ActionIdentity =
  | { readonly token: string }
  | { readonly group: string; readonly hook: string; readonly instance: string; readonly startedAt: Moment };

/** The key of a lifecycle action. */
export function actionKey(action: ActionIdentity): EntryKey {
  const fields =
    'token' in action ? [action.token] : [action.group, action.hook, action.instance, String(action.startedAt)];
  return keptText(`action/${hash('sha256', JSON.stringify(fields)).slice(0, 32)}`) as EntryKey;
}

/** The key of what the Go handler's label `event-id` tells of; the same text as that label's value. */
export function labelKey(labelValue: string): EntryKey {
  return keptText(`label/${labelValue}`) as EntryKey;
}

const SINGLE: ReadonlySet<string> = new Set(['spot', 'rebalance', 'state', 'target', 'reservation']);
const MANY = /^(scheduled|health|action|label)\//;

/** Whether a text found on a node has the form of a key. */
export function isEntryKey(text: string): text is EntryKey {
  return isKeptText(text) && (SINGLE.has(text) || MANY.test(text));
}

/** The cause that a key names. */
export function causeOf(key: EntryKey): Cause {
  return (MANY.exec(key)?.[1] ?? key) as Cause;
}

/** Who told of an interruption: the instance's metadata, a message, `DescribeInstanceStatus`, or the Go handler's labels. */
export type Source = 'imds' | 'sqs' | 'ec2' | 'labels';

/** What the receiver of a notice puts on the node; names out of a closed set, so that keys and values are computed, never read. */
interface MarkNames {
  /** The effect of the taint that tells why the node goes; absent when nodes are not tainted. */
  readonly taint?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** Keeps the node out of external load balancers. */
  readonly loadBalancers?: true;
  /** The Go handler's labels, with which a node is uncordoned after its reboot. */
  readonly reboot?: true;
  /** The standard drain conditions. */
  readonly conditions?: true;
}

/** What the receiver of a notice decided by its own policy, so that no reader of the record needs a policy. */
export interface Decision {
  readonly action: 'cordon' | 'drain';
  /** How long before its start a planned event is acted on, in milliseconds. */
  readonly lead: 'immediate' | number;
  /** Whether a pod may be hurried past a budget before an end that nobody can move. */
  readonly podDeadline: 'deadline' | 'respect';
  readonly marks: MarkNames;
}

/** A lifecycle hook that waits. Who completes it needs the token of a message in hand; the record never holds it. */
export interface Hook {
  readonly group: KeptText;
  readonly name: KeptText;
  /** What the group does with the instance when the hook times out. */
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
  /** Whether we complete it and keep it alive (`LIFECYCLE_HOOK_NAMES`), or its owner does. */
  readonly ours: boolean;
}

/** What a notice says of its interruption; a later notice replaces these. */
export interface NoticeFacts {
  /** Names the newest notice: labels, taint values, templates, logs. */
  readonly id: KeptText;
  /** When the service gave the newest notice. */
  readonly noticedAt: Moment;
  readonly end: InstanceEnd;
  /** Whether the instance may come back after it, as one that was stopped or went into a warm pool does. */
  readonly mayReturn: boolean;
  readonly hook?: Hook;
}

/** One notice, as its receiver hands it in. */
export interface Notice extends NoticeFacts {
  readonly key: EntryKey;
  readonly source: Source;
  readonly decision: Decision;
}

/** What is told of an interruption, once each, in the order in which a record has it. */
export const PHASES = ['received', 'cordoned', 'overdue', 'drained', 'failed', 'returned', 'dismissed'] as const;
/** See {@link PHASES}. */
export type Phase = (typeof PHASES)[number];

/** The phases that words name, once each and in order; words of other versions name none. */
export function phasesIn(words: readonly unknown[]): readonly Phase[] {
  return PHASES.filter((phase) => words.includes(phase));
}

interface EntryBase extends NoticeFacts {
  readonly key: EntryKey;
  /** Everybody who told of it, the receiver that decided first. */
  readonly sources: readonly Source[];
  readonly decision: Decision;
  readonly told: readonly Phase[];
}

/**
 * - `waiting`: its time has not come, and the node is as it was.
 * - `acting`: the node holds pods that must go, or a mark to come.
 * - `emptied`: no pod is left that must go; a hook is owed.
 * - `settled`: nothing is left to do; it still holds the node.
 */
type LiveProgress = 'waiting' | 'acting' | 'emptied' | 'settled';

/** An interruption that is not over. */
export interface LiveEntry extends EntryBase {
  readonly progress: LiveProgress;
  /** Replaces an end that has passed while the node is still there, once. */
  readonly estimatedEnd?: Moment;
  /** A person made the node schedulable: it was marked again once, or, the second time, left to them. */
  readonly remarked?: 'once' | 'left';
}

/** An interruption that is over, or that a person has dismissed; kept so that no copy of its notice begins it anew. */
export interface Tombstone extends EntryBase {
  readonly progress: 'over' | 'dismissed';
  readonly endedAt: Moment;
}

/** One interruption of a node, until it is forgotten. */
export type Interruption = LiveEntry | Tombstone;

/** An entry of another version of this program, carried as it is. */
export interface ForeignEntry {
  /** The entry's JSON, untouched. */
  readonly json: string;
  /** Whether it may hold the node: whatever it is, unless its `progress` says that it is waiting or over, in words we share. */
  readonly holds: boolean;
}

/** Whose cordon stands on the node. Written with the first entry that wants one, from what the node showed then. */
interface Cordon {
  /** Whether the node could be scheduled to before, so that the cordon goes when the node is given back. */
  readonly ours: boolean;
  readonly at: Moment;
}

/** The interruptions of one node, as its annotation holds them. */
export interface NodeRecord {
  /** The boot in which the record was written; `''` when it is not known. */
  readonly bootId: string;
  /** When the instance was last seen to have come back: notices of stops older than that are history. */
  readonly returnedAt?: Moment;
  readonly cordon?: Cordon;
  /** When EC2 itself said that the instance is stopped or terminated. */
  readonly shutDownAt?: Moment;
  readonly entries: readonly Interruption[];
  readonly foreign: readonly ForeignEntry[];
}

/** The record of a node that has none. */
export function emptyRecord(bootId = ''): NodeRecord {
  return { bootId, entries: [], foreign: [] };
}

/** A record with those of the entries of another that it lacks; one that has none is the other. */
export function withEntriesOf(record: NodeRecord, other: NodeRecord): NodeRecord {
  if (record.entries.length === 0) return other;
  const lacking = other.entries.filter(({ key }) => entryOf(record, key) === undefined);
  return { ...record, entries: [...record.entries, ...lacking] };
}

/** Whether an entry is one that is over or dismissed. */
export function isTombstone(entry: Interruption): entry is Tombstone {
  return entry.progress === 'over' || entry.progress === 'dismissed';
}

/** Whether an entry is there, and not over. */
export function isLiving(entry: Interruption | undefined): entry is LiveEntry {
  return entry !== undefined && !isTombstone(entry);
}

/** Whether any interruption of a record is not over. */
export function hasLiving({ entries }: NodeRecord): boolean {
  return entries.some(isLiving);
}

/** Whether a record asks for nothing, in any version's words: marks on its node are not ours, or are what another has left. */
export function asksForNothing(record: NodeRecord): boolean {
  return !hasLiving(record) && record.foreign.length === 0;
}

/** Whether an entry keeps the node out of service. */
export function holdsNode(entry: Interruption): entry is LiveEntry & { progress: 'acting' | 'emptied' | 'settled' } {
  switch (entry.progress) {
    case 'acting':
    case 'emptied':
    case 'settled':
      return true;
    case 'waiting':
    case 'over':
    case 'dismissed':
      return false;
  }
}

/** The entry of a key. */
export function entryOf(record: NodeRecord, key: EntryKey): Interruption | undefined {
  return record.entries.find((entry) => entry.key === key);
}

/** Whether this program completes and keeps alive the entry's hook, and the hook still waits for that. */
export function owesHook(entry: Interruption): entry is LiveEntry & { hook: Hook } {
  return entry.hook?.ours === true && (entry.progress === 'acting' || entry.progress === 'emptied');
}
