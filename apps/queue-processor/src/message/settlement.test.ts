import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventEnd, settlementOf } from './settlement.ts';
import type { EventEnd } from './settlement.ts';

const finished: EventEnd = { status: 'finished', outcome: 'handled' };
const retry: EventEnd = { status: 'retry', outcome: 'failed', reason: 'down' };
const handedBack: EventEnd = { status: 'handed-back' };
const left: EventEnd = { status: 'left', isUnknown: true, reason: 'no node' };
const times = (receiveCount: number) => ({ receiveCount, hiddenSeconds: () => 300 });

describe('a message', () => {
  it('is deleted only when every event has come to an end', () => {
    const ends = fc.array(
      fc.constantFrom<EventEnd>(finished, { status: 'finished', outcome: 'not_managed' }, retry, left, handedBack),
    );
    fc.assert(
      fc.property(ends, fc.integer({ min: 1, max: 1000 }), (all, receiveCount) => {
        const settlement = settlementOf(all, times(receiveCount));
        expect(settlement.action).toBe(all.every(({ status }) => status === 'finished') ? 'delete' : 'return');
        if (settlement.action === 'return') expect(settlement.afterSeconds).toBeLessThanOrEqual(60);
      }),
    );
  });

  it('comes back at once when the program stops, and later and later when its work fails', () => {
    expect(settlementOf([retry, handedBack], times(9))).toMatchObject({ action: 'return', afterSeconds: 0 });
    expect([1, 2, 3, 9].map((count) => settlementOf([finished, retry], times(count)))).toMatchObject([
      { afterSeconds: 5 },
      { afterSeconds: 10 },
      { afterSeconds: 20 },
      { afterSeconds: 60 },
    ]);
  });

  it('is hidden for a while where there is no room for it, or its node was looked for in vain', () => {
    const noRoom: EventEnd = { status: 'no-room' };
    expect(settlementOf([noRoom, left], times(1))).toEqual({ action: 'return', outcome: 'no_room', afterSeconds: 300 });
    expect(settlementOf([finished, left], times(1))).toEqual({
      action: 'return',
      outcome: 'node_not_found',
      afterSeconds: 60,
    });
  });

  it('counts as handled when one of its events was', () => {
    expect(settlementOf([{ status: 'finished', outcome: 'not_managed' }, finished], times(1)).outcome).toBe('handled');
    expect(settlementOf([{ status: 'finished', outcome: 'not_managed' }], times(1)).outcome).toBe('not_managed');
    expect(settlementOf([], times(1)).outcome).toBe('not_actionable');
  });
});

describe('a result of the engine', () => {
  it('ends its event, or lets it be tried again', () => {
    expect(eventEnd({ status: 'done', action: 'drain', nodeName: 'n' }, false)).toEqual(finished);
    expect(eventEnd({ status: 'ignored', reason: '' }, false)).toMatchObject({ outcome: 'not_actionable' });
    expect(eventEnd({ status: 'cancelled', reason: '' }, false)).toMatchObject({ status: 'finished' });
    expect(eventEnd({ status: 'failed', reason: 'down' }, false)).toEqual(retry);
    expect(eventEnd({ status: 'handed-back' }, false)).toEqual(handedBack);
    expect(eventEnd({ status: 'node-not-found' }, false)).toMatchObject({ status: 'retry', outcome: 'node_not_found' });
    expect(eventEnd({ status: 'node-not-found' }, true)).toEqual({ status: 'finished', outcome: 'node_not_found' });
  });
});
