import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockSkewSeconds, secondsTooLate } from './notice-time.ts';
import { after, lifecycle, rebalance, scheduled, spot, START } from './testing/steps.ts';

describe('the skew of a clock', () => {
  it('is seen when a notice was given in the future', () => {
    expect(clockSkewSeconds(lifecycle('l'), after(-60))).toBe(60);
    expect(clockSkewSeconds(lifecycle('l'), START)).toBeUndefined();
  });

  it('is seen when a Spot Instance goes later than two minutes from now', () => {
    const event = { ...spot('s', { inSeconds: 150 }), noticedAt: START };
    expect(clockSkewSeconds(event, START)).toBe(30);
    expect(clockSkewSeconds(spot('s'), START)).toBeUndefined();
  });

  it('is nothing that an event planned for later shows, nor one that is late', () => {
    expect(clockSkewSeconds(scheduled('e'), START)).toBeUndefined();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seconds) => {
        expect(clockSkewSeconds(spot('s'), after(seconds))).toBeUndefined();
      }),
    );
  });
});

describe('a notice', () => {
  it('is too late after the moment at which its instance was to be gone, where it says one', () => {
    const late = (event: Parameters<typeof secondsTooLate>[0]['event'], seconds: number) =>
      secondsTooLate({ event, at: after(seconds) });
    expect([late(spot('s'), 119), late(spot('s'), 150)]).toEqual([undefined, 30]);
    expect(late(scheduled('e'), 3_700)).toBe(100);
    for (const open of [
      rebalance('r'),
      lifecycle('l'),
      { ...spot('h', { inSeconds: 0 }), action: 'hibernate' as const },
    ])
      expect(late(open, 10_000)).toBeUndefined();
  });
});
