import { labelValue } from '@node-termination-handler/event-parsers';
import type { KeptText } from '@node-termination-handler/event-parsers';
import { actAt, hardEnd, startOf } from './ends.ts';
import type { InstanceEnd } from './ends.ts';
import { CAUSES, causeOf, isPlanned, isTombstone, labelKey, owesHook } from './entry.ts';
import type {
  Decision,
  EntryKey,
  Interruption,
  LiveEntry,
  Moment,
  NodeRecord,
  Notice,
  NoticeFacts,
  Source,
  Tombstone,
} from './entry.ts';

/**
 * What, apart from the record, tells that a notice is older than the instance as it runs now. The record is written on the node, where a
 * stranger may write, too; so for a Spot, state or action notice it is believed only together with one of these.
 */
export interface Witness {
  /** When the node booted. */
  readonly bootAt?: Moment;
  /** EC2's `LaunchTime`. */
  readonly launchedAt?: Moment;
  /** Whether this process itself saw the interruption end. */
  readonly sawItEnd: boolean;
}

/** The word of a source that an interruption is over. */
export interface Ending {
  /** The interruption as that source names it. */
  readonly notice: Notice;
  /** When the service said so. */
  readonly at: Moment;
}

/**
 * A notice, new or again: it replaces facts, never progress.
 *
 * | the record has | the notice is | what becomes of the entry |
 * | --- | --- | --- |
 * | any, and the instance has returned since | of a stop before that | nothing: history |
 * | any, and the node has booted since | of a plan whose start is not after that | nothing: it has happened |
 * | nothing of its key | any | begins: `waiting`, or what its action begins with |
 * | a living entry | older than its newest notice | keeps its facts; the decision may be strengthened |
 * | a living entry | as new or newer | new facts, the same progress; moved past its lead time, an `acting` one waits again |
 * | a living entry whose hook could not be read | a copy that knows it | its facts, the same progress |
 * | a tombstone | a copy, or older than its end | stays; the source is noted, as it may go on listing it |
 * | a tombstone | another one, later than its end | begins anew |
 */
export function noticed(record: NodeRecord, notice: Notice, witness: Witness, now: Moment): NodeRecord {
  const old = entryFor(record, notice);
  const replaced = (entry: Interruption): NodeRecord => ({
    ...record,
    entries: record.entries.map((other) => (other === old ? entry : other)),
  });
  if (isVoid(record, notice, witness))
    return old !== undefined && isTombstone(old) ? replaced(known(old, notice)) : record;
  if (old === undefined) return { ...record, entries: [...record.entries, begun(notice, now)] };
  return replaced(isTombstone(old) ? begun(notice, now) : updated(old, notice, now));
}

/** Services say the moment of a notice in whole seconds. */
const NOTICE_PRECISION_MS = 1_000;

/** Whether a notice is surely older than a moment: one of the same second may be later, and is not lost. */
export function isBefore({ noticedAt }: Pick<Notice, 'noticedAt'>, moment: Moment = -Infinity): boolean {
  return noticedAt <= moment - NOTICE_PRECISION_MS;
}

/** Whether a notice changes nothing any more, because what it tells of is over: history, or the copy of one whose tombstone stands. */
export function isVoid(record: NodeRecord, notice: Notice, witness: Witness): boolean {
  const { endsWhenInstanceReturns } = CAUSES[causeOf(notice.key)];
  const isOfStop = endsWhenInstanceReturns && notice.mayReturn;
  const backAt = Math.max(witness.bootAt ?? -Infinity, witness.launchedAt ?? -Infinity);
  // A plan that is first heard of when its boot is behind: nothing would ever end it.
  if (isPlanned(notice.key) && (startOf(notice.end) ?? Infinity) <= backAt) return true;
  // EC2's own word needs no record beside it.
  if (isOfStop && isBefore(notice, witness.launchedAt)) return true;
  if (endsWhenInstanceReturns && !isWitnessed(notice, witness)) return false;
  if (isOfStop && isBefore(notice, record.returnedAt)) return true;
  const old = entryFor(record, notice);
  return old !== undefined && isTombstone(old) && !beginsAnew(old, notice);
}

/** The entry that a notice is about: that of its key, or one that the Go handler's label of its event left. */
export function entryFor(record: NodeRecord, { key, id }: { key: EntryKey; id: KeptText }): Interruption | undefined {
  const own = record.entries.find((entry) => entry.key === key);
  if (own !== undefined || causeOf(key) !== 'scheduled') return own;
  const left = labelKey(labelValue(id));
  return record.entries.find((entry) => entry.key === left);
}

/** An entry as time lets it be: what is due begins. A mark alone is done with the patch that writes it. */
export function begin(entry: LiveEntry, now: Moment): LiveEntry {
  const isDue = entry.progress === 'acting' || (entry.progress === 'waiting' && actAt(entry) <= now);
  if (!isDue) return entry;
  const acting: LiveEntry = { ...entry, progress: 'acting' };
  return entry.decision.action === 'cordon' && !owesHook(acting) ? { ...acting, progress: 'settled' } : acting;
}

