import { describe, expect, it } from 'vitest';
import { emptyRecord } from './entry.ts';
import type { Interruption } from './entry.ts';
import { RECORD_LIMITS, withinLimits } from './limits.ts';
import { tombstoneOf } from './noticed.ts';
import { action, entry, HOUR, MINUTE, rebalance, record, scheduled, spot, T0 } from './testing/notices.ts';

const MOST = RECORD_LIMITS.entries;

const fixed = (name: string, startsIn: number, progress: 'waiting' | 'acting') =>
  entry(scheduled({ eventId: name, startsIn }), progress);
const acting = (count: number): readonly Interruption[] =>
  Array.from({ length: count }, (_, index) => fixed(`acting-${index}`, HOUR, 'acting'));
const over = (name: string, after: number) => tombstoneOf(scheduled({ eventId: name, startsIn: HOUR }), T0 + after);
const open = (name: string, at: number) => entry(scheduled({ eventId: name, at }), 'acting');

/** The keys of what goes from a record. */
const gone = (...entries: readonly Interruption[]): readonly string[] => {
  const kept = new Set(withinLimits(record(...entries)).entries);
  return entries.filter((one) => !kept.has(one)).map(({ key }) => key.replace('scheduled/', ''));
};

describe('a record that is full', () => {
  it('is as it was while there is room', () => {
    const full = record(...acting(MOST));
    expect(withinLimits(full)).toBe(full);
  });

  it('loses the tombstone that ended first', () => {
    const held = [open('open', 0), ...acting(MOST - 3), fixed('waits', 9 * HOUR, 'waiting')];
    expect(gone(over('later', 2 * HOUR), over('first', HOUR), ...held)).toEqual(['first']);
    expect(gone(...held, over('first', HOUR), over('later', 2 * HOUR))).toEqual(['first']);
  });

  it('loses what has an open end where nothing is over, the oldest first', () => {
    const held = [...acting(MOST - 2), fixed('waits', 9 * HOUR, 'waiting')];
    expect(gone(open('newer', MINUTE), open('oldest', 0), ...held)).toEqual(['oldest']);
    expect(gone(...held, open('oldest', 0), open('newer', MINUTE))).toEqual(['oldest']);
  });

  it('loses what waits and ends last, for a newcomer that holds the node', () => {
    const waits = [fixed('soon', 2 * HOUR, 'waiting'), fixed('far', 9 * HOUR, 'waiting')];
    expect(gone(...waits, ...acting(MOST - 2), entry(spot(), 'acting'))).toEqual(['far']);
    expect(gone(...waits.toReversed(), ...acting(MOST - 2), entry(spot(), 'acting'))).toEqual(['far']);
    const held = { ...entry(action(), 'waiting'), key: scheduled({ eventId: 'held' }).key };
    expect(gone(held, ...waits, ...acting(MOST - 3), entry(spot(), 'acting'))).toEqual(['far']);
    expect(gone(...waits, held, ...acting(MOST - 3), entry(spot(), 'acting'))).toEqual(['far']);
    const [soon, far] = waits;
    if (soon !== undefined && far !== undefined)
      for (const order of [
        [soon, held, far],
        [far, held, soon],
      ])
        expect(gone(...order, ...acting(MOST - 3), entry(spot(), 'acting'))).toEqual(['far']);
  });

  it('has no room for a newcomer that waits itself, nor for one where all others hold the node', () => {
    expect(gone(fixed('far', 9 * HOUR, 'waiting'), ...acting(MOST - 1), fixed('new', HOUR, 'waiting'))).toEqual([
      'new',
    ]);
    expect(gone(...acting(MOST), fixed('new', HOUR, 'acting'))).toEqual(['new']);
  });

  it('loses as many as are too many', () => {
    expect(gone(over('second', 2 * HOUR), over('first', HOUR), ...acting(MOST), entry(rebalance(), 'acting'))).toEqual([
      'second',
      'first',
      'rebalance',
    ]);
  });
});

describe('entries of other versions', () => {
  const bytes = RECORD_LIMITS.recordBytes - 512 - (RECORD_LIMITS.entryBytes + 1);
  const foreign = (size: number) => ({ json: 'x'.repeat(size), holds: true });
  const kept = (...sizes: readonly number[]) =>
    withinLimits({ ...record(entry(spot(), 'acting')), foreign: sizes.map(foreign) }).foreign.map(
      ({ json }) => json.length,
    );

  it('have the room that others leave, each with its comma', () => {
    expect(kept(bytes - 1)).toEqual([bytes - 1]);
    expect(kept(bytes)).toEqual([]);
    expect(kept(100, bytes - 102)).toEqual([100, bytes - 102]);
    expect(kept(100, bytes - 101, 50)).toEqual([100, 50]);
  });

  it('are the same list while they fit', () => {
    const few = { ...emptyRecord(), foreign: [foreign(10)] };
    expect(withinLimits(few)).toBe(few);
  });
});
