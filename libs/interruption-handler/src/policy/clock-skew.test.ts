import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, lifecycle, scheduled, spot, START } from '../testing/events.ts';
import { clockSkewSeconds } from './clock-skew.ts';

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
