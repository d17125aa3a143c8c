import { AutoScalingServiceException } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { completeLifecycleAction } from './lifecycle-action.ts';

const action = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', instanceId: 'i-1' };
const signal = new AbortController().signal;

function failure(name: string, message: string, httpStatusCode: number): AutoScalingServiceException {
  return new AutoScalingServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });
}

/** A client whose calls end one after the other as the test says; the last end is repeated. */
function client(...ends: readonly (Error | undefined)[]) {
  let calls = 0;
  const send = vi.fn<(command: CompleteLifecycleActionCommand) => Promise<unknown>>(() => {
    calls += 1;
    const end = ends[Math.min(calls, ends.length) - 1];
    return end === undefined ? Promise.resolve({}) : Promise.reject(end);
  });
  return { autoScaling: { send } as unknown as AutoScalingClient, send };
}

describe('completing a lifecycle action', () => {
  it('tells the group to go on, by token where there is one', async () => {
    const { autoScaling, send } = client(undefined);
    expect(await completeLifecycleAction(autoScaling, { ...action, lifecycleActionToken: 't' }, signal)).toBe(
      'completed',
    );
    expect(await completeLifecycleAction(autoScaling, action, signal)).toBe('completed');
    expect(send.mock.calls.map(([command]) => command.input)).toEqual([
      {
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'drain',
        LifecycleActionToken: 't',
        LifecycleActionResult: 'CONTINUE',
        InstanceId: 'i-1',
      },
      {
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'drain',
        LifecycleActionResult: 'CONTINUE',
        InstanceId: 'i-1',
      },
    ]);
  });

  it('that was completed before is no failure', async () => {
    const { autoScaling, send } = client(
      failure('ValidationError', 'No active Lifecycle Action found with instance ID i-1', 400),
    );
    expect(await completeLifecycleAction(autoScaling, action, signal)).toBe('already-completed');
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('that is refused for another reason fails at once', async () => {
    const { autoScaling, send } = client(failure('ValidationError', 'AutoScalingGroup name not found', 400));
    await expect(completeLifecycleAction(autoScaling, action, signal)).rejects.toThrow('name not found');
    expect(send).toHaveBeenCalledTimes(1);
  });

  it.each([
    failure('ServiceUnavailable', 'down', 503),
    failure('ThrottlingException', 'Rate exceeded', 400),
    new Error('socket hang up'),
  ])('is tried again after %s', async (error) => {
    const { autoScaling, send } = client(error, undefined);
    const clock = new VirtualClock();
    expect(await clock.run(completeLifecycleAction(autoScaling, action, signal, clock))).toBe('completed');
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('ends with its signal', async () => {
    const stop = new AbortController();
    const { autoScaling } = client(new Error('down'));
    const completing = completeLifecycleAction(autoScaling, action, stop.signal);
    stop.abort(new Error('enough'));
    await expect(completing).rejects.toThrow('enough');
  });
});