/** A notice that is over before it was known. */
export function tombstoneOf(notice: Notice, endedAt: Moment): Tombstone {
  const { source, ...facts } = notice;
  return { ...facts, sources: [source], told: [], progress: 'over', endedAt };
}

function begun(notice: Notice, now: Moment): LiveEntry {
  const { source, ...facts } = notice;
  return begin({ ...facts, sources: [source], told: [], progress: 'waiting' }, now);
}

function isWitnessed(notice: Notice, witness: Witness): boolean {
  const { bootAt = -Infinity, launchedAt = -Infinity, sawItEnd } = witness;
  return sawItEnd || isBefore(notice, Math.max(bootAt, launchedAt));
}

function beginsAnew(old: Tombstone, notice: Notice): boolean {
  const start = startOf(notice.end);
  const hasPlan = isPlanned(notice.key);
  // A plan whose start lies behind the boot that ended it is the same one, told again; EC2 lists a reboot for an hour after it.
  if (hasPlan && start !== undefined && start <= old.endedAt) return false;
  const isLater = !isBefore(notice, old.endedAt);
  // Neither names anything else: the metadata shows the same target state each time that the instance goes into the warm pool.
  if (causeOf(old.key) === 'label' || causeOf(old.key) === 'target') return isLater;
  const isOther = notice.id !== old.id || (hasPlan && start !== undefined && start !== startOf(old.end));
  if (isOther && isLater) return true;
  return old.end.kind === 'open' && notice.end.kind !== 'open' && notice.noticedAt >= old.noticedAt;
}

function known(old: Tombstone, notice: Notice): Tombstone {
  return { ...old, key: notice.key, id: old.key === notice.key ? old.id : notice.id, sources: withSource(old, notice) };
}

function updated(old: LiveEntry, notice: Notice, now: Moment): LiveEntry {
  const isCopy = notice.id === old.id && notice.noticedAt === old.noticedAt;
  const isNewer = notice.noticedAt >= old.noticedAt && !isCopy;
  const mayDecide = old.progress === 'waiting' && isNewer && programOf(old.sources[0]) === programOf(notice.source);
  const decision = mayDecide ? notice.decision : strengthened(old.decision, notice.decision);
  const learnsEnd = isCopy && isUnread(old.end) && !isUnread(notice.end);
  const facts: NoticeFacts = isNewer || learnsEnd ? withHook(notice, old) : old;
  const entry: LiveEntry = {
    ...withoutEstimate(old),
    ...factsOf(facts),
    key: notice.key,
    decision,
    sources: withSource(old, notice),
  };
  const isSameEnd = hardEnd(facts.end) === hardEnd(old.end);
  const kept = isSameEnd && old.estimatedEnd !== undefined ? { ...entry, estimatedEnd: old.estimatedEnd } : entry;
  if (decision.action === 'drain' && old.decision.action === 'cordon' && old.progress !== 'waiting')
    return { ...kept, progress: 'acting' };
  // Moved past its lead time before its pods are gone: given back, and it waits again.
  const isPutOff = moment(facts.end) > moment(old.end) && actAt(kept) > now;
  return begin(old.progress === 'acting' && isPutOff ? { ...kept, progress: 'waiting' } : kept, now);
}

/** By what it is told whether an interruption was moved. */
function moment(end: InstanceEnd): Moment {
  return startOf(end) ?? hardEnd(end);
}

/** Whether it is a hook's whose timeout nobody could read. */
function isUnread(end: InstanceEnd): boolean {
  return end.kind === 'open' && end.why === 'timeout-unreadable';
}

function withHook(notice: Notice, old: LiveEntry): NoticeFacts {
  return old.hook !== undefined && notice.hook === undefined ? { ...notice, hook: old.hook } : notice;
}

function factsOf({ id, noticedAt, end, mayReturn, hook }: NoticeFacts): NoticeFacts {
  return { id, noticedAt, end, mayReturn, ...(hook === undefined ? {} : { hook }) };
}

/** An entry by its end alone, without what replaced that. */
export function withoutEstimate(entry: LiveEntry): LiveEntry {
  const { estimatedEnd: _estimated, ...rest } = entry;
  return rest;
}

/** The first receiver's decision stands; another may only make more of it, or have it sooner. */
function strengthened(first: Decision, second: Decision): Decision {
  const sooner =
    first.lead === 'immediate' || second.lead === 'immediate' ? 'immediate' : Math.max(first.lead, second.lead);
  return { ...first, action: second.action === 'drain' ? 'drain' : first.action, lead: sooner };
}

function programOf(source: Source | undefined): 'agent' | 'queue-processor' {
  return source === 'imds' ? 'agent' : 'queue-processor';
}

function withSource(entry: Interruption, { source }: Notice): readonly Source[] {
  return entry.sources.includes(source) ? entry.sources : [...entry.sources, source];
}
