import { describe, expect, it } from 'vitest';
import { secondsTooLate } from './notice-time.ts';
import { after, lifecycle, rebalance, scheduled, spot } from './testing/steps.ts';

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
