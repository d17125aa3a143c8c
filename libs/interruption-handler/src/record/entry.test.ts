import { describe, expect, it } from 'vitest';
import { actionKey, entryOf, hasLiving, holdsNode, isEntryKey } from './entry.ts';
import { tombstoneOf } from './noticed.ts';
import { entry, rebalance, record, spot, T0 } from './testing/notices.ts';

const over = tombstoneOf(spot(), T0);

describe('a key', () => {
  it('is one of those that a node has once, or names which of many it is', () => {
    const keys = [
      'spot',
      'rebalance',
      'state',
      'target',
      'reservation',
      'scheduled/a',
      'health/a',
      'action/a',
      'label/a',
    ];
    expect(keys.filter(isEntryKey)).toEqual(keys);
    expect(['', 'scheduled', 'other', 'other/a', ' spot', 'spot\n', 'scheduled/\u0000'].filter(isEntryKey)).toEqual([]);
  });

  it('of an action without a token tells it from all others', () => {
    const of = { group: 'g', hook: 'h', instance: 'i', startedAt: T0 };
    const others = [{ group: 'x' }, { hook: 'x' }, { instance: 'x' }, { startedAt: T0 + 1 }];
    const keys = [of, ...others.map((other) => ({ ...of, ...other }))].map(actionKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(actionKey({ ...of })).toBe(keys[0]);
  });

  it('finds its entry', () => {
    const both = record(entry(spot(), 'acting'), entry(rebalance(), 'acting'));
    expect(entryOf(both, rebalance().key)).toBe(both.entries[1]);
    expect(entryOf(record(over), rebalance().key)).toBeUndefined();
  });
});

describe('an entry', () => {
  it('holds its node from the moment at which it is acted on, until it is over', () => {
    for (const progress of ['acting', 'emptied', 'settled'] as const)
      expect(holdsNode(entry(spot(), progress))).toBe(true);
    expect(holdsNode(entry(spot(), 'waiting'))).toBe(false);
    for (const progress of ['over', 'dismissed'] as const) expect(holdsNode({ ...over, progress })).toBe(false);
  });

  it('lives until it is over', () => {
    expect(hasLiving(record())).toBe(false);
    expect(hasLiving(record(over))).toBe(false);
    expect(hasLiving(record(over, entry(rebalance(), 'waiting')))).toBe(true);
  });
});
