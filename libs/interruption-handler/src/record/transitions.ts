import type { PodsLook as DrainersLook } from '@node-termination-handler/node-drainer';
import { endOf, hardEnd, isDismissible, isRetained, notAhead, plannedStartPassed, startIsAhead } from './ends.ts';
import type { InstanceEnd } from './ends.ts';
import { asksForNothing, CAUSES, causeOf, holdsNode, isPlanned, isTombstone, owesHook, phasesIn } from './entry.ts';
import type {
  Cause,
  EntryKey,
  Hook,
  Interruption,
  LiveEntry,
  Moment,
  NodeRecord,
  Notice,
  Phase,
  Source,
  Tombstone,
} from './entry.ts';
import { withinLimits } from './limits.ts';
import { begin, entryFor, isBefore, noticed, tombstoneOf, withoutEstimate } from './noticed.ts';
import type { Ending, Witness } from './noticed.ts';

/** A tombstone, and the moment of a return, are kept as long as SQS may keep a message. */
const FORGET_AFTER_MS = 14 * 24 * 3_600_000;

/**
 * What happened, to be written into a node's record.
 *
 * | input | what was seen |
 * | --- | --- |
 * | `noticed` | a notice, new or again |
 * | `ended` | its source says that it is over: `closed`, `RESOLVED`, `canceled`, `completed`, a policy's `undoAfter` |
 * | `listed` | a source that can be listed was, proven alive, in several looks over at least ten seconds |
 * | `returned` | the instance runs again, as EC2 itself says: `running`, Spot resume, a launch out of a warm pool |
 * | `put-into-service` | its group puts the instance into service again: out of a warm pool, which need not have stopped it, or with another root volume |
 * | `booted` | the node has another boot id |
 * | `reborn` | the node object is another, of the same instance: this is what the process knew of the old one |
 * | `made-schedulable` | somebody uncordoned the node after our cordon was seen standing |
 * | `looked` | a look at the node's pods |
 * | `hook-ended` | a hook was completed, or waits no longer |
 * | `end-changed` | an end was tightened, lifted, or became known, with what happens at it |
 * | `told` | a phase was told |
 * | `shut-down` | EC2 itself says that the instance is stopped or terminated |
 * | `labels-found` | a node whose record asks for nothing carries the Go handler's labels |
 * | `time` | nothing; time alone |
 */
export type RecordInput =
  | { readonly type: 'noticed'; readonly notice: Notice; readonly witness: Witness }
  | { readonly type: 'ended'; readonly ending: Ending }
  | {
      readonly type: 'listed';
      readonly source: Source;
      readonly causes: ReadonlySet<Cause>;
      readonly keys: ReadonlySet<EntryKey>;
    }
  | { readonly type: 'returned'; readonly at: Moment }
  | { readonly type: 'put-into-service'; readonly at: Moment }
  | { readonly type: 'booted'; readonly bootId: string; readonly bootAt: Moment }
  | { readonly type: 'reborn' }
  | { readonly type: 'made-schedulable' }
  | { readonly type: 'looked'; readonly look: PodsLook }
  | { readonly type: 'hook-ended'; readonly key: EntryKey; readonly how: 'completed' | 'gone' }
  | {
      readonly type: 'end-changed';
      readonly key: EntryKey;
      readonly end: InstanceEnd;
      /** Of a hook, where that is known. */
      readonly defaultResult?: Hook['defaultResult'];
    }
  | { readonly type: 'told'; readonly key: EntryKey; readonly phase: Phase }
  | { readonly type: 'shut-down'; readonly at: Moment }
  | { readonly type: 'labels-found'; readonly notice: Notice; readonly cordonIsOurs: boolean }
  | { readonly type: 'time' };

/** What a look at a node's pods found. Pods that nobody can end (the kubelet is gone, their grace is over) are not counted. */
export type PodsLook = Pick<DrainersLook, 'mustGo' | 'left'>;

