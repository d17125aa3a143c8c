import { describe, expect, it } from 'vitest';
import { singleKey } from './entry.ts';
import type { Interruption, LiveEntry, NodeRecord, Notice } from './entry.ts';
import { tombstoneOf } from './noticed.ts';
import {
  action,
  DAY,
  entry,
  HOUR,
  hookDone,
  MINUTE,
  play,
  rebalance,
  record,
  scheduled,
  SECOND,
  seenAt,
  spot,
  stopped,
  T0,
  TIME,
  UNCORDONED,
} from './testing/notices.ts';
import { next } from './transitions.ts';
import type { RecordInput, Seen } from './transitions.ts';

/** A record after an input, an hour after T0 unless a test says when. */
const after = (of: NodeRecord, input: RecordInput, at = HOUR, seen: Partial<Seen> = {}): NodeRecord =>
  next(of, input, seenAt(at, seen));
/** What becomes of one entry. */
const become = (one: Interruption, input: RecordInput, at = HOUR): Interruption | undefined =>
  after(record(one), input, at).entries[0];
const progressOf = (one: Interruption, input: RecordInput, at = HOUR) => become(one, input, at)?.progress;

/** One that nothing but the input under test changes: its end is far. */
const far = (eventId: string, more: object = {}): Notice => scheduled({ eventId, startsIn: 9 * HOUR, ...more });
const lasting = action({ timeout: 9 * HOUR });
const drains = rebalance({ source: 'imds', decision: { action: 'drain' } });
const target: Notice = {
  ...rebalance(),
  key: singleKey('target'),
  end: { kind: 'open', why: 'target-state' },
  mayReturn: true,
};

describe('the word of a source that an interruption is over', () => {
  const ended = (notice: Notice, at: number): RecordInput => ({ type: 'ended', ending: { notice, at: T0 + at } });

  it('ends it, unless its notice is newer', () => {
    const told = far('a', { at: 10 * MINUTE });
    expect(progressOf(entry(told, 'acting'), ended(told, 10 * MINUTE - 1))).toBe('acting');
    expect(progressOf(entry(told, 'acting'), ended(told, 10 * MINUTE))).toBe('over');
  });

  it('is kept for the message that comes later, and not of a source that lists', () => {
    expect(after(record(), ended(spot({ source: 'sqs' }), MINUTE)).entries).toMatchObject([{ progress: 'over' }]);
    expect(after(record(), ended(spot({ source: 'ec2' }), MINUTE)).entries).toEqual([]);
  });
});

describe('a list of a source', () => {
  const listed = (...keys: readonly Notice[]): RecordInput => ({
    type: 'listed',
    source: 'imds',
    causes: new Set(['scheduled']),
    keys: new Set(keys.map(({ key }) => key)),
  });

  it('ends what it tells of and has not any more, and nothing else', () => {
    const plan = far('a');
    expect(progressOf(entry(plan, 'acting'), listed())).toBe('over');
    expect(progressOf(entry(plan, 'acting'), listed(plan))).toBe('acting');
    expect(progressOf(entry({ ...plan, source: 'ec2' }, 'acting'), listed())).toBe('acting');
    expect(progressOf(entry(drains, 'acting'), listed())).toBe('acting');
  });

  it('forgets of what is over that the source told of it, and with the last source the rest', () => {
    const over = tombstoneOf(far('a'), T0);
    expect(become(over, listed())).toBeUndefined();
    expect(become({ ...over, sources: ['imds', 'ec2'] }, listed())).toMatchObject({
      sources: ['ec2'],
      progress: 'over',
    });
    expect(become(over, listed(far('a')))).toEqual(over);
  });
});

