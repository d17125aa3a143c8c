import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NO_BEATS,
  beatsUnreadable,
  claimStands,
  emptyBook,
  holderName,
  incarnation,
  parseClaim,
  seeBeats,
  seeClaim,
  serialiseClaim,
  whoseTurn,
} from './claims.ts';
import type { Beats, Claim, ClaimBook, Self, Turn } from './claims.ts';
import { actionKey, singleKey } from './entry.ts';

const SELF: Self = { holder: holderName('kube-system', 'a'), incarnation: incarnation('a1'), lease: 'queue-processor' };
const MATE: Self = { holder: holderName('kube-system', 'b'), incarnation: incarnation('b1'), lease: 'queue-processor' };
const AGENT: Self = { holder: holderName('kube-system', 'agent'), incarnation: incarnation('n1') };
const KEY = actionKey({ token: 'a' });
const KEYS = new Set([KEY]);
const SECOND = 1000;

const seeing = (claim: Claim | undefined, at = 0, book = emptyBook(0)): ClaimBook =>
  seeClaim(book, claim, KEYS, SELF, at);
const beating = (count: number, at: number, before: Beats = NO_BEATS): Beats =>
  seeBeats(before, new Map([[MATE.holder, { incarnation: MATE.incarnation, count }]]), SELF, at);
const turnOf = (
  book: ClaimBook,
  at: number,
  beats: Beats = NO_BEATS,
  more: { isOwnNotice?: boolean; msLeft?: number } = {},
) => whoseTurn(book, beats, { key: KEY, isOwnNotice: true, msLeft: Infinity, ...more }, SELF, at);
const READABLE = seeBeats(NO_BEATS, new Map(), SELF, 0);
const OURS = { turn: 'ours', claim: 'take' };