/** What is true of the node while an input is written: read together with the record, and tested in the same patch. */
export interface Seen {
  readonly now: Moment;
  /** Whether the node is unschedulable, and not by this program or an earlier version of it. */
  readonly cordonedByOthers: boolean;
  readonly bootId: string;
  /** `NODE_TERMINATION_GRACE_PERIOD`, in milliseconds: replaces an end that has passed. */
  readonly graceMs: number;
}

/** The record after an input: its entries as they follow from it and from the time, within limits, with the cordon they ask for. */
export function next(record: NodeRecord, input: RecordInput, seen: Seen): NodeRecord {
  const stepped = step(record, input, seen.now);
  const timed = withinLimits(atTime(stepped, seen));
  return withCordon(timed, seen);
}

function step(record: NodeRecord, input: RecordInput, now: Moment): NodeRecord {
  const each = (
    change: (entry: Interruption) => Interruption | undefined,
    more: Partial<NodeRecord> = {},
  ): NodeRecord => ({
    ...record,
    ...more,
    entries: record.entries.flatMap((entry) => change(entry) ?? []),
  });
  const live = (change: (entry: LiveEntry) => Interruption, more: Partial<NodeRecord> = {}): NodeRecord =>
    each((entry) => (isTombstone(entry) ? entry : change(entry)), more);
  const ofKey = (key: EntryKey, change: (entry: LiveEntry) => Interruption): NodeRecord =>
    live((entry) => (entry.key === key ? change(entry) : entry));

  switch (input.type) {
    case 'noticed': {
      const notice = { ...input.notice, noticedAt: notAhead(input.notice.noticedAt, now) };
      return noticed(record, notice, input.witness, now);
    }
    case 'ended': {
      const { notice, at } = input.ending;
      const endedAt = notAhead(at, now);
      const known = entryFor(record, notice);
      if (known !== undefined)
        return ofKey(known.key, (entry) => (endedAt < entry.noticedAt ? entry : over(entry, endedAt)));
      // SQS is unordered: what it says is over must not begin with an older message that comes later.
      return notice.source === 'sqs'
        ? {
            ...record,
            entries: [
              ...record.entries,
              tombstoneOf({ ...notice, noticedAt: notAhead(notice.noticedAt, now) }, endedAt),
            ],
          }
        : record;
    }
    case 'listed': {
      return each((entry) => {
        const absent =
          entry.sources.includes(input.source) && input.causes.has(causeOf(entry.key)) && !input.keys.has(entry.key);
        if (!absent) return entry;
        if (!isTombstone(entry))
          return CAUSES[causeOf(entry.key)].neverTakenBack && startIsAhead(entry, now) ? entry : over(entry, now);
        const sources = entry.sources.filter((source) => source !== input.source);
        return sources.length > 0 ? { ...entry, sources } : undefined;
      });
    }
    case 'returned': {
      if (record.entries.length === 0) return record;
      const at = notAhead(input.at, now);
      return live((entry) => (endsByReturn(entry, at, now) ? over(entry, at) : entry), {
        returnedAt: Math.max(at, record.returnedAt ?? -Infinity),
      });
    }
    case 'put-into-service': {
      if (record.entries.length === 0) return record;
      const at = notAhead(input.at, now);
      return live((entry) => (endsByService(entry, at) ? over(entry, at) : entry), {
        returnedAt: Math.max(at, record.returnedAt ?? -Infinity),
      });
    }
    case 'booted': {
      if (input.bootId === record.bootId) return record;
      if (record.bootId === '') return { ...record, bootId: input.bootId };
      const at = notAhead(input.bootAt, now);
      return live((entry) => (endsByBoot(entry, at) ? over(entry, at) : entry), {
        bootId: input.bootId,
        returnedAt: Math.max(at, record.returnedAt ?? -Infinity),
      });
    }
    case 'reborn': {
      // The new object carries no mark, and what was seen of pods was seen of the old one.
      const { cordon: _cordon, ...rest } = record;
      return { ...rest, entries: record.entries.map((entry) => (holdsNode(entry) ? begin(again(entry), now) : entry)) };
    }
    case 'made-schedulable': {
      if (record.cordon === undefined) return record;
      const { cordon: _theirs, ...rest } = record;
      return {
        ...rest,
        entries: record.entries.map((entry) => {
          if (!holdsNode(entry)) return entry;
          if (isDismissible(entry)) return tombstone(entry, 'dismissed', now);
          // While the node took pods some may have come: what was drained is looked at again.
          const progress = entry.decision.action === 'drain' ? 'acting' : entry.progress;
          return { ...entry, progress, remarked: entry.remarked === undefined ? 'once' : 'left' };
        }),
      };
    }
    case 'looked':
      return live((entry) => afterLook(entry, input.look));
    case 'hook-ended':
      return ofKey(input.key, (entry) => afterHook(entry, input.how, now));
    case 'end-changed':
      return ofKey(input.key, (entry) => withDefault(withEnd(entry, input.end), input.defaultResult));
    case 'told':
      return each((entry) => {
        const isNew = entry.key === input.key && !entry.told.includes(input.phase);
        return isNew ? { ...entry, told: phasesIn([...entry.told, input.phase]) } : entry;
      });
    case 'shut-down':
      return { ...record, shutDownAt: notAhead(input.at, now) };
    case 'labels-found': {
      if (!asksForNothing(record)) return record;
      const { source, ...facts } = input.notice;
      const noticedAt = notAhead(facts.noticedAt, now);
      const entry: LiveEntry = { ...facts, noticedAt, sources: [source], told: [], progress: 'settled' };
      const others = record.entries.filter(({ key }) => key !== entry.key);
      return { ...record, entries: [...others, entry], cordon: { ours: input.cordonIsOurs, at: noticedAt } };
    }
    case 'time':
      return record;
  }
}

