import { describe, expect, it } from 'vitest';
import { completeOnce } from './complete.ts';

const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', lifecycleActionToken: 'token' };

describe('completing an action once', () => {
  it('sends one completion for the same action at the same time', async () => {
    const calls: string[] = [];
    const complete = completeOnce(async (_, instanceId) => {
      calls.push(instanceId);
      await Promise.resolve();
      return 'completed';
    });
    expect(await Promise.all([complete(hook, 'i-1'), complete(hook, 'i-1'), complete(hook, 'i-2')])).toEqual([
      'completed',
      'already-completed',
      'completed',
    ]);
    expect(calls).toEqual(['i-1', 'i-2']);
  });

  it('keeps actions apart by group, hook and token', async () => {
    const tokens: (string | undefined)[] = [];
    const complete = completeOnce(async ({ lifecycleActionToken }) => {
      tokens.push(lifecycleActionToken);
      return Promise.resolve('completed');
    });
    await Promise.all([complete(hook, 'i-1'), complete({ ...hook, lifecycleActionToken: 'next' }, 'i-1')]);
    expect(tokens).toEqual(['token', 'next']);
  });

  it('fails for all who asked, and tries again for the next', async () => {
    let fails = true;
    const complete = completeOnce(async () => {
      await Promise.resolve();
      if (fails) throw new Error('throttled');
      return 'completed';
    });
    const results = await Promise.allSettled([complete(hook, 'i-1'), complete(hook, 'i-1')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await complete(hook, 'i-1')).toBe('completed');
  });
});