describe('an instance that runs again', () => {
  const returned = (at: number): RecordInput => ({ type: 'returned', at: T0 + at });
  const service = (at: number): RecordInput => ({ type: 'put-into-service', at: T0 + at });

  it.each([
    ['returned', returned],
    ['put into service', service],
  ])('is noted with the last moment, where a record has anything (%s)', (_name, input) => {
    const some = record(entry(far('a'), 'waiting'));
    expect(after(some, input(10 * MINUTE)).returnedAt).toBe(T0 + 10 * MINUTE);
    expect(after({ ...some, returnedAt: T0 + 20 * MINUTE }, input(10 * MINUTE)).returnedAt).toBe(T0 + 20 * MINUTE);
    expect(after({ ...some, returnedAt: T0 + 5 * MINUTE }, input(10 * MINUTE)).returnedAt).toBe(T0 + 10 * MINUTE);
    expect(after(record(), input(10 * MINUTE))).not.toHaveProperty('returnedAt');
  });

  it('ends a stop or an action before it, and a Spot interruption when its end is past', () => {
    expect(progressOf(entry(stopped(), 'acting'), returned(MINUTE))).toBe('over');
    expect(progressOf(entry(stopped({ at: HOUR - MINUTE }), 'acting'), returned(HOUR - 1))).toBe('over');
    expect(progressOf(entry(lasting, 'acting'), returned(MINUTE))).toBe('over');
    expect(progressOf(entry(spot({ endsIn: 2 * HOUR }), 'acting'), returned(MINUTE))).toBe('acting');
    expect(progressOf(entry(far('a'), 'acting'), returned(MINUTE))).toBe('acting');
  });

  it('ends, when its group puts it into service, the actions for which that had taken it out', () => {
    const mayReturn = action({ timeout: 9 * HOUR, mayReturn: true });
    const at = (notice: Notice, progress: LiveEntry['progress'], ms: number) =>
      progressOf(entry(notice, progress), service(ms));
    expect(at(stopped(), 'acting', MINUTE)).toBe('acting');
    expect(at(mayReturn, 'acting', SECOND)).toBe('over');
    expect(at(mayReturn, 'acting', SECOND - 1)).toBe('acting');
    expect(at(mayReturn, 'settled', 0)).toBe('over');
    expect(at(mayReturn, 'settled', -1)).toBe('settled');
    expect(at(mayReturn, 'emptied', 0)).toBe('emptied');
    expect(at(target, 'acting', SECOND)).toBe('over');
    expect(at({ ...target, mayReturn: false }, 'settled', MINUTE)).toBe('settled');
    expect(at(lasting, 'settled', SECOND)).toBe('over');
    expect(at(lasting, 'settled', SECOND - 1)).toBe('settled');
    expect(at(lasting, 'acting', MINUTE)).toBe('acting');
  });
});

describe('a boot', () => {
  const booted = (at: number, bootId = 'b2'): RecordInput => ({ type: 'booted', bootId, bootAt: T0 + at });
  const at = (notice: Notice, progress: LiveEntry['progress'], ms: number) =>
    progressOf(entry(notice, progress), booted(ms));

  it('is noted with its moment, the last of all, and changes nothing when it is known', () => {
    const some = record(entry(far('a'), 'waiting'));
    expect(after(some, booted(MINUTE))).toMatchObject({ bootId: 'b2', returnedAt: T0 + MINUTE });
    expect(after({ ...some, returnedAt: T0 + HOUR }, booted(MINUTE)).returnedAt).toBe(T0 + HOUR);
    expect(after(some, booted(MINUTE, 'b1'))).not.toHaveProperty('returnedAt');
    const unknown = after({ ...some, bootId: '' }, booted(MINUTE), HOUR, { bootId: '' });
    expect(unknown.bootId).toBe('b2');
    expect(unknown).not.toHaveProperty('returnedAt');
  });

  it('ends what has a fixed end behind it and holds the node, and what was planned before it', () => {
    expect(at(spot({ endsIn: MINUTE }), 'acting', MINUTE)).toBe('over');
    expect(at(spot({ endsIn: MINUTE }), 'acting', MINUTE - 1)).toBe('acting');
    expect(at(drains, 'acting', MINUTE)).toBe('acting');
    expect(at(far('a', { startsIn: MINUTE }), 'waiting', MINUTE)).toBe('over');
    expect(at(far('a', { startsIn: MINUTE }), 'acting', MINUTE - 1)).toBe('acting');
    const waits = { ...entry(spot({ endsIn: MINUTE }), 'waiting'), decision: { ...spot().decision, lead: 0 } };
    expect(
      become({ ...waits, end: { kind: 'fixed', at: T0 + 2 * HOUR, source: 'metadata' } }, booted(MINUTE))?.progress,
    ).toBe('waiting');
  });

  it('ends an action that is done, and the event of a label, when they are older', () => {
    const label: Notice = {
      ...far('a', { at: MINUTE }),
      key: 'label/a' as Notice['key'],
      end: { kind: 'open', why: 'no-start' },
    };
    expect(at(label, 'settled', MINUTE)).toBe('over');
    expect(at(label, 'settled', MINUTE - 1)).toBe('settled');
    const done = action({ at: MINUTE, timeout: 9 * HOUR });
    expect(at(done, 'settled', MINUTE)).toBe('over');
    expect(at(done, 'settled', MINUTE - 1)).toBe('settled');
    expect(at(done, 'emptied', 2 * MINUTE)).toBe('emptied');
  });
});

