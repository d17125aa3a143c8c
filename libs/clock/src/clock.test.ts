import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

describe('the system clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells the time, and how time passes', () => {
    expect(systemClock.now()).toBeGreaterThan(Date.parse('2026-01-01'));
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });

  it('rings once, never at once, also after no time at all', () => {
    vi.useFakeTimers();
    const onRing = vi.fn();
    systemClock.startTimer(-5, onRing);
    expect(onRing).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(onRing).toHaveBeenCalledTimes(1);
  });

  it('waits longer than a timer of Node can, where one would ring at once', () => {
    vi.useFakeTimers();
    const onRing = vi.fn();
    const days = 24 * 3_600_000;
    using _timer = systemClock.startTimer(60 * days, onRing);
    vi.advanceTimersByTime(60 * days - 1);
    expect(onRing).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onRing).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops a timer in any of its slices, also twice', () => {
    vi.useFakeTimers();
    const onRing = vi.fn();
    const timer = systemClock.startTimer(2 ** 31 + 1000, onRing);
    vi.advanceTimersByTime(2 ** 31);
    timer.stop();
    timer.stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5000);
    expect(onRing).not.toHaveBeenCalled();
  });

  it('keeps no process alive for a timer that need not ring', () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    using _timer = systemClock.startTimer(60_000, () => undefined, { keepsProcessAlive: false });
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(before);
  });
});
