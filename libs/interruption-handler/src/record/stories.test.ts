import { describe, expect, it } from 'vitest';
import { overdueAt, timeLeft } from './ends.ts';
import type { NodeRecord } from './entry.ts';
import { marksOf, written } from './marks.ts';
import {
  ALL_AHEAD,
  DAY,
  EMPTY_NODE,
  HOUR,
  MINUTE,
  POD_SEEN,
  SECOND,
  T0,
  TIME,
  UNCORDONED,
  action,
  booted,
  doing,
  endsAfter,
  health,
  hookDone,
  launched,
  play,
  rebalance,
  returned,
  scheduled,
  spot,
  stopped,
  summary,
  told,
} from './testing/notices.ts';
import type { RecordInput } from './transitions.ts';

describe('a Spot interruption that stops the instance', () => {
  const heardTwice = play([
    [0, told(spot({ source: 'imds' }))],
    [1 * SECOND, told(spot({ id: 'envelope' }))],
  ]);

  it('is one interruption, whichever source told it', () => {
    expect(summary(heardTwice)).toBe('spot:acting');
    expect(heardTwice.entries[0]?.sources).toEqual(['imds', 'sqs']);
    expect(endsAfter(heardTwice)).toBe(120 * SECOND);
  });

  it('is over when the instance runs again, and a late message about the stop is history (W5)', () => {
    const back = play(
      [
        [40 * SECOND, EMPTY_NODE],
        [121 * SECOND, told(stopped({ at: 121 * SECOND }))],
        [600 * SECOND, returned(600 * SECOND)],
      ],
      heardTwice,
    );
    expect(summary(back)).toBe('spot:over state:over');
    expect(marksOf(back)).toMatchObject({ unschedulable: false, taints: [] });
    const late = told(stopped({ at: 150 * SECOND, id: 'stopped' }), launched(600 * SECOND));
    expect(play([[700 * SECOND, late]], back)).toEqual(back);
  });

  it('is believed over only with a witness: the record alone makes no fresh notice void', () => {
    const back = play([[600 * SECOND, returned(600 * SECOND)]], heardTwice);
    expect(
      summary(play([[700 * SECOND, told(spot({ at: 650 * SECOND, id: 'new', endsIn: 770 * SECOND }))]], back)),
    ).toBe('spot:acting');
    expect(summary(play([[700 * SECOND, told(spot({ at: 10 * SECOND, id: 'new' }))]], back))).toBe('spot:acting');
    expect(
      summary(play([[700 * SECOND, told(spot({ at: 10 * SECOND, id: 'new' }), launched(600 * SECOND))]], back)),
    ).toBe('spot:over');
  });

  it('is drained again when its record was forgotten and EC2 was not asked', () => {
    expect(summary(play([[700 * SECOND, told(spot(), launched(600 * SECOND))]]))).toBe('');
    expect(summary(play([[700 * SECOND, told(spot())]]))).toBe('spot:acting');
    expect(endsAfter(play([[700 * SECOND, told(spot())]]))).toBe(820 * SECOND);
  });

  it('is no mistake of AWS when its document is gone before its time', () => {
    const look: RecordInput = { type: 'listed', source: 'imds', causes: new Set(['spot']), keys: new Set() };
    expect(summary(play([[2 * SECOND, look]], heardTwice))).toBe('spot:acting');
    expect(summary(play([[130 * SECOND, look]], heardTwice))).toBe('spot:over');
  });
});

describe('an end that has passed', () => {
  it('is replaced once, by when that was first seen and the grace of the settings', () => {
    const late = play([[200 * SECOND, told(spot())]]);
    expect(endsAfter(late)).toBe(320 * SECOND);
    const copy = play(
      [
        [260 * SECOND, told(spot({ source: 'imds', id: 'other' }))],
        [400 * SECOND, TIME],
      ],
      late,
    );
    expect(endsAfter(copy)).toBe(320 * SECOND);
  });
});

describe('a drain that takes long', () => {
  it('is overdue when its time and the grace of the settings have passed', () => {
    const overdue = (record: NodeRecord) => record.entries.map((entry) => overdueAt(record, entry, 120 * SECOND) - T0);
    expect(overdue(play([[0, told(action())]]))).toEqual([120 * SECOND]);
    expect(overdue(play([[0, told(health({ startsIn: 48 * HOUR, decision: { lead: 2 * HOUR } }))]]))).toEqual([
      46 * HOUR + 120 * SECOND,
    ]);
    // Heard of late: it takes its time from then on.
    expect(overdue(play([[HOUR, told(action())]]))).toEqual([HOUR + 120 * SECOND]);
    // What is urgent has an end.
    expect(overdue(play([[0, told(spot())]]))).toEqual([Infinity]);
  });
});