describe('a node', () => {
  const cordon = { ours: true, at: T0 };

  it('that is another of the same instance is taken out of service anew', () => {
    const known = {
      ...record(
        { ...entry(far('a'), 'settled'), remarked: 'left' as const },
        entry(far('b', { decision: { lead: HOUR } }), 'waiting'),
      ),
      cordon,
    };
    const born = after(known, { type: 'reborn' }, HOUR, { cordonedByOthers: true });
    expect(born.entries).toMatchObject([{ progress: 'acting' }, { progress: 'waiting' }]);
    expect(born.entries[0]).not.toHaveProperty('remarked');
    expect(born.cordon).toEqual({ ours: false, at: T0 + HOUR });
  });

  it('that a person made schedulable is marked once more, then left to them; its drain is looked at again', () => {
    const once = after({ ...record(entry(lasting, 'settled')), cordon }, UNCORDONED);
    expect(once.entries).toMatchObject([{ progress: 'acting', remarked: 'once' }]);
    expect(after(once, UNCORDONED)).toMatchObject({ entries: [{ remarked: 'left' }] });
    const cordons = action({ timeout: 9 * HOUR, decision: { action: 'cordon' } });
    expect(after({ ...record(entry(cordons, 'emptied')), cordon }, UNCORDONED).entries).toMatchObject([
      { progress: 'emptied', remarked: 'once' },
    ]);
    const waits = entry(far('b', { decision: { lead: HOUR } }), 'waiting');
    expect(
      after({ ...record(waits, entry(spot({ endsIn: 9 * HOUR }), 'acting')), cordon }, UNCORDONED).entries[0],
    ).toEqual(waits);
  });

  it('that had no cordon was made schedulable by nobody', () => {
    const left = entry(lasting, 'settled');
    expect(after(record(left), UNCORDONED).entries).toEqual([left]);
  });

  it('that is dismissed has a tombstone of that moment', () => {
    expect(after({ ...record(entry(rebalance(), 'settled')), cordon }, UNCORDONED).entries).toMatchObject([
      { progress: 'dismissed', endedAt: T0 + HOUR },
    ]);
  });
});

describe('a look at the pods', () => {
  const look = (mustGo: number, left: number): RecordInput => ({ type: 'looked', look: { mustGo, left } });

  it('settles or empties a drain, and begins it again when a pod is there', () => {
    expect(progressOf(entry(far('a'), 'acting'), look(0, 0))).toBe('settled');
    expect(progressOf(entry(lasting, 'acting'), look(0, 0))).toBe('emptied');
    expect(progressOf(entry(far('a'), 'acting'), look(0, 1))).toBe('acting');
    expect(progressOf(entry(far('a'), 'settled'), look(1, 0))).toBe('acting');
    const acting = entry(far('a'), 'acting');
    expect(after(record(acting), look(1, 0)).entries[0]).toEqual(acting);
  });

  it('settles what has an open end though pods stay by rule', () => {
    expect(progressOf(entry(drains, 'acting'), look(0, 1))).toBe('settled');
    expect(progressOf(entry(drains, 'acting'), look(1, 0))).toBe('acting');
  });
});

