import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Deadline } from './deadline.ts';

describe('a deadline', () => {
  it('moves to earlier moments and to later ones, and tells who follows it', () => {
    const deadline = new Deadline(new Date(10_000));
    const listener = vi.fn();
    const unfollow = deadline.onMove(listener);
    expect(deadline.moveTo(10_000)).toBe(false);
    expect(deadline.moveTo(new Date(9000))).toBe(true);
    expect(deadline.at).toEqual(new Date(9000));
    expect(deadline.moveTo(11_000)).toBe(true);
    expect(deadline.atMs).toBe(11_000);
    expect(listener).toHaveBeenCalledTimes(2);
    unfollow();
    deadline.moveTo(8000);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('may be none, at first or later', () => {
    const deadline = new Deadline(Infinity);
    expect(deadline.at).toBeUndefined();
    expect(deadline.remainingMs()).toBe(Infinity);
    expect(deadline.moveTo(Infinity)).toBe(false);
    expect(deadline.moveTo(1000)).toBe(true);
    expect(deadline.at).toEqual(new Date(1000));
    expect(deadline.moveTo(Infinity)).toBe(true);
    expect(deadline.at).toBeUndefined();
  });

  it('knows what is left, never less than nothing', () => {
    const deadline = Deadline.after(500, 1000);
    expect(deadline.remainingMs(1200)).toBe(300);
    expect(deadline.remainingMs(9000)).toBe(0);
    expect(Deadline.after(60_000).remainingMs()).toBeGreaterThan(0);
  });

  it('is where it was moved last, and has told each move', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.oneof(fc.integer(), fc.constant(Infinity))), (first, others) => {
        const deadline = new Deadline(first);
        const told: number[] = [];
        deadline.onMove(() => told.push(deadline.atMs));
        const moved = others.filter((other) => deadline.moveTo(other));
        expect(told).toEqual(moved);
        expect(deadline.atMs).toBe(others.at(-1) ?? first);
      }),
    );
  });

  it('refuses what is no date', () => {
    expect(() => new Deadline(new Date('tomorrow'))).toThrow(RangeError);
    const deadline = new Deadline(1000);
    expect(() => deadline.moveTo(new Date(NaN))).toThrow(RangeError);
    expect(deadline.atMs).toBe(1000);
  });
});
