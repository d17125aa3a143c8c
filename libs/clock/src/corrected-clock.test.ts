import { describe, expect, it, vi } from 'vitest';
import { CorrectedClock } from './corrected-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

const HOUR = 3_600_000;

/** A machine whose clock is so far ahead of the service's, and the service's own clock. */
function setUp(machineAheadMs: number, rate = 1) {
  const service = new VirtualClock({ startMs: Date.parse('2026-01-02T03:04:05.400Z') });
  const machine = new VirtualClock({ startMs: service.now() + machineAheadMs });
  const clock = new CorrectedClock(machine);
  const pass = async (ms: number): Promise<void> => {
    await Promise.all([service.advance(ms), machine.advance(ms * rate)]);
  };
  /** The service answers: after `beforeMs` it says what time it is, and after `afterMs` more the answer is here. */
  const answer = async (beforeMs = 0, afterMs = 0): Promise<void> => {
    const askedAtMs = clock.monotonic();
    await pass(beforeMs);
    const date = new Date(service.now()).toUTCString();
    await pass(afterMs);
    clock.answered(date, askedAtMs);
  };
  return { answer, clock, machine, pass, off: () => clock.now() - service.now() };
}

describe('a clock that is put right by answers', () => {
  it('is the machine’s before any answer, and where the answers do not contradict it', async () => {
    for (const ahead of [0, 1_500, -1_500]) {
      const { answer, off, pass } = setUp(ahead);
      expect(off()).toBe(ahead);
      for (let n = 0; n < 20; n += 1) {
        await answer(10, 10);
        await pass(730);
      }
      expect(off()).toBe(ahead);
    }
  });

  it.each([HOUR, -HOUR, 10_000, -10_000])(
    'is the service’s within a second where it is off by %s ms',
    async (ahead) => {
      const { answer, off, pass } = setUp(ahead);
      await answer(10, 10);
      expect(Math.abs(off())).toBeLessThanOrEqual(1_020);
      for (let n = 0; n < 20; n += 1) {
        await pass(730);
        await answer(10, 10);
      }
      expect(Math.abs(off())).toBeLessThan(200);
      await pass(HOUR);
      expect(Math.abs(off())).toBeLessThan(200);
    },
  );

  it.each([0.998, 1.002])('stays the service’s though the machine’s clock runs %s times as fast', async (rate) => {
    const { answer, off, pass } = setUp(44_000, rate);
    const worst: number[] = [];
    for (let n = 0; n < 200; n += 1) {
      for (const [beforeMs, afterMs] of [
        [10, 10],
        [10, 10],
        [19_000, 10],
        [19_000, 10],
      ] as const) {
        await answer(beforeMs, afterMs);
        worst.push(Math.abs(off()));
        await pass(730);
      }
    }
    expect(Math.max(...worst)).toBeLessThanOrEqual(1_100);
  });

  it.each([
    ['before it says what time it is', 20_000, 0],
    ['on the way', 0, 20_000],
  ])('is put right by no more than an answer proves that took long %s', async (_where, beforeMs, afterMs) => {
    const right = setUp(0);
    await right.answer(beforeMs, afterMs);
    expect(right.off()).toBe(0);
    const wrong = setUp(HOUR);
    await wrong.answer(beforeMs, afterMs);
    expect(wrong.off()).toBeGreaterThan(-1_000);
    expect(wrong.off()).toBeLessThanOrEqual(21_000);
    await wrong.answer(10, 10);
    expect(Math.abs(wrong.off())).toBeLessThanOrEqual(1_020);
  });

  it('gives whole milliseconds, though the monotonic clock has parts of them', () => {
    let monotonicMs = 12_345.6;
    const machine = {
      now: () => Date.parse('2026-01-02T05:04:05.400Z'),
      monotonic: () => monotonicMs,
      startTimer: () => {
        throw new Error('no timer is needed');
      },
    };
    const clock = new CorrectedClock(machine);
    clock.answered('Fri, 02 Jan 2026 03:04:05 GMT', monotonicMs);
    monotonicMs += 10.3;
    expect(clock.now()).toBe(Date.parse('2026-01-02T03:04:06.010Z'));
  });

  it('does not jump when the machine’s clock is set', async () => {
    const { answer, machine, off, pass } = setUp(0);
    await answer(10, 10);
    machine.setWallClock(HOUR);
    expect(Math.abs(off())).toBeLessThanOrEqual(1_020);
    machine.setWallClock(-HOUR);
    await pass(1_000);
    expect(off()).toBe(0);
  });

  it('believes an answer that cannot be reconciled with those before when the machine’s clock bears it out', async () => {
    const { answer, clock, off } = setUp(0);
    clock.answered('Fri, 02 Jan 2026 09:00:00 GMT', clock.monotonic());
    expect(off()).toBeGreaterThan(5 * HOUR);
    await answer(10, 10);
    expect(off()).toBe(0);
  });

  it.each([0, HOUR])(
    'otherwise it believes it when the next one does, the machine being off by %s ms',
    async (ahead) => {
      const { answer, clock, off } = setUp(ahead);
      const proxy = () => clock.answered('Sat, 03 Jan 2026 03:04:05 GMT', clock.monotonic());
      await answer(10, 10);
      for (let n = 0; n < 3; n += 1) {
        proxy();
        expect(Math.abs(off())).toBeLessThanOrEqual(1_020);
        await answer(10, 10);
      }
      proxy();
      proxy();
      expect(off()).toBeGreaterThan(23 * HOUR);
    },
  );

  it.each([undefined, '', 'yesterday'])('learns nothing from the date %j', (date) => {
    const { clock, off } = setUp(HOUR);
    clock.answered(date, clock.monotonic());
    expect(off()).toBe(HOUR);
  });

  it('measures and wakes as the machine’s does', async () => {
    const { clock, machine } = setUp(0);
    const rang = vi.fn();
    const stopped = vi.fn();
    clock.startTimer(1_000, rang);
    clock.startTimer(1_000, stopped).stop();
    await machine.advance(1_000);
    expect([rang.mock.calls.length, stopped.mock.calls.length, clock.monotonic()]).toEqual([1, 0, 1_000]);
  });
});