describe('a hook that waits no longer', () => {
  const gone: RecordInput = { type: 'hook-ended', key: lasting.key, how: 'gone' };

  it('is completed, and its entry settled', () => {
    expect(become(entry(lasting, 'emptied'), hookDone(lasting))).toMatchObject({
      progress: 'settled',
      end: lasting.end,
    });
    expect(become(entry(lasting, 'emptied'), hookDone(lasting))).not.toHaveProperty('hook');
  });

  it('is completed on a look that does not stand in the record, and its node looked at again', () => {
    const cordons = action({ timeout: 9 * HOUR, decision: { action: 'cordon' } });
    expect(become(entry(lasting, 'acting'), hookDone(lasting))).toMatchObject({ progress: 'acting', end: lasting.end });
    expect(become(entry(lasting, 'acting'), hookDone(lasting))).not.toHaveProperty('hook');
    expect(become(entry(cordons, 'acting'), hookDone(cordons))).toMatchObject({ progress: 'settled' });
  });

  it('that is gone with pods left makes an end of that moment, unless the group keeps the instance', () => {
    const cordons = action({ timeout: 9 * HOUR, decision: { action: 'cordon' } });
    const now = { kind: 'fixed', at: T0 + HOUR, source: 'estimated' };
    expect(become(entry(lasting, 'acting'), gone)).toMatchObject({ progress: 'acting', end: now });
    expect(become(entry(lasting, 'emptied'), gone)).toMatchObject({ progress: 'settled', end: lasting.end });
    expect(become(entry(cordons, 'acting'), gone)).toMatchObject({ progress: 'settled', end: cordons.end });
    const retained: Notice = { ...lasting, end: { kind: 'open', why: 'retained' } };
    expect(become(entry(retained, 'acting'), gone)).toMatchObject({ progress: 'acting', end: retained.end });
  });

  it('is gone when an hour has shown that nobody completes it', () => {
    const emptied = { ...entry(action({ timeout: MINUTE }), 'emptied'), estimatedEnd: T0 + HOUR };
    expect(become(emptied, TIME, HOUR - 1)).toEqual(emptied);
    expect(become(emptied, TIME, HOUR)).toMatchObject({ progress: 'settled' });
    expect(become(emptied, TIME, HOUR)).not.toHaveProperty('hook');
    expect(become(entry(action({ timeout: MINUTE }), 'emptied'), TIME)).toMatchObject({ progress: 'emptied' });
    expect(become({ ...emptied, progress: 'acting' }, TIME, HOUR)).toMatchObject({ progress: 'acting' });
  });
});

describe('an end', () => {
  const changed = (end: Notice['end'], more: object = {}): RecordInput => ({
    type: 'end-changed',
    key: lasting.key,
    end,
    ...more,
  });

  it('that is changed replaces the old one; what replaced that stays while they are the same', () => {
    const estimated = { ...entry(lasting, 'acting'), estimatedEnd: T0 + HOUR + MINUTE };
    const sooner = { kind: 'fixed', at: T0 + 2 * HOUR, source: 'envelope' } as const;
    expect(become(estimated, changed(sooner))).toMatchObject({ end: sooner });
    expect(become(estimated, changed(sooner))).not.toHaveProperty('estimatedEnd');
    const same = { kind: 'fixed', at: T0 + 9 * HOUR, source: 'envelope' } as const;
    expect(become(estimated, changed(same))).toMatchObject({ end: same, estimatedEnd: T0 + HOUR + MINUTE });
  });

  it('is told with what the group does at it, where a hook waits', () => {
    expect(become(entry(lasting, 'acting'), changed(lasting.end, { defaultResult: 'ABANDON' }))).toMatchObject({
      hook: { ...lasting.hook, defaultResult: 'ABANDON' },
    });
    expect(become(entry(lasting, 'acting'), changed(lasting.end))).toEqual(entry(lasting, 'acting'));
    const { hook: _hook, ...without } = entry(lasting, 'settled');
    expect(become(without, changed(lasting.end, { defaultResult: 'ABANDON' }))).toEqual(without);
  });
});

describe('a phase', () => {
  const told = (phase: 'received' | 'drained'): RecordInput => ({ type: 'told', key: lasting.key, phase });

  it('is noted once with the entry that it is of, in the order of all', () => {
    const both = record(entry(lasting, 'acting'), entry(far('b'), 'acting'));
    const drained = after(both, told('drained'));
    expect(drained.entries.map((one) => one.told)).toEqual([['drained'], []]);
    expect(after(drained, told('received')).entries[0]?.told).toEqual(['received', 'drained']);
    expect(after(drained, told('drained')).entries[0]).toEqual(drained.entries[0]);
  });
});

describe('time', () => {
  const old = T0 - 14 * DAY;

  it('forgets what is over after two weeks, where a message of it may have come', () => {
    const over = (sources: Interruption['sources'], endedAt: number) =>
      become({ ...tombstoneOf(far('a'), endedAt), sources }, TIME, 0);
    expect(over(['sqs'], old)).toBeUndefined();
    expect(over(['labels'], old)).toBeUndefined();
    expect(over(['imds', 'sqs'], old)).toBeUndefined();
    expect(over(['imds'], old)).toBeDefined();
    expect(over(['sqs'], old + 1)).toBeDefined();
    expect(after({ ...record(), returnedAt: old }, TIME, 0)).not.toHaveProperty('returnedAt');
    expect(after({ ...record(), returnedAt: old + 1 }, TIME, 0)).toHaveProperty('returnedAt');
  });

  it('begins what is due', () => {
    const plan = entry(far('a', { decision: { lead: HOUR } }), 'waiting');
    expect(play([[8 * HOUR, TIME]], record(plan)).entries).toMatchObject([{ progress: 'acting' }]);
  });
});
