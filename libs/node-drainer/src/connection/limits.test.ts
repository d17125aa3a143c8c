import { describe, expect, it } from 'vitest';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createGate, createRateLimit } from './limits.ts';

describe('the rate limit', () => {
  it('lets a burst through, then so many a second, in order', async () => {
    const clock = new VirtualClock({ startMs: 0 });
    const limit = createRateLimit({ qps: 10, burst: 2 }, clock);
    const times: number[] = [];
    const signal = new AbortController().signal;
    await clock.run(Promise.all([1, 2, 3, 4].map(() => limit.take(signal).then(() => times.push(clock.now())))));
    expect(times).toEqual([0, 0, 100, 200]);
    await clock.advance(60_000);
    times.length = 0;
    await clock.run(Promise.all([1, 2, 3].map(() => limit.take(signal).then(() => times.push(clock.now() - 60_200)))));
    expect(times).toEqual([0, 0, 100]);
  });

  it('goes on in its rhythm though the wall clock is set back an hour', async () => {
    const clock = new VirtualClock({ startMs: 7_200_000 });
    const limit = createRateLimit({ qps: 10, burst: 1 }, clock);
    const { signal } = new AbortController();
    await limit.take(signal);
    clock.setWallClock(-3_600_000);
    await clock.run(limit.take(signal));
    expect(clock.monotonic()).toBe(100);
  });

  it('gives back the place of a call that is cancelled', async () => {
    const clock = new VirtualClock({ startMs: 0 });
    const limit = createRateLimit({ qps: 1, burst: 1 }, clock);
    const controller = new AbortController();
    await limit.take(controller.signal);
    const waiting = limit.take(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await clock.run(limit.take(new AbortController().signal));
    expect(clock.now()).toBe(1000);
  });
});

describe('the gate', () => {
  it('lets so many in, the others in order, and forgets who gives up', async () => {
    const gate = createGate(1);
    const controller = new AbortController();
    const signal = new AbortController().signal;
    const leave = await gate.enter(signal);
    const gaveUp = gate.enter(controller.signal);
    const order: string[] = [];
    const second = gate.enter(signal).then((leaveSecond) => {
      order.push('second');
      leaveSecond();
    });
    const third = gate.enter(signal).then((leaveThird) => {
      order.push('third');
      leaveThird();
    });
    controller.abort(new Error('enough'));
    await expect(gaveUp).rejects.toThrow('enough');
    await expect(gate.enter(controller.signal)).rejects.toThrow('enough');
    leave();
    await Promise.all([second, third]);
    expect(order).toEqual(['second', 'third']);
    (await gate.enter(signal))();
  });
});
