import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { Condition } from './condition.ts';

describe('a condition', () => {
  it('is looked at once where it is true, and after each change until it is', async () => {
    const condition = new Condition();
    await expect(condition.until(() => 1, undefined)).resolves.toBe(1);
    const values = [undefined, undefined, 3];
    const find = vi.fn(() => values.shift());
    const found = condition.until(find, undefined);
    condition.changed();
    condition.changed();
    await expect(found).resolves.toBe(3);
    condition.changed();
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('is given up with the reason of the signal, or when looking fails; nothing stays behind', async () => {
    const condition = new Condition();
    const controller = new AbortController();
    const find = vi.fn(() => undefined);
    const failing = () => {
      throw new Error('broken');
    };
    await expect(condition.until(failing, controller.signal)).rejects.toThrow('broken');
    const found = condition.until(find, controller.signal);
    controller.abort(new Error('enough'));
    await expect(found).rejects.toThrow('enough');
    condition.changed();
    expect(find).toHaveBeenCalledTimes(1);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});
