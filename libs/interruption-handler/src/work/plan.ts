import { keptText, labelValue } from '@node-termination-handler/event-parsers';
import { OUT_OF_SERVICE_TAINT } from '@node-termination-handler/node-drainer';
import type { NodeChange } from '@node-termination-handler/node-drainer';
import type { ClusterNode } from '../cluster/cluster.ts';
import { parseRecord, RECORD_ANNOTATION, serialiseRecord } from '../record/annotation.ts';
import { CLAIM_ANNOTATION, emptyBook, parseClaim, seeClaim, serialiseClaim, whoseTurn } from '../record/claims.ts';
import type { Beats, ClaimBook, MonotonicMs, Self, Turn } from '../record/claims.ts';
import { endOf } from '../record/ends.ts';
import { asksForNothing, causeOf, hasLiving, holdsNode, isLiving, labelKey, withEntriesOf } from '../record/entry.ts';
import type { EntryKey, Interruption, Moment, NodeRecord, Notice } from '../record/entry.ts';
import { isForgotten, marksOf, OUR_MARKS, written } from '../record/marks.ts';
import type { Marks } from '../record/marks.ts';
import { entryFor, isVoid } from '../record/noticed.ts';
import type { Witness } from '../record/noticed.ts';
import { CORDONED_FOR_ANNOTATION, foreignChanges, fromLabels, isCordonedByOthers } from '../record/seen-node.ts';
import { next, wantsCordon } from '../record/transitions.ts';
import type { RecordInput } from '../record/transitions.ts';
import type { Doubt } from './about-event.ts';

/** A notice that this process has received, and what tells whether it is older than the instance. */
export interface KnownNotice {
  readonly notice: Notice;
  readonly witness: Witness;
}

/** Why the service of a notice in hand would be asked whether it is still so. */
export interface Askable {
  /** Nothing has been begun for it, and it is long since anybody was sure of it. */
  readonly isLate: boolean;
  /** Whether the record that calls it over was not held against its service's word yet. */
  readonly mayDoubtRecord: boolean;
}

/** A notice that is held back until its service has been asked. */
export interface DoubtedNotice {
  readonly key: EntryKey;
  readonly doubt: Doubt;
}

/** All that a process knows when it looks at a node. */
export interface Known {
  readonly notices: ReadonlyMap<EntryKey, KnownNotice>;
  /** Of which notices a service can be asked. */
  readonly askable: ReadonlyMap<EntryKey, Askable>;
  /** What is to be written for its own sake. */
  readonly inputs: readonly RecordInput[];
  /** What is written with the next patch, and asks for none. */
  readonly riders: readonly RecordInput[];
  /** The record, where the node has no room for it. */
  readonly kept: NodeRecord | undefined;
  /** The record of an earlier node object of the same instance. */
  readonly inherited: NodeRecord | undefined;
  readonly book: ClaimBook | undefined;
  readonly beats: Beats;
  /** Absent where nothing is written about claims: then it is always this process's turn. */
  readonly self: Self | undefined;
  /** Whether the process stops, and its claim is to end. */
  readonly isStopping: boolean;
  readonly now: Moment;
  readonly monotonic: MonotonicMs;
  /** When the node booted, where that is known; otherwise a boot is taken to be as old as its sighting. */
  readonly bootedAt: Moment | undefined;
  readonly graceMs: number;
}

/** What one look at a node leads to. */
export interface Plan {
  /** The record as the node has it. */
  readonly before: NodeRecord;
  readonly after: NodeRecord;
  /** The notices that went into it. */
  readonly notices: Known['notices'];
  /** Those that were held back. */
  readonly doubted: readonly DoubtedNotice[];
  /** Whether it is worth a request. */
  readonly isNews: boolean;
  readonly change: NodeChange;
  /** What the record says of the node in its conditions; see `conditions.ts`. */
  readonly conditions: Marks['conditions'];
  readonly turn: Turn | undefined;
  readonly claims: 'takes' | 'ends' | 'keeps';
  readonly book: ClaimBook;
  /** What of the annotation was no record of ours. */
  readonly problems: readonly string[];
}

/**
 * Works out from a node as it is, and from what this process knows, the record, the marks and the claim that belong on it. Pure.
 *
 * Every notice that the process knows goes in again at each look: a copy changes nothing, and one that the node has lost comes back.
 */
