import { describe, expect, it } from 'vitest';

import { wait, within } from './wait.ts';

describe('wait', () => {
  it('ends with its time', async () => {
    await expect(wait(1, undefined)).resolves.toBeUndefined();
    await expect(wait(1, new AbortController().signal)).resolves.toBeUndefined();
  });

  it('ends with its signal, before or meanwhile', async () => {
    await expect(wait(60_000, AbortSignal.abort())).rejects.toThrow('aborted');
    const stop = new AbortController();
    const waiting = wait(60_000, stop.signal);
    stop.abort(new Error('now'));
    await expect(waiting).rejects.toThrow('now');
  });
});

describe('within', () => {
  const late = () => new Error('late');

  it('gives what the promise gives', async () => {
    await expect(within(Promise.resolve(1), 60_000, late, undefined)).resolves.toBe(1);
    await expect(within(Promise.reject(new Error('bad')), 60_000, late, undefined)).rejects.toThrow('bad');
  });

  it('is late when the time is over', async () => {
    await expect(within(new Promise(() => undefined), 1, late, undefined)).rejects.toThrow('late');
  });

  it('ends with its signal', async () => {
    const never = new Promise(() => undefined);
    await expect(within(never, 60_000, late, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    const stop = new AbortController();
    const waiting = within(never, 60_000, late, stop.signal);
    stop.abort(new Error('meanwhile'));
    await expect(waiting).rejects.toThrow('meanwhile');
  });
});