/** What time alone does to a record: what is due begins, an end that has passed is replaced once, what is old is forgotten. */
function atTime(record: NodeRecord, { now, graceMs }: Seen): NodeRecord {
  const entries = record.entries.flatMap((entry): Interruption[] => {
    if (isTombstone(entry)) {
      const keep =
        now - entry.endedAt < FORGET_AFTER_MS ||
        !entry.sources.some((source) => source === 'sqs' || source === 'labels');
      return keep ? [entry] : [];
    }
    const due = begin(isByWrongClock(entry, now, graceMs) ? withoutEstimate(entry) : entry, now);
    // Nobody has a message of the hook any more, or somebody else completed it: it waits no longer than its end.
    if (due.progress === 'emptied' && endOf(due) <= now && due.estimatedEnd !== undefined)
      return [afterHook(due, 'gone', now)];
    const hasPassed = holdsNode(due) && hardEnd(due.end) <= now && due.estimatedEnd === undefined;
    return [hasPassed ? { ...due, estimatedEnd: now + graceMs } : due];
  });
  const { returnedAt, ...rest } = record;
  const isRecent = returnedAt !== undefined && now - returnedAt < FORGET_AFTER_MS;
  return { ...rest, entries, ...(isRecent ? { returnedAt } : {}) };
}

/** More than two programs' settings and clocks differ by, in milliseconds. */
const WRONG_CLOCK_MS = 3_600_000;

/** Whether what replaced an end lies where only a clock that was far ahead has put it. */
function isByWrongClock({ estimatedEnd = -Infinity }: LiveEntry, now: Moment, graceMs: number): boolean {
  return estimatedEnd > now + graceMs + WRONG_CLOCK_MS;
}

/** The cordon as the entries ask for it: it appears with the first that wants one, as the node was then, and goes in `written`. */
function withCordon(record: NodeRecord, seen: Seen): NodeRecord {
  const bootId = record.bootId === '' ? seen.bootId : record.bootId;
  if (record.cordon !== undefined || !wantsCordon(record))
    return bootId === record.bootId ? record : { ...record, bootId };
  return { ...record, bootId, cordon: { ours: !seen.cordonedByOthers, at: seen.now } };
}