export function plan(node: ClusterNode, known: Known): Plan {
  const { now, graceMs } = known;
  const text = node.annotations[RECORD_ANNOTATION];
  const { record: read, problems } = parseRecord(text, now);
  const before = known.kept ?? read;
  const labels = known.kept === undefined && asksForNothing(before) ? fromLabels(node, now) : undefined;
  const left = labels !== undefined && isOwnNotice(labels.notice, known) ? undefined : labels;
  const isOld = isOlderThanBoot(node, left?.notice.noticedAt, before, known.bootedAt);
  const bootId = node.bootId === '' && isOld ? 'after' : node.bootId;
  const seen = { now, cordonedByOthers: isCordonedByOthers(node), bootId, graceMs };
  // A record and its cordon are written in one patch, also where the record is kept here for want of room: with the one stood the other.
  const cordonWasSeen = before.cordon !== undefined;
  const labelled = left === undefined ? before : next(before, left, seen);
  const doubted = doubtedOf(before, known);
  const heldBack = new Set(doubted.map(({ key }) => key));
  const isReborn = known.inherited !== undefined && before.entries.length === 0;
  const state = { ...node, bootId, cordonWasSeen, isReborn, bootAt: known.bootedAt ?? now };
  const fold = (record: NodeRecord, inputs: readonly RecordInput[]): NodeRecord =>
    inputs.reduce((folded, input) => next(folded, input, seen), record);
  const born = (inherited: NodeRecord): NodeRecord => {
    const entries = inherited.entries.filter(({ key }) => !heldBack.has(key));
    // What a boot since has ended does not begin anew.
    const changes = foreignChanges(inherited, { ...state, isReborn: true });
    const reborn = fold({ ...inherited, entries }, [...changes, { type: 'reborn' }]);
    // Somebody may have written there first.
    return isReborn ? reborn : withEntriesOf(labelled, reborn);
  };
  const reborn = known.inherited === undefined ? labelled : born(known.inherited);
  const found = isOld ? { ...reborn, bootId: 'before' } : reborn;
  const notices = new Map([...known.notices].filter(([key]) => !heldBack.has(key)));
  const told = [...notices.values()].map((each): RecordInput => ({ type: 'noticed', ...each }));
  const changedBy = (inputs: readonly RecordInput[]): NodeRecord =>
    fold(found, [...foreignChanges(found, state), ...told, ...inputs, { type: 'time' }]);

  // That an instance is shut down may be over, too.
  const inputs = known.inputs.filter(({ type }) => doubted.length === 0 || type !== 'shut-down');
  const asSeen = changedBy(inputs);
  const changed = takesPods(node, asSeen) ? changedBy(inputs.filter(({ type }) => type !== 'looked')) : asSeen;
  const judged = judge(node, changed, known);
  const hasBooted = before.bootId !== '' && changed.bootId !== before.bootId;
  const isNews = judged.claims !== 'keeps' || hasBooted || problems.length > 0 || essence(changed) !== essence(before);
  const after = written(isNews ? fold(changed, known.riders) : before);
  const marks = allowedMarks(marksOf(isNews ? changed : before), node, inputs);
  return {
    before,
    after,
    notices,
    doubted,
    isNews,
    problems,
    ...judged,
    conditions: marks.conditions,
    change: changeOf(marks, after, claimOf(found, after, judged.claims, known)),
  };
}

/** Notices for which something would be begun, and that may be over by now. */
function doubtedOf(record: NodeRecord, { notices, askable }: Known): readonly DoubtedNotice[] {
  return [...askable].flatMap(([key, { isLate, mayDoubtRecord }]): DoubtedNotice[] => {
    const known = notices.get(key);
    if (known === undefined) return [];
    const { notice, witness } = known;
    if (isLiving(entryFor(record, notice)) || isVoid(record, notice, witness)) return [];
    // The record alone is not believed, as a stranger may have written it.
    const isOverByRecord = isVoid(record, notice, { ...witness, sawItEnd: true });
    if (mayDoubtRecord && isOverByRecord) return [{ key, doubt: 'over-by-record' }];
    return isLate && notice.mayReturn ? [{ key, doubt: 'late' }] : [];
  });
}

/**
 * The claim as it is to be written; `undefined` leaves it. With the end of the work goes the claim for it, whoever held it: a holder that
 * is dead ends none, and the next interruption would wait for it.
 */
function claimOf(
  before: NodeRecord,
  after: NodeRecord,
  claims: Plan['claims'],
  { self, now }: Known,
): string | null | undefined {
  if (self === undefined) return undefined;
  if (claims === 'takes') return serialiseClaim(self, new Date(now + UNTIL_MS));
  const isOver =
    (before.entries.some(isInWork) && !after.entries.some(isInWork)) || (hasLiving(before) && !hasLiving(after));
  return claims === 'ends' || isOver ? null : undefined;
}

/**
 * Whether what is noted is older than the host's boot, where it names no boot: labels do not, nor does the record of a node that has no
 * boot id.
 */
function isOlderThanBoot(
  node: ClusterNode,
  labelledAt: Moment | undefined,
  record: NodeRecord,
  bootedAt: Moment = -Infinity,
): boolean {
  if (labelledAt !== undefined) return labelledAt <= bootedAt;
  const notedAt = record.entries.filter(isLiving).map(({ noticedAt }) => noticedAt);
  return node.bootId === '' && notedAt.length > 0 && Math.max(...notedAt, record.cordon?.at ?? -Infinity) <= bootedAt;
}

