import { actAt, endOf } from './ends.ts';
import { holdsNode, isTombstone, owesHook } from './entry.ts';
import type { EntryKey, Interruption, Moment, NodeRecord, Notice } from './entry.ts';
import { entryFor, isVoid } from './noticed.ts';
import type { Witness } from './noticed.ts';
import type { PodsLook } from './transitions.ts';

/**
 * What is to be done for a node now. It follows from the record, and is the same for whoever has the claim, after a takeover as well.
 *
 * | task | when |
 * | --- | --- |
 * | `wait` | an entry's time has not come |
 * | `empty` | pods must go: a drain is due |
 * | `look` | the record says that no pod is left: that is a note, and whoever comes to it looks |
 * | `complete` | a hook of ours waits, for an action that a message in hand tells of, and nothing keeps it: after an own look at the pods, or with the mark where only a cordon was asked for |
 */
export type Task =
  | { readonly do: 'wait'; readonly until: Moment }
  | { readonly do: 'empty'; readonly keys: readonly EntryKey[] }
  | { readonly do: 'look'; readonly keys: readonly EntryKey[] }
  | { readonly do: 'complete'; readonly key: EntryKey; readonly after: 'look' | 'mark' };

/** Who reads the record. */
export interface Reader {
  /** Whether it is this process's turn to work on the node; see `claims.ts`. */
  readonly isOurTurn: boolean;
  /** The keys of the actions that messages in hand tell of. A hook known from the record alone is told, not completed. */
  readonly inHand: ReadonlySet<EntryKey>;
  /** Keys whose pods this process has looked at itself since it came to them or heard of them anew. */
  readonly lookedAt: ReadonlySet<EntryKey>;
}

/**
 * The tasks of one reader, in the order in which they are done. The claim says whose turn it is to empty the node; a hook is
 * completed by whoever has its message in hand, as nobody else may.
 */
export function tasksOf(record: NodeRecord, reader: Reader): readonly Task[] {
  const { isOurTurn, inHand, lookedAt } = reader;
  const waiting = record.entries.filter((entry) => entry.progress === 'waiting').map(actAt);
  const drains = record.entries.filter((entry) => holdsNode(entry) && entry.decision.action === 'drain');
  const due = drains.filter((entry) => entry.progress === 'acting').map((entry) => entry.key);
  const noted = drains
    .filter((entry) => entry.progress !== 'acting' && !lookedAt.has(entry.key))
    .map((entry) => entry.key);
  const hooks = record.entries.filter((entry) => inHand.has(entry.key)).filter(owesHook);
  const marked = hooks.filter((entry) => entry.decision.action === 'cordon');
  const emptied = hooks.filter((entry) => entry.decision.action === 'drain' && entry.progress === 'emptied');
  return [
    ...(isOurTurn && due.length > 0 ? [{ do: 'empty', keys: due } as const] : []),
    ...(isOurTurn && noted.length > 0 ? [{ do: 'look', keys: noted } as const] : []),
    ...marked.map(({ key }) => ({ do: 'complete', key, after: 'mark' }) as const),
    ...emptied.map(({ key }) => ({ do: 'complete', key, after: 'look' }) as const),
    ...(waiting.length > 0 ? [{ do: 'wait', until: Math.min(...waiting) } as const] : []),
  ];
}

/**
 * Whether a hook may be completed: where a drain was asked for, only on a look at the pods that this process has just taken. That an
 * entry reads `emptied` was true when it was written.
 */
export function mayComplete(entry: Interruption, look: PodsLook | undefined): boolean {
  if (!owesHook(entry)) return false;
  return entry.decision.action === 'cordon' || (look?.mustGo === 0 && look.left === 0);
}

/** An end nearer than this keeps its message in hand, as a second way. */
const NEAR_MS = 3_600_000;

/**
 * Whether a message may be deleted as far as one of its notices goes.
 *
 * `record` is what the node was read to hold, never what is about to be written.
 *
 * | the notice | its message |
 * | --- | --- |
 * | is over, dismissed, settled, or history | goes |
 * | tells of a hook that waits | stays until it waits no longer, and nothing is left to do |
 * | stands in the record with an open end, or one more than an hour away | goes: the record carries the wait |
 * | has a nearer end, or does not stand in the record | stays |
 */
export function messageMayGo(record: NodeRecord, notice: Notice, witness: Witness, now: Moment): boolean {
  if (isVoid(record, notice, witness)) return true;
  const entry = entryFor(record, notice);
  if (entry === undefined || isTombstone(entry)) return false;
  if (entry.progress === 'settled') return true;
  return entry.hook === undefined && endOf(entry) > now + NEAR_MS;
}