describe('a lifecycle action', () => {
  const emptied = play([
    [0, told(action())],
    [30 * SECOND, EMPTY_NODE],
  ]);

  it('stands as emptied for whoever comes after a crash, who looks before the hook is completed', () => {
    expect(summary(emptied)).toBe('action:emptied');
    const again = play([[50 * SECOND, told(action())]], emptied);
    expect(again).toEqual(emptied);
    expect(doing(again)).toEqual(['look', 'complete']);
    expect(summary(play([[51 * SECOND, hookDone()]], again))).toBe('action:settled');
  });

  it('is acted on again when the look finds a pod (W1)', () => {
    expect(summary(play([[31 * SECOND, POD_SEEN]], emptied))).toBe('action:acting');
    const settled = play([[31 * SECOND, hookDone()]], emptied);
    expect(summary(play([[60 * SECOND, POD_SEEN]], settled))).toBe('action:acting');
  });

  it('is drained for itself, though a rebalance recommendation had the node drained before (W1)', () => {
    const drained = play([
      [0, told(rebalance({ source: 'sqs', decision: { action: 'drain' } }))],
      [9 * SECOND, EMPTY_NODE],
      [60 * SECOND, UNCORDONED],
    ]);
    expect(summary(drained)).toBe('rebalance:dismissed');
    const both = play([[90 * SECOND, told(action({ at: 90 * SECOND }))]], drained);
    expect(summary(both)).toBe('rebalance:dismissed action:acting');
    expect(marksOf(both).unschedulable).toBe(true);
    expect(doing(both)).toEqual(['empty']);
  });

  it('has its hook completed with the mark alone where only a cordon was asked for', () => {
    const cordoned = play([
      [0, told(action({ decision: { action: 'cordon' } }))],
      [1 * SECOND, TIME],
    ]);
    expect(summary(cordoned)).toBe('action:acting');
    expect(doing(cordoned)).toEqual(['complete']);
  });

  it('drains for another owner’s hook, and leaves the hook to them', () => {
    const theirs = action({ hook: { ours: false } });
    const record = play([
      [0, told(theirs)],
      [30 * SECOND, EMPTY_NODE],
    ]);
    expect(summary(record)).toBe('action:settled');
    expect(doing(play([[0, told(theirs)]]))).toEqual(['empty']);
  });

  it('lasts as long as heartbeats can carry it', () => {
    const until = (heartbeatUntil: number | undefined): number =>
      endsAfter(
        play([
          [0, told(action({ timeout: 1800 * SECOND, ...(heartbeatUntil === undefined ? {} : { heartbeatUntil }) }))],
        ]),
      );
    expect(until(undefined)).toBe(1800 * SECOND);
    expect(until(60 * SECOND)).toBe(1800 * SECOND);
    expect(until(4 * HOUR)).toBe(4 * HOUR);
    expect(until(100 * HOUR)).toBe(48 * HOUR);
  });

  it('goes on to drain an instance that nobody waits for any more', () => {
    const lost = play([
      [0, told(action())],
      [100 * SECOND, { type: 'hook-ended', key: action().key, how: 'gone' }],
    ]);
    expect(summary(lost)).toBe('action:acting');
    expect(endsAfter(lost)).toBe(220 * SECOND);
    expect(doing(lost)).toEqual(['empty']);
  });
});

