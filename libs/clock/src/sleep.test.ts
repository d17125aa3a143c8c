import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { repeat, sleep, sleepUntil } from './sleep.ts';
import { VirtualClock } from './virtual-clock.ts';

const reason = new Error('enough');
const days = 24 * 3_600_000;

describe('sleep', () => {
  it('takes its time, and ends with the reason of its signal', async () => {
    await sleep(systemClock, 1);
    await sleep(systemClock, -5, new AbortController().signal);
    const controller = new AbortController();
    const sleeping = sleep(systemClock, 60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(sleep(systemClock, 1, controller.signal)).rejects.toBe(reason);
    await expect(sleep(systemClock, 1, AbortSignal.abort('no error'))).rejects.toThrow('This operation was aborted');
  });

  it('leaves no timer and no listener behind, whichever way it ends', async () => {
    const clock = new VirtualClock({ turns: 1 });
    const controller = new AbortController();
    for (let round = 0; round < 1000; round += 1) await clock.run(sleep(clock, 1000, controller.signal));
    const sleeping = sleep(clock, 1000, controller.signal);
    expect([clock.timers, getEventListeners(controller.signal, 'abort').length]).toEqual([1, 1]);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect([clock.timers, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0]);
  });
});

describe('sleep until a moment', () => {
  it('is over at the moment, however far away it is, and at once when it is past', async () => {
    const clock = new VirtualClock({ turns: 1 });
    const moment = new Date(clock.now() + 30 * days);
    await clock.run(sleepUntil(clock, moment));
    expect(clock.now()).toBe(moment.getTime());
    await sleepUntil(clock, clock.now() - 1);
    await sleepUntil(clock, NaN);
    expect(clock.timers).toBe(0);
  });

  it('goes by the wall clock, also when that is set meanwhile', async () => {
    const clock = new VirtualClock();
    const sleeping = sleepUntil(clock, clock.now() + days);
    await clock.advance(90_000);
    clock.setWallClock(days);
    await clock.run(sleeping);
    expect(clock.monotonic()).toBe(120_000);
  });
});

describe('repeat', () => {
  it('keeps its pace, and never begins a round before the last has ended', async () => {
    const clock = new VirtualClock();
    const began: number[] = [];
    const timer = repeat(clock, 1000, async () => {
      began.push(clock.monotonic());
      await sleep(clock, began.length === 2 ? 2500 : 100);
    });
    await clock.advance(6000);
    expect(began).toEqual([1000, 2000, 4500, 5500]);
    timer.stop();
    await clock.advance(6000);
    expect(began).toHaveLength(4);
    expect(clock.timers).toBe(0);
  });

  it('does not begin again when it is stopped in a round', async () => {
    const clock = new VirtualClock();
    const round = vi.fn(() => timer.stop());
    using timer = repeat(clock, 10, round);
    await clock.advance(100);
    expect(round).toHaveBeenCalledTimes(1);
    expect(clock.timers).toBe(0);
  });
});
