import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from './sleep.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('a virtual clock', () => {
  it('rings its timers in the order of their moments, equals in that of their start', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ ms: fc.integer({ min: -3, max: 9 }), stops: fc.boolean() })),
        async (timers) => {
          const clock = new VirtualClock({ turns: 1 });
          const rang: number[] = [];
          const started = timers.map(({ ms }, index) => clock.startTimer(ms, () => rang.push(index)));
          started.forEach((timer, index) => timers[index]?.stops && timer.stop());
          await clock.advance(10);
          const expected = timers
            .map(({ ms, stops }, index) => ({ at: Math.max(0, ms), stops, index }))
            .filter(({ stops }) => !stops)
            .sort((one, other) => one.at - other.at || one.index - other.index);
          expect(rang).toEqual(expected.map(({ index }) => index));
          expect(clock.timers).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('lets hours pass in no time, for work that waits for them', async () => {
    const clock = new VirtualClock({ startMs: 1000 });
    await clock.run(sleep(clock, 3_600_000));
    expect([clock.now(), clock.monotonic()]).toEqual([3_601_000, 3_600_000]);
  });

  it('has a wall clock that can be set, and a monotonic one that cannot', () => {
    const clock = new VirtualClock({ startMs: 5000 });
    clock.setWallClock(-3000);
    expect([clock.now(), clock.monotonic()]).toEqual([2000, 0]);
  });

  it('says so when the work waits for nothing that time brings', async () => {
    const clock = new VirtualClock();
    await expect(clock.run(new Promise(() => undefined))).rejects.toThrow('no timer runs, and the work is not done');
    await expect(clock.run(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
