import { describe, expect, it } from 'vitest';
import { keptText } from '@node-termination-handler/event-parsers';
import { labelKey, singleKey } from './entry.ts';
import type { Interruption, LiveEntry, NodeRecord, Notice } from './entry.ts';
import { isVoid, noticed, tombstoneOf } from './noticed.ts';
import { action, entry, HOUR, MINUTE, rebalance, record, scheduled, SECOND, spot, T0 } from './testing/notices.ts';

const NO_WITNESS = { sawItEnd: false };
const SAW = { sawItEnd: true };
const plan = (more: Parameters<typeof scheduled>[0] = {}) => scheduled({ eventId: 'a', startsIn: 9 * HOUR, ...more });
const lead = (ms: number) => ({ decision: { lead: ms } });

/** What becomes of one entry when a notice of it comes. */
const heard = (old: Interruption, notice: Notice, now = T0): Interruption | undefined =>
  noticed(record(old), notice, NO_WITNESS, now).entries[0];

describe('a notice that changes nothing', () => {
  it('is of a plan whose start a boot, or a launch, has seen', () => {
    const start = T0 + 9 * HOUR;
    expect(isVoid(record(), plan(), { bootAt: start, sawItEnd: false })).toBe(true);
    expect(isVoid(record(), plan(), { launchedAt: start, sawItEnd: false })).toBe(true);
    expect(isVoid(record(), plan(), { bootAt: start - 1, sawItEnd: false })).toBe(false);
    expect(isVoid(record(), scheduled(), { bootAt: start, sawItEnd: false })).toBe(false);
  });

  it('is of a stop before a return that the record knows, and that a witness bears out', () => {
    const back: NodeRecord = { ...record(), returnedAt: T0 + MINUTE };
    expect(isVoid(back, spot(), SAW)).toBe(true);
    expect(isVoid(back, spot(), NO_WITNESS)).toBe(false);
    expect(isVoid({ ...back, returnedAt: T0 }, spot(), SAW)).toBe(false);
    expect(isVoid(back, action(), SAW)).toBe(false);
  });
});

describe('what is over', () => {
  const over = (notice: Notice, endedAt = T0 + HOUR) => record(tombstoneOf(notice, endedAt));
  const beginsAnew = (old: NodeRecord, notice: Notice) => !isVoid(old, notice, SAW);

  it('has its one source, and has told nothing', () => {
    expect(tombstoneOf(spot(), T0)).toMatchObject({ sources: ['sqs'], told: [], progress: 'over', endedAt: T0 });
  });

  it('begins anew with another start after its end, and not with the same one', () => {
    const later = { at: 2 * HOUR };
    expect(beginsAnew(over(plan()), plan({ ...later, startsIn: 10 * HOUR }))).toBe(true);
    expect(beginsAnew(over(plan()), plan(later))).toBe(false);
    expect(beginsAnew(over(plan()), plan({ ...later, id: 'other' }))).toBe(true);
    expect(beginsAnew(over(plan()), plan({ startsIn: 10 * HOUR }))).toBe(false);
    expect(beginsAnew(over(plan({ startsIn: HOUR })), plan({ ...later, id: 'other', startsIn: HOUR }))).toBe(false);
    const { end } = scheduled();
    expect(beginsAnew(over({ ...plan(), end }), { ...plan(later), end })).toBe(false);
    expect(beginsAnew(over(plan()), { ...plan(later), end })).toBe(false);
    expect(beginsAnew(over(rebalance()), rebalance(later))).toBe(false);
    // A recommendation has no plan of its own: a moment in its end says nothing.
    const moved = { kind: 'fixed', at: T0 + 9 * HOUR, source: 'envelope' } as const;
    expect(beginsAnew(over({ ...rebalance(), end: { ...moved, at: T0 } }), { ...rebalance(later), end: moved })).toBe(
      false,
    );
    expect(beginsAnew(over({ ...rebalance(), end: moved }), rebalance({ ...later, id: 'b' }))).toBe(true);
    expect(
      beginsAnew(over({ ...rebalance(), end: moved }, T0 + 10 * HOUR), {
        ...rebalance({ at: 11 * HOUR, id: 'b' }),
        end: moved,
      }),
    ).toBe(true);
  });

  it('begins anew when its end is no longer open, told at the same moment or later', () => {
    const open = over({ ...plan({ at: MINUTE }), end: scheduled().end });
    expect(beginsAnew(open, plan({ at: MINUTE }))).toBe(true);
    expect(beginsAnew(open, plan({ at: MINUTE - 1 }))).toBe(false);
    expect(beginsAnew(over(plan({ at: MINUTE })), plan({ at: MINUTE }))).toBe(false);
  });

  it('begins anew, of a label or a target state, by its moment alone', () => {
    const target: Notice = { ...rebalance(), key: singleKey('target'), end: { kind: 'open', why: 'target-state' } };
    const label: Notice = { ...target, key: labelKey('a') };
    for (const notice of [target, label]) {
      expect(beginsAnew(over(notice), { ...notice, noticedAt: T0 + 2 * HOUR })).toBe(true);
      expect(beginsAnew(over(notice), { ...notice, id: keptText('other'), noticedAt: T0 })).toBe(false);
    }
  });

  it('that stands under a label takes the key and the id of what tells of it again', () => {
    const label = tombstoneOf({ ...plan(), key: labelKey('a'), id: keptText('old'), source: 'labels' }, T0 + 10 * HOUR);
    expect(heard(label, plan())).toMatchObject({ key: plan().key, id: 'a', sources: ['labels', 'imds'] });
    expect(heard({ ...label, key: plan().key }, plan())).toMatchObject({ id: 'old' });
  });
});

