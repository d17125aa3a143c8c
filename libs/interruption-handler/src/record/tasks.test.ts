import { describe, expect, it } from 'vitest';
import { owesHook } from './entry.ts';
import type { NodeRecord, Notice } from './entry.ts';
import { mayComplete, messageMayGo, tasksOf } from './tasks.ts';
import { action, entry, HOUR, MINUTE, record, scheduled, spot, T0 } from './testing/notices.ts';
import { tombstoneOf } from './noticed.ts';

const NO_WITNESS = { sawItEnd: false };
const cordon = { action: 'cordon' } as const;

/** What there is to do, by default for one whose turn it is, with no message in hand. */
function tasks(
  of: NodeRecord,
  {
    isOurTurn = true,
    inHand = [],
    lookedAt = [],
  }: { isOurTurn?: boolean; inHand?: Notice[]; lookedAt?: Notice[] } = {},
) {
  const keys = (notices: readonly Notice[]) => new Set(notices.map(({ key }) => key));
  return tasksOf(of, { isOurTurn, inHand: keys(inHand), lookedAt: keys(lookedAt) });
}

describe('what is to be done', () => {
  const [itn, plan, hooked] = [spot(), scheduled({ startsIn: 5 * HOUR, decision: { lead: HOUR } }), action()];

  it('is nothing for a record that waits for nothing, and for one that says nothing', () => {
    expect(tasks(record(tombstoneOf(itn, T0)))).toEqual([]);
    expect(tasks(record())).toEqual([]);
  });

  it('is to wait for the first of those whose time has not come, whosever turn it is', () => {
    const later = scheduled({ eventId: 'later', startsIn: 9 * HOUR, decision: { lead: HOUR } });
    const waiting = record(entry(later, 'waiting'), entry(plan, 'waiting'));
    for (const isOurTurn of [true, false])
      expect(tasks(waiting, { isOurTurn })).toEqual([{ do: 'wait', until: T0 + 4 * HOUR }]);
  });

  it('is to empty the node for the drains that are due, by whose turn it is', () => {
    const due = record(
      entry(itn, 'acting'),
      entry(scheduled({ eventId: 'cordons', decision: cordon }), 'acting'),
      entry(hooked, 'acting'),
      entry(plan, 'waiting'),
    );
    const wait = { do: 'wait', until: T0 + 4 * HOUR };
    expect(tasks(due)).toEqual([{ do: 'empty', keys: [itn.key, hooked.key] }, wait]);
    expect(tasks(due, { isOurTurn: false })).toEqual([wait]);
  });

  it('is to look again where the record says that no pod is left, and this process has not looked itself', () => {
    const noted = record(entry(itn, 'settled'), entry(hooked, 'emptied'));
    expect(tasks(noted)).toEqual([{ do: 'look', keys: [itn.key, hooked.key] }]);
    expect(tasks(noted, { lookedAt: [itn] })).toEqual([{ do: 'look', keys: [hooked.key] }]);
    expect(tasks(noted, { lookedAt: [itn, hooked] })).toEqual([]);
    expect(tasks(noted, { isOurTurn: false })).toEqual([]);
  });

  it('is to complete the hooks of messages in hand, whosever turn it is', () => {
    const other = { isOurTurn: false, inHand: [hooked] };
    expect(tasks(record(entry(hooked, 'acting')), other)).toEqual([]);
    const look = { do: 'complete', key: hooked.key, after: 'look' };
    expect(tasks(record(entry(hooked, 'emptied')), other)).toEqual([look]);
    const marked = action({ decision: cordon });
    for (const progress of ['acting', 'emptied'] as const)
      expect(tasks(record(entry(marked, progress)), other)).toEqual([
        { do: 'complete', key: hooked.key, after: 'mark' },
      ]);
    expect(tasks(record(entry(hooked, 'emptied')), { isOurTurn: false })).toEqual([]);
    expect(tasks(record(entry(hooked, 'settled')), other)).toEqual([]);
    expect(tasks(record(entry(marked, 'settled')), other)).toEqual([]);
    expect(tasks(record(entry(action({ hook: { ours: false } }), 'emptied')), other)).toEqual([]);
  });
});

describe('a hook', () => {
  const nothingLeft = { mustGo: 0, left: 0 };

  it('may be completed after a drain on an own look alone that found nothing', () => {
    const emptied = entry(action(), 'emptied');
    expect(owesHook(emptied)).toBe(true);
    const looks = [nothingLeft, undefined, { mustGo: 1, left: 0 }, { mustGo: 0, left: 1 }];
    expect(looks.map((look) => mayComplete(emptied, look))).toEqual([true, false, false, false]);
  });

  it('may be completed with the mark where only a cordon was asked for', () => {
    const marked = entry(action({ decision: cordon }), 'acting');
    expect([undefined, { mustGo: 3, left: 1 }].map((look) => mayComplete(marked, look))).toEqual([true, true]);
  });

  it('may not be completed by who does not owe it', () => {
    const theirs = entry(action({ hook: { ours: false }, decision: cordon }), 'acting');
    expect(mayComplete(theirs, nothingLeft)).toBe(false);
  });
});

describe('a message', () => {
  const mayGo = (of: NodeRecord, notice: Notice, now = T0) => messageMayGo(of, notice, NO_WITNESS, now);
  const [itn, hooked] = [spot(), action()];

  it('stays while the record has nothing of it', () => {
    expect(mayGo(record(), itn)).toBe(false);
    expect(mayGo(record(entry(hooked, 'settled')), itn)).toBe(false);
  });

  it('goes when what it tells of is over, and stays when it tells of it anew', () => {
    const closed = scheduled({ startsIn: 2 * MINUTE });
    const over = record(tombstoneOf(closed, T0));
    expect(mayGo(over, closed)).toBe(true);
    expect(mayGo(over, scheduled({ startsIn: 5 * MINUTE, at: MINUTE }))).toBe(false);
  });

  it('goes when nothing is left to do', () => {
    for (const notice of [itn, hooked]) expect(mayGo(record(entry(notice, 'settled')), notice)).toBe(true);
  });

  it('of a hook stays until that waits no longer, however far its end is', () => {
    const far = action({ timeout: 9 * HOUR });
    for (const progress of ['waiting', 'acting', 'emptied'] as const)
      expect(mayGo(record(entry(far, progress)), far)).toBe(false);
  });

  it('goes when its end is more than an hour away, as the record carries the wait', () => {
    const plan = scheduled({ startsIn: 3 * HOUR });
    const held = record(entry(plan, 'waiting'));
    expect([2 * HOUR - 1, 2 * HOUR, 2 * HOUR + 1].map((later) => mayGo(held, plan, T0 + later))).toEqual([
      true,
      false,
      false,
    ]);
    const open = scheduled();
    expect(mayGo(record(entry(open, 'acting')), open)).toBe(true);
  });
});
