import {
  AutoScalingServiceException,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { Hooks } from './hooks.ts';

const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain' };
const described = {
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  HeartbeatTimeout: 1800,
  DefaultResult: 'ABANDON',
};
const retaining = { InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } } };

interface Given {
  /** What the group answers about its hooks, and about itself. */
  readonly hooks?: () => readonly object[] | Error;
  readonly groups?: () => readonly object[] | Error;
}

function setUp({ hooks = () => [described], groups = () => [{}] }: Given = {}) {
  const clock = new VirtualClock({ turns: 1 });
  const stop = new AbortController();
  const warnings: string[] = [];
  const calls: string[] = [];
  const send = vi.fn((command: { readonly input: unknown }) => {
    const isHooks = command instanceof DescribeLifecycleHooksCommand;
    expect(isHooks || command instanceof DescribeAutoScalingGroupsCommand).toBe(true);
    calls.push(isHooks ? 'hooks' : 'groups');
    const answer = isHooks ? hooks() : groups();
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(isHooks ? { LifecycleHooks: answer } : { AutoScalingGroups: answer });
  });
  const autoScaling = { send } as unknown as Pick<AutoScalingClient, 'send'>;
  const onWarning = (message: string): void => void warnings.push(message);
  const known = new Hooks({ autoScaling, clock, signal: stop.signal, onWarning });
  return { clock, stop, warnings, calls, send, known };
}

function refusal(name: string): AutoScalingServiceException {
  return new AutoScalingServiceException({ name, message: 'not allowed', $fault: 'client', $metadata: {} });
}

describe('a lifecycle hook', () => {
  it('is what its group says, with what the group does with the instance', async () => {
    const terminating = setUp();
    expect(await terminating.known.describe(hook)).toEqual({
      timeoutMs: 1_800_000,
      defaultResult: 'ABANDON',
      isRetained: false,
    });
    expect(terminating.send.mock.calls[0]?.[0].input).toEqual({
      AutoScalingGroupName: 'workers',
      LifecycleHookNames: ['drain'],
    });
    expect(await setUp({ groups: () => [retaining] }).known.describe(hook)).toMatchObject({ isRetained: true });
    // Only an action that is abandoned keeps the instance.
    const going = setUp({ hooks: () => [{ ...described, DefaultResult: 'CONTINUE' }], groups: () => [retaining] });
    expect(await going.known.describe(hook)).toMatchObject({ defaultResult: 'CONTINUE', isRetained: false });
    expect(going.calls).toEqual(['hooks']);
  });

  it('is read once for all that ask within five minutes, and its group once for all its hooks', async () => {
    const { clock, calls, known } = setUp();
    const other = { ...hook, lifecycleHookName: 'logs' };
    await Promise.all([known.describe(hook), known.describe(hook), known.describe(other)]);
    await clock.advance(299_000);
    await known.describe(hook);
    expect(calls.toSorted()).toEqual(['groups', 'hooks', 'hooks']);
    await clock.advance(1_000);
    await known.describe(hook);
    expect(calls).toHaveLength(5);
  });

  it('is read again when it has shown to be another', async () => {
    const { calls, known } = setUp();
    await known.describe(hook);
    known.forget(hook);
    await known.describe(hook);
    expect(calls).toEqual(['hooks', 'groups', 'hooks']);
  });

  it('is remembered of so many only', async () => {
    const { calls, known } = setUp({ hooks: () => [{ ...described, DefaultResult: 'CONTINUE' }] });
    for (let n = 0; n <= 1_000; n += 1) await known.describe({ ...hook, lifecycleHookName: `hook-${n}` });
    await known.describe({ ...hook, lifecycleHookName: 'hook-1000' });
    expect(calls).toHaveLength(1_001);
    await known.describe({ ...hook, lifecycleHookName: 'hook-0' });
    expect(calls).toHaveLength(1_002);
  });

  it('is unknown without the right to read it, which is said once with its action, and asked for later', async () => {
    let answer: readonly object[] | Error = refusal('AccessDenied');
    const { clock, calls, warnings, known } = setUp({ hooks: () => answer });
    expect(await known.describe(hook)).toBeUndefined();
    expect(await known.describe({ ...hook, lifecycleHookName: 'logs' })).toBeUndefined();
    expect([calls, warnings]).toEqual([
      ['hooks', 'hooks'],
      [expect.stringMatching(/^the role lacks autoscaling:DescribeLifecycleHooks \(.*no disruption budget is broken/)],
    ]);
    answer = [described];
    await clock.advance(300_000);
    expect(await known.describe(hook)).toMatchObject({ timeoutMs: 1_800_000 });
  });

  it('is known without the right to look at groups, none of which is taken to keep its instances', async () => {
    const { warnings, known } = setUp({ groups: () => refusal('AccessDenied') });
    expect(await known.describe(hook)).toMatchObject({ timeoutMs: 1_800_000, isRetained: false });
    expect(warnings).toEqual([expect.stringMatching(/^the role lacks autoscaling:DescribeAutoScalingGroups/)]);
  });

  it.each([
    ['is not there', () => []],
    ['is one for launches', () => [{ ...described, LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' }]],
    ['is of a group that is gone', () => refusal('ValidationError')],
  ])('that %s is unknown, and said', async (_what, hooks) => {
    const { warnings, known, calls } = setUp({ hooks });
    expect(await known.describe(hook)).toBeUndefined();
    expect([calls, warnings]).toEqual([['hooks'], [expect.stringContaining('lifecycle hook drain of group workers')]]);
  });

  it('is asked for until the group answers, and said once', async () => {
    let answer: readonly object[] | Error = refusal('Throttling');
    const { clock, warnings, known } = setUp({ hooks: () => answer });
    const reading = known.describe(hook);
    await clock.advance(60_000);
    answer = [described];
    expect(await clock.run(reading)).toMatchObject({ timeoutMs: 1_800_000 });
    expect(warnings).toEqual([expect.stringContaining('cannot be read, trying again')]);
  });

  it('is asked for no longer when the process stops', async () => {
    const { clock, stop, warnings, known } = setUp({ hooks: () => new Error('down') });
    const reading = known.describe(hook);
    await clock.advance(1_500);
    stop.abort(new Error('stop'));
    expect(await reading).toBeUndefined();
    expect([warnings.length, clock.timers]).toEqual([1, 0]);
  });
});
