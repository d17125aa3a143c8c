import { describe, expect, it } from 'vitest';
import type { HookAnswer } from './hooks.ts';
import { isNamed, isOurs, judgeHook } from './own-hooks.ts';
import type { HookNames } from './own-hooks.ts';

const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', lifecycleActionToken: 'token' };
const { lifecycleActionToken: _token, ...tokenless } = hook;

describe('a hook', () => {
  it.each([
    [undefined, true, false],
    [['*'], true, false],
    [['drain'], true, true],
    [['dr*'], true, true],
    [['logs', 'd?ain'], true, true],
    [['logs'], false, false],
  ] as const)('is ours, and named, by LIFECYCLE_HOOK_NAMES %j: %s, %s', (names: HookNames, ours, named) => {
    expect([isOurs(names, hook), isNamed(names, hook)]).toEqual([ours, named]);
  });

  const confirmed: HookAnswer = { status: 'confirmed', timeoutMs: 1, defaultResult: 'CONTINUE', isRetained: false };
  const unknown: HookAnswer = { status: 'unknown' };
  const denied: HookAnswer = { status: 'denied', reason: 'there is none' };

  it.each([
    ['confirmed, with a token', hook, confirmed, undefined, true],
    ['not readable, with a token', hook, unknown, undefined, true],
    ['confirmed, without a token', tokenless, confirmed, undefined, false],
    ['confirmed, without a token, meant by a pattern', tokenless, confirmed, ['dr*'], false],
    ['confirmed, without a token, named in full', tokenless, confirmed, ['drain'], true],
    ['not readable, without a token', tokenless, unknown, undefined, false],
    ['not readable, without a token, named in full', tokenless, unknown, ['logs', 'drain'], true],
    ['denied, with a token', hook, denied, undefined, false],
    ['denied, named in full', tokenless, denied, ['drain'], false],
  ] as const)('that is %s may be completed or not (S6)', (_what, named, answer, names, isAllowed) => {
    expect(judgeHook(named, answer, names).isAllowed).toBe(isAllowed);
  });

  it('says why it may not', () => {
    expect(judgeHook(hook, denied, undefined)).toEqual({ isAllowed: false, reason: 'there is none' });
    expect(judgeHook(tokenless, confirmed, undefined)).toMatchObject({
      reason: 'the message has no token, and LIFECYCLE_HOOK_NAMES does not name drain in full',
    });
  });
});