describe('whose turn it is', () => {
  it('is ours at once where nobody has it and a notice is in hand, after 15 s where the record alone tells of it', () => {
    expect(turnOf(seeing(undefined), 0).turn).toEqual({ ...OURS, because: 'free' });
    expect(turnOf(emptyBook(0), 14 * SECOND, NO_BEATS, { isOwnNotice: false }).turn).toEqual({
      turn: 'nobody',
      lookAgainInMs: SECOND,
    });
    expect(turnOf(emptyBook(0), 15 * SECOND, NO_BEATS, { isOwnNotice: false }).turn).toMatchObject(OURS);
  });

  it('is ours while our claim stands, and a claim in our name that we know nothing of counts as none', () => {
    const held = claimStands(emptyBook(0), SELF, 0);
    expect(turnOf(held, 9e9).turn).toEqual({ turn: 'ours', claim: 'held' });
    expect(turnOf(seeClaim(held, SELF, KEYS, SELF, 1), 1).turn).toEqual({ turn: 'ours', claim: 'held' });
    expect(turnOf(seeing(SELF), 0).turn).toEqual({ ...OURS, because: 'free' });
  });

  it('is ours at once where our pod had it before it restarted', () => {
    expect(turnOf(seeing({ ...SELF, incarnation: incarnation('a0') }), 0).turn).toEqual({
      ...OURS,
      because: 'restarted',
    });
  });

  it('is theirs while their beat changes, and ours when it has not for 15 s (W2)', () => {
    const book = seeing(MATE);
    const beats = beating(2, 20 * SECOND, beating(1, 10 * SECOND));
    expect(turnOf(book, 34 * SECOND, beats).turn).toEqual({ turn: 'theirs', lookAgainInMs: SECOND });
    expect(turnOf(book, 35 * SECOND, beating(2, 34 * SECOND, beats)).turn).toEqual({ ...OURS, because: 'silent' });
  });

  it('is ours 15 s after the first sight of a claim that nobody beats for: within 20 s of a death', () => {
    const beats = seeBeats(NO_BEATS, new Map(), SELF, 0);
    expect(turnOf(seeing(MATE, 3 * SECOND), 17 * SECOND, beats).turn.turn).toBe('theirs');
    expect(turnOf(seeing(MATE, 3 * SECOND), 18 * SECOND, beats).turn).toEqual({ ...OURS, because: 'silent' });
  });

  it('does not change hands for our own blindness: silence counts anew when the Lease can be read again', () => {
    const blind = beatsUnreadable(beating(1, 0));
    const again = beating(1, 100 * SECOND, blind);
    expect(turnOf(seeing(MATE), 101 * SECOND, again).turn).toEqual({ turn: 'theirs', lookAgainInMs: 14 * SECOND });
  });

  it('is theirs for 60 s where their beats can’t be seen, or for half of the time left', () => {
    const first = turnOf(seeing(AGENT), 0);
    expect(first.turn).toEqual({ turn: 'theirs', lookAgainInMs: 60 * SECOND });
    expect(turnOf(first.book, 60 * SECOND).turn).toEqual({ ...OURS, because: 'unseen' });
    expect(turnOf(seeing(AGENT), 0, NO_BEATS, { msLeft: 40 * SECOND }).turn).toEqual({
      turn: 'theirs',
      lookAgainInMs: 20 * SECOND,
    });
    expect(turnOf(seeing(AGENT), 0, NO_BEATS, { msLeft: -5 }).turn).toMatchObject(OURS);
    expect(turnOf(seeing({ holder: holderName('old', 'x') }), 0).turn).toMatchObject({ turn: 'theirs' });
    expect(turnOf(seeing(MATE), 0).turn).toMatchObject({ turn: 'theirs' });
  });

  it('is held up once, however often the claim is rewritten by one who can’t be seen alive', () => {
    let book = emptyBook(0);
    let turn: Turn | undefined;
    for (let at = 0; at <= 60 * SECOND; at += SECOND) {
      book = seeClaim(book, { ...AGENT, incarnation: incarnation(`n${at}`) }, KEYS, SELF, at);
      ({ turn, book } = turnOf(book, at));
    }
    expect(turn).toEqual({ ...OURS, because: 'unseen' });
  });

  it('is held up once, too, by claims of our own release that nobody beats for', () => {
    let book = emptyBook(0);
    let turn: Turn | undefined;
    for (let at = 0; at <= 60 * SECOND; at += SECOND) {
      book = seeClaim(book, { ...MATE, incarnation: incarnation(`n${at}`) }, KEYS, SELF, at);
      ({ turn, book } = turnOf(book, at, READABLE));
    }
    expect(turn).toEqual({ ...OURS, because: 'unseen' });
    book = seeClaim(book, { ...MATE, incarnation: incarnation('n') }, KEYS, SELF, 61 * SECOND);
    expect(turnOf(book, 61 * SECOND, READABLE).turn).toEqual({ turn: 'ours', claim: 'leave' });
  });

  it('ends in work beside each other, not in a war over the claim, where two programs can’t see each other', () => {
    let { book } = turnOf(seeing(AGENT), 0);
    ({ book } = turnOf(book, 60 * SECOND));
    book = claimStands(book, SELF, 60 * SECOND);
    const taken = seeClaim(book, AGENT, KEYS, SELF, 61 * SECOND);
    expect(turnOf(taken, 61 * SECOND).turn).toEqual({ turn: 'ours', claim: 'leave' });
  });

  it('is nobody’s who was replaced by another start of its own pod', () => {
    const lease = (start: string) => new Map([[SELF.holder, { incarnation: incarnation(start), count: 1 }]]);
    const before = seeBeats(NO_BEATS, lease('a0'), SELF, 0);
    expect(before.isReplaced).toBe(false);
    const replaced = seeBeats(seeBeats(before, lease('a1'), SELF, 1), lease('a2'), SELF, 2);
    expect(turnOf(claimStands(emptyBook(0), SELF, 0), 3, replaced).turn).toEqual({ turn: 'replaced' });
  });

  it('keeps no more than the record and the Lease hold', () => {
    let { book } = turnOf(seeing(AGENT), 0);
    book = seeClaim(turnOf(book, 60 * SECOND).book, undefined, new Set(), SELF, 70 * SECOND);
    expect([book.heldUp.size, book.takenOver.size]).toEqual([0, 0]);
    expect(seeBeats(beating(1, 0), new Map(), SELF, 1).seen.size).toBe(0);
  });

  it('never waits longer than 60 s for one who can’t be seen, nor than half of the time left', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e9 }), (msLeft) => {
        const { turn } = turnOf(seeing(AGENT), 0, NO_BEATS, { msLeft });
        expect(turn.turn === 'theirs' ? turn.lookAgainInMs : 0).toBeLessThanOrEqual(
          Math.max(0, Math.min(60 * SECOND, msLeft / 2)),
        );
      }),
    );
  });
});

