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
    expect(await terminating.known.describe(hook, 'ASG_LIFECYCLE')).toEqual({
      status: 'confirmed',
      timeoutMs: 1_800_000,
      defaultResult: 'ABANDON',
      isRetained: false,
    });
    expect(terminating.send.mock.calls[0]?.[0].input).toEqual({
      AutoScalingGroupName: 'workers',
      LifecycleHookNames: ['drain'],
    });
    expect(await setUp({ groups: () => [retaining] }).known.describe(hook, 'ASG_LIFECYCLE')).toMatchObject({
      isRetained: true,
    });
    // Only an action that is abandoned keeps the instance.
    const going = setUp({ hooks: () => [{ ...described, DefaultResult: 'CONTINUE' }], groups: () => [retaining] });
    expect(await going.known.describe(hook, 'ASG_LIFECYCLE')).toMatchObject({
      defaultResult: 'CONTINUE',
      isRetained: false,
    });
    expect(going.calls).toEqual(['hooks']);
  });

  it('is read once for all that ask within five minutes, and its group once for all its hooks', async () => {
    const { clock, calls, known } = setUp();
    const other = { ...hook, lifecycleHookName: 'logs' };
    await Promise.all([
      known.describe(hook, 'ASG_LIFECYCLE'),
      known.describe(hook, 'ASG_LIFECYCLE'),
      known.describe(other, 'ASG_LIFECYCLE'),
    ]);
    await clock.advance(299_000);
    await known.describe(hook, 'ASG_LIFECYCLE');
    expect(calls.toSorted()).toEqual(['groups', 'hooks', 'hooks']);
    await clock.advance(1_000);
    await known.describe(hook, 'ASG_LIFECYCLE');
    expect(calls).toHaveLength(5);
  });

  it('is read again when it has shown to be another', async () => {
    const { calls, known } = setUp();
    await known.describe(hook, 'ASG_LIFECYCLE');
    known.forget(hook);
    await known.describe(hook, 'ASG_LIFECYCLE');
    expect(calls).toEqual(['hooks', 'groups', 'hooks']);
  });

  it('is remembered of so many only', async () => {
    const { calls, known } = setUp({ hooks: () => [{ ...described, DefaultResult: 'CONTINUE' }] });
    for (let n = 0; n <= 1_000; n += 1)
      await known.describe({ ...hook, lifecycleHookName: `hook-${n}` }, 'ASG_LIFECYCLE');
    await known.describe({ ...hook, lifecycleHookName: 'hook-1000' }, 'ASG_LIFECYCLE');
    expect(calls).toHaveLength(1_001);
    await known.describe({ ...hook, lifecycleHookName: 'hook-0' }, 'ASG_LIFECYCLE');
    expect(calls).toHaveLength(1_002);
  });

  it('is unknown without the right to read it, which is said once with its action, and asked for later', async () => {
    let answer: readonly object[] | Error = refusal('AccessDenied');
    const { clock, calls, warnings, known } = setUp({ hooks: () => answer });
    expect(await known.describe(hook, 'ASG_LIFECYCLE')).toEqual({ status: 'unknown' });
    expect(await known.describe({ ...hook, lifecycleHookName: 'logs' }, 'ASG_LIFECYCLE')).toEqual({
      status: 'unknown',
    });
    expect([calls, warnings]).toEqual([
      ['hooks', 'hooks'],
      [expect.stringMatching(/^the role lacks autoscaling:DescribeLifecycleHooks \(.*no disruption budget is broken/)],
    ]);
    answer = [described];
    await clock.advance(300_000);
    expect(await known.describe(hook, 'ASG_LIFECYCLE')).toMatchObject({ timeoutMs: 1_800_000 });
  });

  it('is known without the right to look at groups, none of which is taken to keep its instances', async () => {
    const { warnings, known } = setUp({ groups: () => refusal('AccessDenied') });
    expect(await known.describe(hook, 'ASG_LIFECYCLE')).toMatchObject({ timeoutMs: 1_800_000, isRetained: false });
    expect(warnings).toEqual([expect.stringMatching(/^the role lacks autoscaling:DescribeAutoScalingGroups/)]);
  });

  it.each([
    ['is not there', () => [], /has no lifecycle hook drain for autoscaling:EC2_INSTANCE_TERMINATING: there is none/],
    [
      'is one for launches',
      () => [{ ...described, LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' }],
      /it is one for autoscaling:EC2_INSTANCE_LAUNCHING/,
    ],
    ['is of a group that is gone', () => refusal('ValidationError'), /group workers has no lifecycle hook drain/],
  ])('that %s is denied, and asked for anew the next time', async (_what, hooks, reason) => {
    let answer: readonly object[] | Error = hooks();
    const { warnings, known, calls } = setUp({ hooks: () => answer });
    expect(await known.describe(hook, 'ASG_LIFECYCLE')).toEqual({
      status: 'denied',
      reason: expect.stringMatching(reason) as string,
    });
    expect([calls, warnings]).toEqual([['hooks'], []]);
    answer = [described];
    expect(await known.describe(hook, 'ASG_LIFECYCLE')).toMatchObject({ status: 'confirmed' });
  });

  it('for terminations is none for a launch, and the other way round (S6)', async () => {
    const { calls, known } = setUp();
    expect(await known.describe(hook, 'ASG_LAUNCH_LIFECYCLE')).toMatchObject({ status: 'denied' });
    const launching = [{ ...described, LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' }];
    const launch = setUp({ hooks: () => launching, groups: () => [retaining] });
    // Only what terminates is retained.
    expect(await launch.known.describe(hook, 'ASG_LAUNCH_LIFECYCLE')).toMatchObject({ isRetained: false });
    expect([calls, launch.calls]).toEqual([['hooks'], ['hooks']]);
  });

  it('that gets another result than its own at its end keeps the instance, or not, by that', async () => {
    const going = [{ ...described, DefaultResult: 'CONTINUE' }];
    const abandoned = setUp({ hooks: () => going, groups: () => [retaining] });
    expect(await abandoned.known.describe(hook, 'ASG_LIFECYCLE', 'ABANDON')).toMatchObject({
      defaultResult: 'ABANDON',
      isRetained: true,
    });
    const continued = setUp({ groups: () => [retaining] });
    expect(await continued.known.describe(hook, 'ASG_LIFECYCLE', 'CONTINUE')).toMatchObject({
      defaultResult: 'CONTINUE',
      isRetained: false,
    });
  });

  it('is asked for until the group answers, and said once', async () => {
    let answer: readonly object[] | Error = refusal('Throttling');
    const { clock, warnings, known } = setUp({ hooks: () => answer });
    const reading = known.describe(hook, 'ASG_LIFECYCLE');
    await clock.advance(60_000);
    answer = [described];
    expect(await clock.run(reading)).toMatchObject({ timeoutMs: 1_800_000 });
    expect(warnings).toEqual([expect.stringContaining('cannot be read, trying again')]);
  });

  it('is asked for no longer when the process stops', async () => {
    const { clock, stop, warnings, known } = setUp({ hooks: () => new Error('down') });
    const reading = known.describe(hook, 'ASG_LIFECYCLE');
    await clock.advance(1_500);
    stop.abort(new Error('stop'));
    expect(await reading).toEqual({ status: 'unknown' });
    expect([warnings.length, clock.timers]).toEqual([1, 0]);
  });
});
