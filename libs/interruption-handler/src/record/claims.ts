import * as v from 'valibot';
import { OWN_PREFIX } from '@node-termination-handler/node-drainer';
import type { EntryKey } from './entry.ts';

/** The node annotation that says whose turn it is; it is written in the patch that cordons, so it costs no request. */
export const CLAIM_ANNOTATION = `${OWN_PREFIX}/claim`;

/** A moment of this process's own monotonic clock, in milliseconds; it says nothing to another process. */
export type MonotonicMs = number;

/** Names a process to others, `namespace/pod`. */
export type HolderName = string & { readonly __brand: 'HolderName' };
/** Tells one start of a process from the next: random, 128 bits. */
export type Incarnation = string & { readonly __brand: 'Incarnation' };

/** Marks a text as the name of a holder. */
export function holderName(namespace: string, pod: string): HolderName {
  return `${namespace}/${pod}` as HolderName;
}

/** Marks a text as an incarnation. */
export function incarnation(random: string): Incarnation {
  return random as Incarnation;
}

/**
 * Whose turn it is to work on a node, as the node's annotation says it. A claim saves work; safety never rests on it: every write has its
 * preconditions, every completion its own look.
 */
export interface Claim {
  readonly holder: HolderName;
  /** Absent in a claim of the version before this one. */
  readonly incarnation?: Incarnation;
  /** The Lease of the holder's release, where its beats can be seen. */
  readonly lease?: string;
}

/** Who reads: this process. */
export interface Self extends Claim {
  readonly incarnation: Incarnation;
}

/** A holder is alive for so long after its beat was seen to change. */
const ALIVE_MS = 15_000;
/** A holder whose beats can't be seen is believed for at most so long, and at most for half of the time left. */
const BELIEVED_MS = 60_000;
/** An entry that this process knows from the record alone is taken when it has stood unclaimed for so long. */
const UNCLAIMED_MS = 15_000;

/** What one process has seen of the beats in its release's Lease, by its own clock. */
export interface Beats {
  /** Since when the Lease could be read; absent while it can't. */
  readonly readableSince?: MonotonicMs;
  readonly seen: ReadonlyMap<HolderName, SeenBeat>;
  /** Another incarnation of this process's own name beats in its place: it stops working on claims. */
  readonly isReplaced: boolean;
}

interface SeenBeat {
  readonly incarnation: Incarnation;
  readonly count: number;
  readonly changedAt: MonotonicMs;
}

/** The beats of a process that has read none. */
export const NO_BEATS: Beats = { seen: new Map(), isReplaced: false };

/** One holder's beat as the Lease has it. */
export interface Beat {
  readonly incarnation: Incarnation;
  readonly count: number;
}

/** The Lease was read: what changed is alive now. Beats that are gone are forgotten, so that this stays as small as the Lease. */
export function seeBeats(beats: Beats, lease: ReadonlyMap<HolderName, Beat>, self: Self, now: MonotonicMs): Beats {
  const seen = new Map<HolderName, SeenBeat>();
  for (const [holder, beat] of lease) {
    const before = beats.seen.get(holder);
    const isSame = before?.incarnation === beat.incarnation && before.count === beat.count;
    seen.set(holder, isSame ? before : { ...beat, changedAt: now });
  }
  const wasOurs = beats.seen.get(self.holder)?.incarnation === self.incarnation;
  const isOurs = seen.get(self.holder)?.incarnation === self.incarnation;
  const isReplaced = beats.isReplaced || (wasOurs && seen.has(self.holder) && !isOurs);
  return { readableSince: beats.readableSince ?? now, seen, isReplaced };
}

/** The Lease can't be read: nobody's silence counts, until it can again. */
export function beatsUnreadable({ readableSince: _readableSince, ...beats }: Beats): Beats {
  return beats;
}

/** What one process has noted about the claims of one node, by its own clock. */
export interface ClaimBook {
  /** The claim as it was last seen. */
  readonly claim?: Claim;
  /** Since when it, or that there is none, has been seen. */
  readonly since: MonotonicMs;
  /** Whether this process wrote it. */
  readonly isHeld: boolean;
  /** By whom each interruption has been held up: once, however often a claim is rewritten. */
  readonly heldUp: ReadonlyMap<EntryKey, HeldUp>;
  /** The interruptions for which this process took over from somebody it could not see alive: once each. */
  readonly takenOver: ReadonlySet<EntryKey>;
}