describe('a claim on a node', () => {
  it('is read as it was written, and by the version before this one as one that works', () => {
    const text = serialiseClaim(SELF, new Date(0));
    expect(parseClaim(text)).toEqual(SELF);
    expect(parseClaim(serialiseClaim(AGENT, new Date(0)))).toEqual(AGENT);
    expect(JSON.parse(text)).toMatchObject({
      holder: SELF.holder,
      state: 'draining',
      until: '1970-01-01T00:00:00.000Z',
    });
  });

  it('of the version before this one names a holder alone', () => {
    expect(parseClaim('{"holder":"b","state":"drained","until":"2026-01-02T03:04:05.000Z"}')).toEqual({ holder: 'b' });
  });

  it('counts as none when somebody wrote something else there', () => {
    expect(parseClaim(undefined)).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseClaim(text)).toBeUndefined();
      }),
    );
  });
});

describe('what a process has noted', () => {
  const other: Claim = { ...MATE, holder: holderName('kube-system', 'c') };
  const unseen = (claim: Claim, at: number, beats: Beats, self: Self = SELF) =>
    whoseTurn(seeing(claim), beats, { key: KEY, isOwnNotice: true, msLeft: Infinity }, self, at);

  it('knows a claim by its holder, its incarnation and its Lease, and since when it stands', () => {
    const since = (claim: Claim | undefined) => seeing(claim, 5, seeing(MATE, 1)).since;
    expect(since(MATE)).toBe(1);
    expect([
      since(other),
      since({ ...MATE, lease: 'agents' }),
      since({ ...MATE, incarnation: incarnation('b2') }),
    ]).toEqual([5, 5, 5]);
    expect(seeing(undefined, 5, seeing(MATE, 1))).toStrictEqual({ ...emptyBook(5) });
  });

  it('keeps the beats that it has seen while the Lease can’t be read, and waits for no silence', () => {
    const beats = beating(1, 0);
    expect(beatsUnreadable(beats)).toStrictEqual({ seen: beats.seen, isReplaced: false });
    expect(unseen(MATE, 20 * SECOND, beatsUnreadable(beats)).turn).toEqual({
      turn: 'theirs',
      lookAgainInMs: 60 * SECOND,
    });
  });

  it('believes for a minute whom its Lease says nothing of', () => {
    const minute = { turn: 'theirs', lookAgainInMs: 60 * SECOND };
    const { lease: _lease, ...without } = MATE;
    expect(unseen({ ...MATE, lease: 'agents' }, 20 * SECOND, beating(1, 19 * SECOND)).turn).toEqual(minute);
    expect(unseen(without, 20 * SECOND, beating(1, 19 * SECOND)).turn).toEqual(minute);
    expect(unseen(without, 20 * SECOND, READABLE, AGENT).turn).toEqual(minute);
    expect(unseen({ holder: SELF.holder }, 20 * SECOND, READABLE).turn).toEqual(minute);
  });

  it('holds nothing up for one that is seen to live, and forgets that it has', () => {
    const rebalance = singleKey('rebalance');
    const heldUp = new Map([KEY, rebalance].map((key) => [key, { since: 0, forMs: 1 }]));
    const book = { ...seeing(MATE, 10 * SECOND), heldUp };
    const alive = turnOf(book, 14 * SECOND, beating(1, 0));
    expect(alive.turn).toEqual({ turn: 'theirs', lookAgainInMs: 11 * SECOND });
    expect([...alive.book.heldUp.keys()]).toEqual([rebalance]);
    const none = seeing(MATE, 10 * SECOND);
    expect(turnOf(none, 14 * SECOND, beating(1, 0)).book).toBe(none);
    // Seen to beat 15 s ago, and in the claim for five: only the claim says that it lives.
    expect(turnOf(none, 15 * SECOND, beating(1, 0)).book.heldUp.has(KEY)).toBe(true);
  });

  it('takes the beat of another incarnation for none of the holder’s', () => {
    const before = { ...MATE, incarnation: incarnation('b0') };
    const beats = beating(2, 14 * SECOND, beating(1, 0));
    expect(turnOf(seeing(before), 15 * SECOND, beats).turn).toEqual({ ...OURS, because: 'silent' });
    expect(turnOf(seeing(before), 14 * SECOND, beats).book.heldUp.has(KEY)).toBe(true);
  });

  it('has of a claim what stands there', () => {
    expect(parseClaim('{"holder":"kube-system/a"}')).toStrictEqual({ holder: 'kube-system/a' });
    expect(parseClaim(serialiseClaim(MATE, new Date(0)))).toStrictEqual({ ...MATE });
  });
});
