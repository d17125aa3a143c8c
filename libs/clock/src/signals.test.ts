import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';
import {
  abortable,
  abortReason,
  linkSignals,
  listenersOn,
  onAbort,
  timeLimit,
  TimeLimitError,
  withTimeLimit,
} from './signals.ts';
import { VirtualClock } from './virtual-clock.ts';

const forever = new Promise<never>(() => undefined);
const reason = new Error('enough');
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('listening to a signal', () => {
  it('ends when it is disposed, and happens at once on a signal that has aborted', () => {
    const controller = new AbortController();
    const heard = vi.fn();
    {
      using _listener = onAbort(controller.signal, heard);
      expect(listeners(controller.signal)).toBe(1);
    }
    expect(listeners(controller.signal)).toBe(0);
    controller.abort();
    expect(heard).not.toHaveBeenCalled();
    using _late = onAbort(controller.signal, heard);
    using _none = onAbort(undefined, heard);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('costs the signal one listener, however many listen, and each of them hears or leaves for itself', () => {
    const controller = new AbortController();
    const heard: number[] = [];
    const all = Array.from({ length: 1000 }, (_, index) => onAbort(controller.signal, () => void heard.push(index)));
    expect([listeners(controller.signal), listenersOn(controller.signal)]).toEqual([1, 1000]);
    all.forEach((listener, index) => index % 2 === 0 && listener[Symbol.dispose]());
    all[0]![Symbol.dispose]();
    expect(listenersOn(controller.signal)).toBe(500);
    using _takesAnotherOff = onAbort(controller.signal, () => late[Symbol.dispose]());
    const late = onAbort(controller.signal, () => void heard.push(-1));
    controller.abort();
    expect(heard).toEqual(Array.from({ length: 500 }, (_, index) => 2 * index + 1));
    expect([listeners(controller.signal), listenersOn(controller.signal)]).toEqual([0, 0]);
  });

  it('has an error for a reason, whatever it was aborted with', () => {
    expect(abortReason(AbortSignal.abort(reason))).toBe(reason);
    expect(abortReason(AbortSignal.abort('why'))).toMatchObject({ name: 'AbortError' });
  });
});

describe('an abortable promise', () => {
  it('gives its value, its error or the signal’s reason, and leaves no listener behind', async () => {
    const controller = new AbortController();
    await expect(abortable(Promise.resolve(1), controller.signal)).resolves.toBe(1);
    await expect(abortable(Promise.reject(reason), controller.signal)).rejects.toBe(reason);
    await expect(abortable(Promise.resolve(2), undefined)).resolves.toBe(2);
    const waiting = abortable(forever, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(abortable(Promise.reject(new Error('unheard')), controller.signal)).rejects.toBe(reason);
    expect(listeners(controller.signal)).toBe(0);
  });
});

describe('a linked signal', () => {
  it('follows each of its signals, with their reason', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    using linked = linkSignals([first.signal, undefined, second.signal]);
    expect(linked.signal.aborted).toBe(false);
    second.abort(reason);
    expect(linked.signal.reason).toBe(reason);
    using late = linkSignals([second.signal]);
    expect(late.signal.reason).toBe(reason);
  });

  it('aborts alone, and no longer follows once it is disposed', () => {
    const outer = new AbortController();
    const linked = linkSignals([outer.signal]);
    linked[Symbol.dispose]();
    expect(listeners(outer.signal)).toBe(0);
    outer.abort();
    expect(linked.signal.aborted).toBe(false);
    linked.abort();
    expect(linked.signal.reason).toMatchObject({ name: 'AbortError' });
  });
});

describe('a time limit', () => {
  it('ends work that takes too long, with its own reason or one that says how long it was given', async () => {
    const clock = new VirtualClock();
    const late = withTimeLimit({ clock, limitMs: 5000, reason: () => reason }, () => forever);
    await expect(clock.run(late)).rejects.toBe(reason);
    const error: unknown = await clock
      .run(withTimeLimit({ clock, limitMs: 50 }, () => forever))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TimeLimitError);
    expect(error).toMatchObject({ limitMs: 50, message: 'not done within 50 ms' });
    expect(clock.monotonic()).toBe(5050);
  });

  it('passes outer signals on, also one that has aborted before, and leaves no timer or listener behind', async () => {
    const clock = new VirtualClock();
    const { signal, abort } = abortController();
    const work = withTimeLimit({ clock, limitMs: 60_000, signals: [signal] }, () => forever);
    expect([listeners(signal), clock.timers]).toEqual([1, 1]);
    abort();
    await expect(work).rejects.toBe(reason);
    const begun = vi.fn(() => forever);
    await expect(withTimeLimit({ clock, limitMs: 1, signals: [signal] }, begun)).rejects.toBe(reason);
    expect(begun).not.toHaveBeenCalled();
    expect([listeners(signal), clock.timers]).toEqual([0, 0]);
  });

  it('gives the value of work that is in time', async () => {
    await expect(withTimeLimit({ clock: systemClock, limitMs: 60_000 }, () => Promise.resolve('done'))).resolves.toBe(
      'done',
    );
  });

  it('bounds the wait for what goes on by itself, and hears what that rejects with', async () => {
    const clock = new VirtualClock();
    await expect(clock.run(withTimeLimit({ clock, limitMs: 5 }, forever))).rejects.toThrow(TimeLimitError);
    await expect(withTimeLimit({ clock, limitMs: 5 }, Promise.resolve('done'))).resolves.toBe('done');
    const bounds = { clock, limitMs: 5, signals: [AbortSignal.abort(reason)] };
    await expect(withTimeLimit(bounds, Promise.reject(new Error('unheard')))).rejects.toBe(reason);
    expect(clock.timers).toBe(0);
  });

  it('goes with a block, too', () => {
    const clock = new VirtualClock();
    {
      using limit = timeLimit({ clock, limitMs: 10 });
      expect([limit.signal.aborted, clock.timers]).toEqual([false, 1]);
    }
    expect(clock.timers).toBe(0);
  });
});

function abortController(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(reason) };
}