describe('a notice that comes again', () => {
  it('tells of a hook what could not be read before, and takes back nothing that was', () => {
    const unread: Notice = {
      ...action({ hook: { defaultResult: 'ABANDON' } }),
      end: { kind: 'open', why: 'timeout-unreadable' },
    };
    expect(heard(entry(unread, 'acting'), action())).toMatchObject({
      end: action().end,
      hook: { defaultResult: 'CONTINUE' },
      progress: 'acting',
    });
    expect(heard(entry(action(), 'acting'), unread)).toMatchObject({
      end: action().end,
      hook: { defaultResult: 'CONTINUE' },
    });
    // What heartbeats, or their failure, have made of an end is newer than what its message tells again.
    expect(heard(entry(action({ timeout: 200 * SECOND }), 'acting'), action())).toMatchObject({
      end: action({ timeout: 200 * SECOND }).end,
    });
  });

  const waits = (more: Parameters<typeof plan>[0] = {}): LiveEntry =>
    entry(plan({ ...lead(HOUR), ...more }), 'waiting');

  it('decides anew where the first receiver was the same program, and else only more or sooner', () => {
    const again = { at: MINUTE, id: 'b' };
    const less = { decision: { action: 'cordon', lead: MINUTE } } as const;
    expect(heard(waits(), plan({ ...again, ...less }))).toMatchObject({ decision: less.decision });
    expect(heard(waits(), plan({ ...again, ...less, source: 'sqs' }))).toMatchObject({
      decision: { action: 'drain', lead: HOUR },
    });
    expect(heard(waits({ source: 'sqs' }), plan({ ...again, ...less, source: 'ec2' }))).toMatchObject(less);
    expect(heard(waits({ source: 'sqs' }), plan({ ...again, ...less }))).toMatchObject({
      decision: { action: 'drain', lead: HOUR },
    });
    expect(heard(waits(), plan({ ...again, ...lead(2 * HOUR), source: 'sqs' }))).toMatchObject({
      decision: { lead: 2 * HOUR },
    });
  });

  it('begins a drain where there was a mark alone, once its time has come', () => {
    const marks = { decision: { action: 'cordon', lead: HOUR } } as const;
    const drains = plan({ ...lead(HOUR), at: MINUTE, id: 'b', source: 'sqs' });
    expect(heard(waits(marks), drains)).toMatchObject({ progress: 'waiting', decision: { action: 'drain' } });
    expect(heard({ ...waits(marks), progress: 'settled' }, drains)).toMatchObject({ progress: 'acting' });
  });

  it('puts off what has not been done, past its lead time', () => {
    const acting = entry(plan({ ...lead(HOUR), startsIn: HOUR }), 'acting');
    const moved = (startsIn: number) =>
      heard(acting, plan({ ...lead(HOUR), startsIn, at: MINUTE, id: 'b' }), T0 + HOUR);
    expect(moved(3 * HOUR)?.progress).toBe('waiting');
    expect(moved(2 * HOUR)?.progress).toBe('acting');
    expect(moved(2 * HOUR - SECOND)?.progress).toBe('acting');
  });

  it('keeps the hook that it does not name, and takes the one that it does', () => {
    const { hook, ...without } = action({ at: MINUTE, id: 'b', hook: { ours: false } });
    const old = entry(action(), 'acting');
    expect(heard(old, without)).toMatchObject({ id: 'b', hook: action().hook });
    expect(heard(old, { ...without, ...(hook && { hook }) })).toMatchObject({ hook: { ours: false } });
    expect(heard(entry(rebalance(), 'settled'), rebalance({ at: MINUTE, id: 'b' }))).not.toHaveProperty('hook');
  });
});