describe('several ends', () => {
  it('are the latest of the hooks that we owe (E8)', () => {
    const two = play([
      [0, told(action({ token: 'a', timeout: 60 * SECOND }))],
      [0, told(action({ token: 'b', timeout: 1800 * SECOND }))],
    ]);
    expect(endsAfter(two)).toBe(1800 * SECOND);
  });

  it('are no later than a hook that abandons the wait for the others', () => {
    const abandons = action({ token: 'a', timeout: 60 * SECOND, hook: { defaultResult: 'ABANDON' } });
    const two = play([
      [0, told(abandons)],
      [0, told(action({ token: 'b', timeout: 1800 * SECOND }))],
    ]);
    expect(endsAfter(two)).toBe(60 * SECOND);
  });

  it('are never lengthened by another owner’s hook', () => {
    const theirs = action({ token: 'b', timeout: 1800 * SECOND, hook: { ours: false } });
    expect(
      endsAfter(
        play([
          [0, told(action({ token: 'a', timeout: 60 * SECOND }))],
          [0, told(theirs)],
        ]),
      ),
    ).toBe(60 * SECOND);
  });

  it('are the earliest of different causes, also when the first is settled already', () => {
    const settled = play([
      [0, told(spot())],
      [30 * SECOND, EMPTY_NODE],
    ]);
    const both = play([[31 * SECOND, told(action({ at: 31 * SECOND, timeout: 1800 * SECOND }))]], settled);
    expect(summary(both)).toBe('spot:settled action:acting');
    expect(endsAfter(both)).toBe(120 * SECOND);
  });

  it('hurry nobody for an instance that stays: budgets hold where one of the hooks respects them', () => {
    const respects = action({ token: 'b', timeout: 1800 * SECOND, decision: { podDeadline: 'respect' } });
    const two = play([
      [0, told(action({ token: 'a', timeout: 60 * SECOND }))],
      [0, told(respects)],
    ]);
    expect(timeLeft(two, ALL_AHEAD).hurryBefore - T0).toBe(1800 * SECOND);
    const alone = play([[0, told(respects)]]);
    expect(timeLeft(alone, ALL_AHEAD)).toMatchObject({ end: T0 + 1800 * SECOND, hurryBefore: Infinity });
  });
});

describe('a planned event', () => {
  const lead = { decision: { lead: 2 * HOUR } };

  it('waits, moves and wakes with its start, and is over with the boot it was for', () => {
    const first = play([[0, told(health({ startsIn: 48 * HOUR, ...lead }))]]);
    expect(summary(first)).toBe('health:waiting');
    expect(marksOf(first).unschedulable).toBe('as-found');
    const moved = play(
      [
        [10 * SECOND, told(health({ startsIn: 48 * HOUR, id: 'page-2', at: 10 * SECOND, ...lead }))],
        [20 * SECOND, told(health({ startsIn: 72 * HOUR, id: 'update', at: 20 * SECOND, ...lead }))],
        [46 * HOUR, TIME],
      ],
      first,
    );
    expect(summary(moved)).toBe('health:waiting');
    const acting = play([[70 * HOUR, TIME]], moved);
    expect(summary(acting)).toBe('health:acting');
    const put = play(
      [
        [
          70 * HOUR + 5 * SECOND,
          told(health({ startsIn: 90 * HOUR, id: 'update-2', at: 70 * HOUR + 5 * SECOND, ...lead })),
        ],
      ],
      acting,
    );
    expect(summary(put)).toBe('health:waiting');
    expect(marksOf(put).unschedulable).toBe(false);
    const done = play(
      [
        [88 * HOUR, TIME],
        [88 * HOUR + MINUTE, EMPTY_NODE],
      ],
      written(put),
    );
    expect(summary(done)).toBe('health:settled');
    const rebooted = play([[90 * HOUR, booted('b2', 90 * HOUR)]], done);
    expect(summary(rebooted)).toBe('health:over');
    expect(marksOf(rebooted)).toMatchObject({ unschedulable: false, labels: {} });
  });

  it('is not drained again while EC2 still lists the reboot, also by an agent that starts anew (W10)', () => {
    const over = play([
      [0, told(scheduled({ startsIn: HOUR }))],
      [100 * SECOND, EMPTY_NODE],
      [3700 * SECOND, booted('b2', 3700 * SECOND)],
    ]);
    const listed = play([[3730 * SECOND, told(scheduled({ startsIn: HOUR, at: 3730 * SECOND }))]], over);
    expect(summary(listed)).toBe('scheduled:over');
    const look: RecordInput = { type: 'listed', source: 'imds', causes: new Set(['scheduled']), keys: new Set() };
    expect(summary(play([[2 * HOUR, look]], listed))).toBe('');
  });

  it('survives an unplanned reboot ten days before its start (W11)', () => {
    const record = play([
      [0, told(health({ startsIn: 240 * HOUR }))],
      [60 * SECOND, EMPTY_NODE],
      [HOUR, booted('b2', HOUR)],
    ]);
    expect(summary(record)).toBe('health:settled');
    expect(marksOf(record).unschedulable).toBe(true);
  });

  it('is over when its reboot came while nobody looked, and it had waited', () => {
    const record = play([
      [0, told(health({ startsIn: 48 * HOUR, ...lead }))],
      [49 * HOUR, booted('b2', 49 * HOUR)],
      [49 * HOUR + SECOND, TIME],
    ]);
    expect(summary(record)).toBe('health:over');
  });

  it('is no history when it was sent while the instance slept in a warm pool (W11)', () => {
    const pool = play([
      [0, told(action({ mayReturn: true }))],
      [1000 * SECOND, returned(1000 * SECOND)],
    ]);
    const record = play(
      [[1010 * SECOND, told(health({ startsIn: 100 * HOUR, at: 500 * SECOND }), launched(1000 * SECOND))]],
      pool,
    );
    expect(summary(record)).toBe('action:over health:acting');
  });

  it('is one interruption through updates in any order, and closed for good (A18, W11)', () => {
    const first = health({ startsIn: 48 * HOUR });
    const moved = play([
      [0, told(first)],
      [10 * SECOND, told(health({ startsIn: 240 * HOUR, at: 10 * SECOND, id: 'update' }))],
      [20 * SECOND, told(first)],
    ]);
    expect(endsAfter(moved)).toBe(240 * HOUR);
    const closed = play(
      [
        [30 * SECOND, { type: 'ended', ending: { notice: first, at: T0 + 30 * SECOND } }],
        [40 * SECOND, told(first)],
      ],
      moved,
    );
    expect(summary(closed)).toBe('health:over');
  });

  it('stays closed when the message that opened it comes after the one that closed it', () => {
    const first = health({ startsIn: 48 * HOUR });
    expect(
      summary(
        play([
          [30 * SECOND, { type: 'ended', ending: { notice: first, at: T0 + 30 * SECOND } }],
          [40 * SECOND, told(first)],
        ]),
      ),
    ).toBe('health:over');
  });

  it('without a start is dismissed by hand, and begins anew once it has one', () => {
    const dismissed = play([
      [0, told(scheduled())],
      [5 * SECOND, UNCORDONED],
    ]);
    expect(summary(dismissed)).toBe('scheduled:dismissed');
    expect(summary(play([[6 * SECOND, told(scheduled({ startsIn: HOUR, at: 6 * SECOND }))]], dismissed))).toBe(
      'scheduled:acting',
    );
  });

  it('begins anew when its start is moved to later than the boot that ended it', () => {
    const over = play([
      [0, told(scheduled({ startsIn: HOUR }))],
      [HOUR, booted('b2', HOUR)],
    ]);
    expect(summary(play([[2 * HOUR, told(scheduled({ startsIn: 9 * HOUR, at: 2 * HOUR }))]], over))).toBe(
      'scheduled:acting',
    );
  });
});

