import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { systemClock } from '@node-termination-handler/clock';
import { createSchedule } from './schedule.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const noFault = (error: unknown) => {
  throw error;
};

/** A task that notes when it was started. */
function noting(intervalMs: number | (() => number), poll: () => Promise<boolean> = () => Promise.resolve(true)) {
  const startsMs: number[] = [];
  const originMs = performance.now();
  return {
    startsMs,
    intervalMs,
    poll() {
      startsMs.push(Math.round(performance.now() - originMs));
      return poll();
    },
  };
}

describe('createSchedule', () => {
  it('starts each task at once and then at its own pace', async () => {
    const quick = noting(500);
    const slow = noting(2_000);
    const schedule = createSchedule(systemClock, [quick, slow], noFault);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(quick.startsMs).toEqual([0, 500, 1_000, 1_500, 2_000]);
    expect(slow.startsMs).toEqual([0, 2_000]);
    schedule.stop();
  });

  it('starts together what is due together, with one timer', async () => {
    const tasks = [noting(500), noting(510), noting(1_000)];
    const schedule = createSchedule(systemClock, tasks, noFault);
    await vi.advanceTimersByTimeAsync(500);
    expect(tasks.map(({ startsMs }) => startsMs)).toEqual([[0, 500], [0, 500], [0]]);
    expect(vi.getTimerCount()).toBe(1);
    schedule.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks for the pace after each poll', async () => {
    let intervalMs = 1_000;
    const task = noting(() => intervalMs);
    const schedule = createSchedule(systemClock, [task], noFault);
    await vi.advanceTimersByTimeAsync(1_000);
    intervalMs = 250;
    await vi.advanceTimersByTimeAsync(1_600);
    expect(task.startsMs).toEqual([0, 1_000, 2_000, 2_250, 2_500]);
    schedule.stop();
  });

  it('does not hurry a task that takes as long as its interval, and starts none twice at a time', async () => {
    const task = noting(500, () => new Promise((resolve) => setTimeout(() => resolve(true), 1_000)));
    const schedule = createSchedule(systemClock, [task], noFault);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(task.startsMs).toEqual([0, 1_250, 2_500]);
    schedule.stop();
  });

  it('lets a task that never ends hold up no other', async () => {
    const task = noting(500);
    const schedule = createSchedule(systemClock, [noting(500, () => new Promise(() => undefined)), task], noFault);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(task.startsMs).toEqual([0, 500, 1_000]);
    schedule.stop();
  });

  it('backs off with jitter while a task fails, up to five seconds, and returns to its pace', async () => {
    let good = false;
    const task = noting(500, () => Promise.resolve(good));
    const schedule = createSchedule(systemClock, [task], noFault);
    await vi.advanceTimersByTimeAsync(60_000);
    const pauses = task.startsMs.slice(1).map((startMs, index) => startMs - task.startsMs[index]!);
    for (const [index, pause] of pauses.entries()) {
      const longest = Math.min(500 * 2 ** (index + 1), 5_000);
      expect(pause).toBeGreaterThanOrEqual(longest / 2 - 1);
      expect(pause).toBeLessThanOrEqual(longest + 1);
    }
    expect(new Set(pauses).size).toBeGreaterThan(5);
    good = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(task.startsMs.at(-1)! - task.startsMs.at(-2)!).toBe(500);
    schedule.stop();
  });

  it('backs off no more often than a long interval says', async () => {
    const task = noting(20_000, () => Promise.resolve(false));
    const schedule = createSchedule(systemClock, [task], noFault);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(task.startsMs.length).toBeGreaterThanOrEqual(3);
    expect(task.startsMs.length).toBeLessThanOrEqual(7);
    schedule.stop();
  });

  it('starts nothing after it was stopped', async () => {
    let finish: ((good: boolean) => void) | undefined;
    const task = noting(500, () => new Promise((resolve) => (finish = resolve)));
    const schedule = createSchedule(systemClock, [task], noFault);
    schedule.stop();
    finish?.(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(task.startsMs).toEqual([0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops at a fault and tells of it once', async () => {
    const faults: unknown[] = [];
    const error = new Error('fault');
    const task = noting(500);
    createSchedule(systemClock, [noting(500, () => Promise.reject(error)), task], (fault) => faults.push(fault));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(faults).toEqual([error]);
    expect(task.startsMs).toEqual([0]);
  });

  it('takes an interval of nothing for a millisecond', async () => {
    const task = noting(0);
    const schedule = createSchedule(systemClock, [task], noFault);
    await vi.advanceTimersByTimeAsync(3);
    expect(task.startsMs.length).toBeLessThanOrEqual(4);
    schedule.stop();
  });
});
