import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { eventEnd, poisonPolicy, settlementOf, settlementOfPoison } from './settlement.ts';
import type { EventEnd } from './settlement.ts';

const finished: EventEnd = { status: 'finished', outcome: 'handled' };
const retry: EventEnd = { status: 'retry', outcome: 'failed', reason: 'down' };
const handedBack: EventEnd = { status: 'handed-back' };

describe('a message', () => {
  it('is deleted only when every event has come to an end', () => {
    const ends = fc.array(
      fc.constantFrom<EventEnd>(finished, { status: 'finished', outcome: 'not_managed' }, retry, handedBack),
    );
    fc.assert(
      fc.property(ends, fc.integer({ min: 1, max: 1000 }), (all, receiveCount) => {
        const settlement = settlementOf(all, receiveCount);
        expect(settlement.action).toBe(all.every(({ status }) => status === 'finished') ? 'delete' : 'return');
        if (settlement.action === 'return') expect(settlement.afterSeconds).toBeLessThanOrEqual(60);
      }),
    );
  });

  it('comes back at once when the program stops, and later and later when its work fails', () => {
    expect(settlementOf([retry, handedBack], 9)).toMatchObject({ action: 'return', afterSeconds: 0 });
    expect([1, 2, 3, 9].map((count) => settlementOf([finished, retry], count))).toMatchObject([
      { afterSeconds: 5 },
      { afterSeconds: 10 },
      { afterSeconds: 20 },
      { afterSeconds: 60 },
    ]);
  });

  it('counts as handled when one of its events was', () => {
    expect(settlementOf([{ status: 'finished', outcome: 'not_managed' }, finished], 1).outcome).toBe('handled');
    expect(settlementOf([{ status: 'finished', outcome: 'not_managed' }], 1).outcome).toBe('not_managed');
    expect(settlementOf([], 1).outcome).toBe('not_actionable');
  });

  it('that cannot be understood goes as the policy says', () => {
    expect(settlementOfPoison('delete').action).toBe('delete');
    expect(settlementOfPoison('leave').action).toBe('leave');
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

describe('a body that cannot be understood', () => {
  it('is left where the queue moves such messages away, and asked for once', async () => {
    const hasRedrivePolicy = vi.fn(() => Promise.resolve(true));
    const policy = poisonPolicy(undefined, { hasRedrivePolicy });
    expect([await policy(), await policy()]).toEqual(['leave', 'leave']);
    expect(hasRedrivePolicy).toHaveBeenCalledTimes(1);
    expect(await poisonPolicy(undefined, { hasRedrivePolicy: () => Promise.resolve(false) })()).toBe('delete');
  });

  it('is left when that cannot be found out, and asked for again; a setting asks for nothing', async () => {
    const hasRedrivePolicy = vi.fn(() => Promise.reject(new Error('AccessDenied')));
    const policy = poisonPolicy(undefined, { hasRedrivePolicy });
    expect([await policy(), await policy()]).toEqual(['leave', 'leave']);
    expect(hasRedrivePolicy).toHaveBeenCalledTimes(2);
    expect(await poisonPolicy('delete', { hasRedrivePolicy })()).toBe('delete');
    expect(hasRedrivePolicy).toHaveBeenCalledTimes(2);
  });
});