describe('a rebalance recommendation', () => {
  it('is dismissed when a person uncordons; the same document changes nothing, another one begins anew', () => {
    const dismissed = play([
      [0, told(rebalance())],
      [5 * SECOND, UNCORDONED],
    ]);
    expect(summary(dismissed)).toBe('rebalance:dismissed');
    expect(marksOf(dismissed)).toMatchObject({ unschedulable: 'as-found', taints: [] });
    expect(summary(play([[6 * SECOND, told(rebalance({ at: 6 * SECOND }))]], dismissed))).toBe('rebalance:dismissed');
    expect(summary(play([[7 * DAY, told(rebalance({ at: 7 * DAY, id: 'another' }))]], dismissed))).toBe(
      'rebalance:settled',
    );
    expect(summary(play([[10 * SECOND, told(spot({ at: 10 * SECOND }))]], dismissed))).toBe(
      'rebalance:dismissed spot:acting',
    );
  });

  it('is drained if one of two receivers says so, and not less because the other reads it again', () => {
    const record = play([
      [0, told(rebalance())],
      [1 * SECOND, told(rebalance({ source: 'sqs', id: 'envelope', decision: { action: 'drain' } }))],
      [2 * SECOND, told(rebalance())],
    ]);
    expect(record.entries[0]).toMatchObject({ progress: 'acting', decision: { action: 'drain' } });
  });

  it('is over by a policy, and not begun again by the document that stays', () => {
    const undone = play([
      [0, told(rebalance())],
      [HOUR, { type: 'ended', ending: { notice: rebalance(), at: T0 + HOUR } }],
    ]);
    expect(summary(play([[HOUR + SECOND, told(rebalance({ at: HOUR + SECOND }))]], undone))).toBe('rebalance:over');
  });
});