/** Whether any entry wants the node unschedulable: one that holds it, and whose cordon was not left to a person. */
export function wantsCordon(record: NodeRecord): boolean {
  return record.entries.some((entry) => holdsNode(entry) && entry.remarked !== 'left');
}

function tombstone(entry: LiveEntry, progress: 'over' | 'dismissed', endedAt: Moment): Tombstone {
  const { estimatedEnd: _estimated, remarked: _remarked, ...kept } = entry;
  return { ...kept, progress, endedAt };
}

function again(entry: LiveEntry): LiveEntry {
  const { remarked: _remarked, ...kept } = entry;
  return { ...kept, progress: 'acting' };
}

function over(entry: LiveEntry, endedAt: Moment): Tombstone {
  return tombstone(entry, 'over', endedAt);
}

function endsByReturn(entry: LiveEntry, at: Moment, now: Moment): boolean {
  const cause = causeOf(entry.key);
  if (!CAUSES[cause].endsWhenInstanceReturns || !isBefore(entry, at)) return false;
  return cause !== 'spot' || !startIsAhead(entry, now);
}

/**
 * Whether a group has taken an instance out of service for what is over when it puts it back. A notice of the same second may be of the next
 * time, unless its work is done: no instance comes back before that. An action that is done and surely older is over, whatever the notice said:
 * earlier versions did not know that an instance comes back out of a pool.
 */
function endsByService(entry: LiveEntry, at: Moment): boolean {
  const cause = causeOf(entry.key);
  if (CAUSES[cause].kind !== 'ASG_LIFECYCLE') return false;
  if (!entry.mayReturn) return cause === 'action' && entry.progress === 'settled' && isBefore(entry, at);
  return isBefore(entry, at) || (entry.noticedAt <= at && entry.progress === 'settled');
}

/** A boot ends what it is the effect of, and nothing that was noticed between it and its sighting. */
function endsByBoot(entry: LiveEntry, bootAt: Moment): boolean {
  const cause = causeOf(entry.key);
  if (cause === 'label') return entry.noticedAt <= bootAt;
  if (cause === 'action') return entry.progress === 'settled' && entry.noticedAt <= bootAt;
  if (isPlanned(entry.key)) return plannedStartPassed(entry, bootAt);
  return holdsNode(entry) && entry.end.kind === 'fixed' && entry.end.at <= bootAt;
}

function afterLook(entry: LiveEntry, look: PodsLook): LiveEntry {
  if (entry.decision.action === 'cordon' || entry.progress === 'waiting') return entry;
  const isEmpty = look.mustGo === 0 && (look.left === 0 || entry.end.kind === 'open');
  if (!isEmpty) return entry.progress === 'acting' ? entry : { ...entry, progress: 'acting' };
  return entry.progress === 'acting' ? { ...entry, progress: owesHook(entry) ? 'emptied' : 'settled' } : entry;
}

/** A hook that waits no longer goes from its entry: should a pod be seen again, nobody is owed a completion for it. */
function afterHook(entry: LiveEntry, how: 'completed' | 'gone', now: Moment): LiveEntry {
  const { hook: _hook, ...rest } = entry;
  const isLeft = entry.progress === 'acting' && entry.decision.action === 'drain';
  if (!isLeft) return { ...rest, progress: 'settled' };
  // It was completed on a look that does not stand here, or its group may have kept the instance: only the service's word that it goes is an end.
  if (how === 'completed' || isRetained(entry.end)) return rest;
  // Pods are left, and nobody waits for them any more: the instance goes, only the service knows when.
  return withEnd(rest, { kind: 'fixed', at: now, source: 'estimated' });
}

function withEnd(entry: LiveEntry, end: InstanceEnd): LiveEntry {
  if (hardEnd(end) === hardEnd(entry.end)) return { ...entry, end };
  return { ...withoutEstimate(entry), end };
}

function withDefault(entry: LiveEntry, defaultResult: Hook['defaultResult'] | undefined): LiveEntry {
  const { hook } = entry;
  return hook === undefined || defaultResult === undefined ? entry : { ...entry, hook: { ...hook, defaultResult } };
}
