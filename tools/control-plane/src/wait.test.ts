import { describe, expect, it } from 'vitest';
import { waitFor, WaitTimeoutError } from './wait.ts';

describe('waitFor', () => {
  it('looks until there is a value, and takes an error for "not yet"', async () => {
    let looks = 0;
    const look = async () => {
      if (++looks < 3) throw new Error('not yet');
      return Promise.resolve(looks);
    };
    expect(await waitFor(look, { what: 'three', intervalMs: 1 })).toBe(3);
  });

  it('gives up with what was waited for and the last reason', async () => {
    const look = async () => Promise.reject(new Error('still down'));
    const waiting = waitFor(look, { what: 'the moon', timeoutMs: 0, intervalMs: 1 });
    await expect(waiting).rejects.toThrow(new WaitTimeoutError('timed out waiting for the moon'));
    await expect(waiting).rejects.toMatchObject({ cause: { message: 'still down' } });
  });

  it('stops when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(waitFor(async () => Promise.resolve(undefined), { what: 'x', signal })).rejects.toThrow('enough');
  });
});