/** Whether labels name what this process knows itself, and only the record of it is lost. */
function isOwnNotice({ key }: Notice, { notices }: Known): boolean {
  return notices
    .values()
    .some(({ notice: { id, key: own } }) => causeOf(own) !== 'scheduled' && labelKey(labelValue(id)) === key);
}

/**
 * The marks of a record that a stranger may have written. The out-of-service taint tears volumes off a node, so it is put on by the process
 * that EC2 itself told of the shut-down; for all others the record only keeps one that stands.
 */
function allowedMarks(marks: Marks, node: ClusterNode, inputs: readonly RecordInput[]): Marks {
  const { key } = OUT_OF_SERVICE_TAINT;
  const isAllowed = inputs.some(({ type }) => type === 'shut-down') || node.taints.some((taint) => taint.key === key);
  return isAllowed ? marks : { ...marks, taints: marks.taints.filter((taint) => taint.key !== key) };
}

/** Whose turn it is, and what becomes of the claim. */
function judge(node: ClusterNode, record: NodeRecord, known: Known): Pick<Plan, 'turn' | 'claims' | 'book'> {
  const { self, monotonic, now, notices, inherited } = known;
  const before = known.book ?? emptyBook(monotonic);
  // A node that has no room for a record has none for a claim.
  if (self === undefined || known.kept !== undefined)
    return { turn: { turn: 'ours', claim: 'leave' }, claims: 'keeps', book: before };
  const keys = new Set(record.entries.map(({ key }) => key));
  const found = parseClaim(node.annotations[CLAIM_ANNOTATION]);
  const book = seeClaim(before, found, keys, self, monotonic);
  const inWork = record.entries.filter(isInWork);
  const soonest = mostUrgent(inWork);
  if (soonest === undefined || known.isStopping)
    return {
      turn: undefined,
      claims: found?.holder === self.holder ? 'ends' : 'keeps',
      book,
    };
  // What this process gives a new node object it knows as well as its notices.
  const isOwn = (key: EntryKey): boolean =>
    notices.has(key) || inherited?.entries.some((entry) => entry.key === key) === true;
  // What somebody has written there, however often another entry, holds up no notice of our own.
  const due = mostUrgent(inWork.filter(({ key }) => isOwn(key))) ?? soonest;
  const question = { key: due.key, isOwnNotice: isOwn(due.key), msLeft: Math.max(0, endOf(soonest) - now) };
  const { turn, book: noted } = whoseTurn(book, known.beats, question, self, monotonic);
  return { turn, claims: turn.turn === 'ours' && turn.claim === 'take' ? 'takes' : 'keeps', book: noted };
}

/** Whether pods may come to a node that its record closes: a look at them from before its cordon stands says nothing of what comes until then. */
export function takesPods(node: ClusterNode, record: NodeRecord): boolean {
  return !node.unschedulable && wantsCordon(record);
}

/** Whether somebody has to work on an entry: what only holds the node, or waits for its time, has no holder. */
export function isInWork(entry: Interruption): boolean {
  return entry.decision.action === 'drain' && (entry.progress === 'acting' || entry.progress === 'emptied');
}

/** The entry whose instance goes first. */
function mostUrgent<Entry extends Interruption>(entries: readonly Entry[]): Entry | undefined {
  return entries.toSorted((a, b) => endOf(a) - endOf(b) || a.noticedAt - b.noticedAt)[0];
}

const NO_ID = keptText('-');

/** What of a record is worth a patch of its own: neither who else has told of an interruption, nor what people were told of it. */
function essence(record: NodeRecord): string {
  const entries = record.entries.map((entry) => ({ ...entry, id: NO_ID, noticedAt: 0, sources: [], told: [] }));
  return serialiseRecord({ ...written(record), bootId: '', entries });
}

/** How long the version before this one takes a claim for alive, in milliseconds. */
const UNTIL_MS = 20_000;

function changeOf(marks: Marks, after: NodeRecord, claim: string | null | undefined): NodeChange {
  const holder = after.cordon?.ours === true ? mostUrgent(after.entries.filter(holdsNode)) : undefined;
  return {
    unschedulable: marks.unschedulable,
    taints: { own: OUR_MARKS.taints, set: marks.taints },
    labels: { ...Object.fromEntries(OUR_MARKS.labels.map((key) => [key, null])), ...marks.labels },
    annotations: {
      [RECORD_ANNOTATION]: isForgotten(after) ? null : serialiseRecord(after),
      [CORDONED_FOR_ANNOTATION]: holder === undefined ? null : labelValue(holder.id),
      ...(claim === undefined ? {} : { [CLAIM_ANNOTATION]: claim }),
    },
  };
}
