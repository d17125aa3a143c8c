import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { backoffMs, retry } from './retry.ts';
import { VirtualClock } from './virtual-clock.ts';

const backoff = { firstMs: 100, maxMs: 1000 };
const failing = (): Promise<never> => Promise.reject(new Error('no'));

describe('a back-off', () => {
  it('doubles up to its limit, and spreads by a fifth', () => {
    expect([1, 2, 3, 4, 5, 99].map((attempt) => backoffMs(attempt, backoff, () => 0.5))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(backoffMs(1, backoff, () => 0)).toBe(80);
    expect(backoffMs(1, backoff, () => 1)).toBe(120);
  });

  it('never leaves its limits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const ms = backoffMs(attempt, backoff, () => random);
        expect(ms).toBeGreaterThanOrEqual(80);
        expect(ms).toBeLessThanOrEqual(1200);
      }),
    );
  });
});

describe('a retry', () => {
  it('tries until it works, and tells each failure that another try follows', async () => {
    const clock = new VirtualClock();
    const onRetry = vi.fn();
    const value = await clock.run(
      retry({ clock, backoff, onRetry }, (number) => (number < 4 ? failing() : Promise.resolve(number))),
    );
    expect(value).toBe(4);
    expect(onRetry.mock.calls.map(([, number]) => number as number)).toEqual([1, 2, 3]);
  });

  it.each([
    ['after so many tries', { tries: 3 }, 3],
    ['when no other try can help', { isWorthRetrying: () => false }, 1],
    ['when it had no time', { giveUpAfterMs: 0 }, 1],
  ])('ends %s with the last failure', async (_when, options, tries) => {
    const clock = new VirtualClock();
    const attempt = vi.fn(failing);
    await expect(clock.run(retry({ clock, backoff, ...options }, attempt))).rejects.toThrow('no');
    expect(attempt).toHaveBeenCalledTimes(tries);
  });

  it('tries a last time when its time is over, also when the pause would be longer', async () => {
    const clock = new VirtualClock();
    const beganMs: number[] = [];
    const attempt = (): Promise<never> => {
      beganMs.push(clock.monotonic());
      return failing();
    };
    const long = { firstMs: 1000, maxMs: 60_000 };
    await expect(clock.run(retry({ clock, backoff: long, giveUpAfterMs: 30_000 }, attempt))).rejects.toThrow('no');
    expect(beganMs.at(-1)).toBe(30_000);
    const back = (): Promise<void> => (clock.monotonic() < 59_900 ? failing() : Promise.resolve());
    await clock.run(retry({ clock, backoff: long, giveUpAfterMs: 30_000 }, back));
  });

  it('leaves alone for as long as it is asked to', async () => {
    const clock = new VirtualClock();
    const pauseMs = (): number => 60_000;
    await clock.run(retry({ clock, backoff, pauseMs }, (number) => (number < 2 ? failing() : Promise.resolve())));
    expect(clock.monotonic()).toBeGreaterThanOrEqual(60_080);
  });

  it('ends with its signal, before a try, in one and in a pause', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const reason = new Error('enough');
    const waiting = retry({ clock, backoff, signal: controller.signal }, failing);
    await clock.advance(50);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(retry({ clock, backoff, signal: controller.signal }, failing)).rejects.toBe(reason);
    expect(clock.timers).toBe(0);
  });
});