interface HeldUp {
  readonly since: MonotonicMs;
  readonly forMs: number;
}

/** The book of a process that comes to a node. */
export function emptyBook(now: MonotonicMs): ClaimBook {
  return { since: now, isHeld: false, heldUp: new Map(), takenOver: new Set() };
}

/** The node was read; `keys` are those of its record, and what was noted about others is forgotten. */
export function seeClaim(
  book: ClaimBook,
  claim: Claim | undefined,
  keys: ReadonlySet<EntryKey>,
  self: Self,
  now: MonotonicMs,
): ClaimBook {
  const { claim: before, ...rest } = book;
  const isSame = isSameClaim(before, claim);
  const isHeld = book.isHeld && claim !== undefined && isSameClaim(claim, self);
  return {
    ...rest,
    ...(claim === undefined ? {} : { claim }),
    since: isSame ? book.since : now,
    isHeld,
    heldUp: new Map([...book.heldUp].filter(([key]) => keys.has(key))),
    takenOver: new Set([...book.takenOver].filter((key) => keys.has(key))),
  };
}

/** This process's claim stands on the node: its patch was answered, or a look found it there. */
export function claimStands(book: ClaimBook, self: Self, now: MonotonicMs): ClaimBook {
  return { ...book, claim: self, since: now, isHeld: true };
}

/**
 * Whose turn it is.
 *
 * - `take`: write our claim, in the next patch, over the one that was seen.
 * - `leave`: work, and leave the claim as it is: it was taken back by somebody who can't be seen alive, and two who overwrote each other
 *   would never end. Both work then, which costs requests and harms nothing.
 */
export type Turn =
  | { readonly turn: 'ours'; readonly claim: 'held' | 'leave' }
  | { readonly turn: 'ours'; readonly claim: 'take'; readonly because: 'free' | 'restarted' | 'silent' | 'unseen' }
  | { readonly turn: 'theirs'; readonly lookAgainInMs: number }
  | { readonly turn: 'nobody'; readonly lookAgainInMs: number }
  | { readonly turn: 'replaced' };

/** One interruption, as the question whose turn it is needs it. */
export interface Question {
  readonly key: EntryKey;
  /** Whether this process has a notice of it in hand; otherwise it knows it from the record alone. */
  readonly isOwnNotice: boolean;
  /** How long the instance will still be there; `Infinity` under an open end. */
  readonly msLeft: number;
}

/**
 * Decides whose turn it is to work on an interruption, from what this process has seen to change by its own clock alone.
 *
 * | the claim is | turn |
 * | --- | --- |
 * | none, and a notice is in hand | ours, at once |
 * | none, known from the record alone | ours after 15 s |
 * | this process's own, and in its book | ours |
 * | this process's own, and not in its book | as if there were none: somebody wrote it for us |
 * | another incarnation's of our own name | ours, at once: that process is gone |
 * | of our release, seen to beat within 15 s | theirs |
 * | of our release, silent for 15 s | ours |
 * | anybody's who was not seen to beat | theirs for 60 s or half of the time left, once; then ours |
 */
