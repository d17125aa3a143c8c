import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { abortable } from './abortable.ts';
import { backoffMs } from './backoff.ts';
import { systemClock } from './clock.ts';
import { linkSignals, withTimeLimit } from './time-limit.ts';

const forever = new Promise<never>(() => undefined);
const reason = new Error('enough');

describe('a back-off', () => {
  it('doubles up to its limit, and spreads by a fifth', () => {
    const backoff = { firstMs: 100, maxMs: 1000 };
    expect([1, 2, 3, 4, 5, 99].map((attempt) => backoffMs(attempt, backoff, () => 0.5))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(backoffMs(1, backoff, () => 0)).toBe(80);
    expect(backoffMs(1, backoff, () => 1)).toBe(120);
  });
});

describe('the system clock', () => {
  it('sleeps, and wakes with the reason of its signal', async () => {
    await systemClock.sleep(1);
    await systemClock.sleep(-5, new AbortController().signal);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(1, controller.signal)).rejects.toBe(reason);
    expect(systemClock.now()).toBeGreaterThan(Date.parse('2026-01-01'));
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
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});

describe('a time limit', () => {
  it('ends work that takes too long with its own reason', async () => {
    await expect(
      withTimeLimit(
        1,
        [undefined],
        () => reason,
        (signal) => abortable(forever, signal),
      ),
    ).rejects.toBe(reason);
  });

  it('passes the outer signal on, also one that has aborted before, and leaves no listener behind', async () => {
    const controller = new AbortController();
    const work = withTimeLimit(
      60_000,
      [controller.signal],
      () => new Error('late'),
      (signal) => abortable(forever, signal),
    );
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect(
      withTimeLimit(
        1,
        [controller.signal],
        () => new Error('late'),
        () => forever,
      ),
    ).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('gives the value of work that is in time', async () => {
    await expect(
      withTimeLimit(
        60_000,
        [],
        () => reason,
        () => Promise.resolve('done'),
      ),
    ).resolves.toBe('done');
  });
});

describe('a linked signal', () => {
  it('no longer follows once it is unlinked', () => {
    const outer = new AbortController();
    const linked = linkSignals([outer.signal, undefined]);
    linked.unlink();
    outer.abort();
    expect(linked.signal.aborted).toBe(false);
  });
});
