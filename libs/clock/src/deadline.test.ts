import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Deadline } from './deadline.ts';

describe('a deadline', () => {
  it('moves to earlier moments only, and tells who follows it', () => {
    const deadline = new Deadline(new Date(10_000));
    const listener = vi.fn();
    const unfollow = deadline.onTighten(listener);
    expect(deadline.tighten(11_000)).toBe(false);
    expect(deadline.tighten(10_000)).toBe(false);
    expect(deadline.tighten(new Date(NaN))).toBe(false);
    expect(deadline.tighten(new Date(9000))).toBe(true);
    expect(deadline.at).toEqual(new Date(9000));
    expect(listener).toHaveBeenCalledTimes(1);
    unfollow();
    deadline.tighten(8000);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('knows what is left, never less than nothing', () => {
    const deadline = Deadline.after(500, 1000);
    expect(deadline.remainingMs(1200)).toBe(300);
    expect(deadline.remainingMs(9000)).toBe(0);
    expect(Deadline.after(60_000).remainingMs()).toBeGreaterThan(0);
  });

  it('is the earliest of all that were asked for', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (first, others) => {
        const deadline = new Deadline(first);
        for (const other of others) deadline.tighten(other);
        expect(deadline.atMs).toBe(Math.min(first, ...others));
      }),
    );
  });

  it('refuses what is no date', () => {
    expect(() => new Deadline(new Date('tomorrow'))).toThrow(RangeError);
  });
});
