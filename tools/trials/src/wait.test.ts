import { describe, expect, it } from 'vitest';
import { eventually, HopelessError, waitUntil } from './wait.ts';

describe('waiting', () => {
  it('ends when it is so, or when the time is over', async () => {
    let looks = 0;
    expect(await waitUntil(() => ++looks === 3, 10_000, 1)).toBe(true);
    expect(await waitUntil(() => Promise.resolve(false), 5, 1)).toBe(false);
  });

  it('answers with what was waited for, after looks that throw or see nothing', async () => {
    const looks = [() => undefined, () => false as const, () => raise(new Error('not yet')), () => 'there'];
    expect(await eventually('it', () => looks.shift()?.(), 10_000)).toBe('there');
  });

  it('says what did not come, and why', async () => {
    const cause = new Error('refused');
    const waiting = eventually('the port to answer', () => raise(cause), 1);
    await expect(waiting).rejects.toMatchObject({ message: 'timed out waiting for the port to answer', cause });
  });

  it('ends at once when there is no hope', async () => {
    const hopeless = new HopelessError('the program is gone');
    await expect(eventually('it', () => raise(hopeless), 10_000)).rejects.toBe(hopeless);
  });
});

function raise(error: Error): never {
  throw error;
}
