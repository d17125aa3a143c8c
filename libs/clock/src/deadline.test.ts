import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Deadline, sleepUntilOrMoved } from './deadline.ts';
import { VirtualClock } from './virtual-clock.ts';

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

describe('a wait that rests on a deadline', () => {
  it('ends at its moment, when the deadline moves, and with its signal; one that never comes has no timer', async () => {
    const clock = new VirtualClock({ startMs: 0 });
    const deadline = new Deadline(Infinity);
    const stop = new AbortController();
    const ended: string[] = [];
    const wait = (name: string, moment: number) =>
      void sleepUntilOrMoved(clock, deadline, moment, stop.signal).then(
        () => ended.push(name),
        (error: unknown) => ended.push(`${name}: ${String(error)}`),
      );
    wait('soon', 1000);
    wait('never', Infinity);
    expect(clock.timers).toBe(1);
    await clock.advance(1000);
    expect([ended, clock.timers]).toEqual([['soon'], 0]);
    deadline.moveTo(5000);
    await clock.advance(0);
    expect(ended).toEqual(['soon', 'never']);
    wait('stopped', 9000);
    stop.abort(new Error('stop'));
    await clock.advance(0);
    expect([ended.at(-1), clock.timers]).toEqual(['stopped: Error: stop', 0]);
    deadline.moveTo(6000);
  });
});