export function whoseTurn(
  book: ClaimBook,
  beats: Beats,
  question: Question,
  self: Self,
  now: MonotonicMs,
): { readonly turn: Turn; readonly book: ClaimBook } {
  const answer = (turn: Turn, noted: ClaimBook = book) => ({ turn, book: noted });
  const { claim } = book;
  if (beats.isReplaced) return answer({ turn: 'replaced' });
  if (claim === undefined || (isSameClaim(claim, self) && !book.isHeld)) {
    const left = question.isOwnNotice ? 0 : book.since + UNCLAIMED_MS - now;
    return answer(
      left > 0 ? { turn: 'nobody', lookAgainInMs: left } : { turn: 'ours', claim: 'take', because: 'free' },
    );
  }
  if (isSameClaim(claim, self)) return answer({ turn: 'ours', claim: 'held' });
  if (claim.holder === self.holder && claim.incarnation !== undefined) {
    return answer({ turn: 'ours', claim: 'take', because: 'restarted' });
  }
  const { key, msLeft } = question;
  const silentInMs = untilSilent(book, beats, claim, self, now);
  if (silentInMs !== undefined) {
    if (silentInMs <= 0) return answer({ turn: 'ours', claim: 'take', because: 'silent' });
    // One who is seen to live holds nothing up, and whoever comes after it is believed anew.
    if (isSeenAlive(beats, claim, now))
      return answer({ turn: 'theirs', lookAgainInMs: silentInMs }, without(book, key));
  }
  // Only the claim itself says that its holder lives, and whoever can write one can write another.
  const heldUp = book.heldUp.get(key) ?? { since: now, forMs: Math.max(0, Math.min(BELIEVED_MS, msLeft / 2)) };
  const noted = book.heldUp.has(key) ? book : { ...book, heldUp: new Map([...book.heldUp, [key, heldUp]]) };
  const left = heldUp.since + heldUp.forMs - now;
  if (left > 0) return answer({ turn: 'theirs', lookAgainInMs: Math.min(left, silentInMs ?? Infinity) }, noted);
  if (book.takenOver.has(key)) return answer({ turn: 'ours', claim: 'leave' }, noted);
  return answer(
    { turn: 'ours', claim: 'take', because: 'unseen' },
    { ...noted, takenOver: new Set([...noted.takenOver, key]) },
  );
}

function without(book: ClaimBook, key: EntryKey): ClaimBook {
  return book.heldUp.has(key)
    ? { ...book, heldUp: new Map([...book.heldUp].filter(([other]) => other !== key)) }
    : book;
}

/** In how many milliseconds a holder of our release is taken for dead; `undefined` for one whose beats we can't see. */
function untilSilent(
  book: ClaimBook,
  { readableSince, seen }: Beats,
  { holder, incarnation: random, lease }: Claim,
  self: Self,
  now: MonotonicMs,
): number | undefined {
  if (lease === undefined || lease !== self.lease || readableSince === undefined) return undefined;
  const beat = seen.get(holder);
  // The first sight of a claim counts as well: its holder may not have beaten yet.
  const changedAt = beat !== undefined && beat.incarnation === random ? beat.changedAt : -Infinity;
  return Math.max(changedAt, book.since, readableSince) + ALIVE_MS - now;
}

/** Whether the beat of a claim's holder was seen to change. */
function isSeenAlive({ seen }: Beats, { holder, incarnation: random }: Claim, now: MonotonicMs): boolean {
  const beat = seen.get(holder);
  return beat !== undefined && beat.incarnation === random && beat.changedAt + ALIVE_MS > now;
}

function isSameClaim(a: Claim | undefined, b: Claim | undefined): boolean {
  return a?.holder === b?.holder && a?.incarnation === b?.incarnation && a?.lease === b?.lease;
}

const claimSchema = v.pipe(
  v.string(),
  v.maxLength(1024),
  v.parseJson(),
  v.object({
    holder: v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,320}$/)),
    incarnation: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/))),
    lease: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9.-]{1,253}$/))),
  }),
);

/** Reads the claim of a node; what nobody of this program wrote counts as none. The version before this one wrote a holder alone. */
export function parseClaim(text: string | undefined): Claim | undefined {
  if (text === undefined) return undefined;
  const parsed = v.safeParse(claimSchema, text);
  if (!parsed.success) return undefined;
  const { holder, incarnation: random, lease } = parsed.output;
  return {
    holder: holder as HolderName,
    ...(random === undefined ? {} : { incarnation: random as Incarnation }),
    ...(lease === undefined ? {} : { lease }),
  };
}

/**
 * Writes a claim as the annotation's value.
 *
 * @param until - for the version before this one alone, which believes a claim until a moment of the wall clock, and would take `drained`
 * for leave to complete hooks. Nothing of this version reads it.
 */
export function serialiseClaim(claim: Self, until: Date): string {
  const { holder, lease } = claim;
  return JSON.stringify({
    holder,
    incarnation: claim.incarnation,
    lease,
    state: 'draining',
    until: until.toISOString(),
  });
}
