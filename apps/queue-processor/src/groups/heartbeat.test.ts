import { AutoScalingServiceException, DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { describe, expect, it, vi } from 'vitest';
import { sendHeartbeats } from './heartbeat.ts';

const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', lifecycleActionToken: 'token' };
const signal = new AbortController().signal;

interface Answers {
  /** The hook's timeout in seconds, or the failure of the look-up. */
  readonly timeout?: number | Error;
  /** The failure of each heartbeat. */
  readonly beat?: () => Error | undefined;
}

function setUp({ timeout = 300, beat = () => undefined }: Answers = {}) {
  const beats: unknown[] = [];
  const warnings: string[] = [];
  const send = vi.fn((command: { readonly input: unknown }) => {
    if (command instanceof DescribeLifecycleHooksCommand) {
      if (timeout instanceof Error) return Promise.reject(timeout);
      return Promise.resolve({ LifecycleHooks: [{ HeartbeatTimeout: timeout }] });
    }
    beats.push(command.input);
    const error = beat();
    return error === undefined ? Promise.resolve({}) : Promise.reject(error);
  });
  const clock = new VirtualClock();
  const run = (intervalSeconds: number | 'auto', untilSeconds: number, each = signal) =>
    clock.run(
      sendHeartbeats(
        { send } as unknown as AutoScalingClient,
        hook,
        'i-1',
        { intervalSeconds, untilSeconds, onWarning: (message) => warnings.push(message), clock },
        each,
      ),
    );
  return { beats, warnings, run };
}

function refusal(name: string): AutoScalingServiceException {
  return new AutoScalingServiceException({ name, message: name, $fault: 'client', $metadata: {} });
}

describe('heartbeats', () => {
  it('are sent at their interval until their end, and no later', async () => {
    const { beats, warnings, run } = setUp();
    await run(0.01, 0.035);
    expect(beats).toEqual(
      Array.from({ length: 3 }, () => ({
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'drain',
        LifecycleActionToken: 'token',
        InstanceId: 'i-1',
      })),
    );
    expect(warnings).toEqual([]);
  });

  it('warn when they come too late for the hook', async () => {
    const { warnings, run } = setUp({ timeout: 0.01 });
    await run(0.01, 0.01);
    expect(warnings).toEqual([expect.stringMatching(/HEARTBEAT_INTERVAL 0.01 s is not shorter than the 0.01 s/)]);
  });

  it('are not sent again when Auto Scaling knows the action no longer', async () => {
    const { beats, warnings, run } = setUp({ beat: () => refusal('ValidationError') });
    await run(0.01, 60);
    expect(beats).toHaveLength(1);
    expect(warnings).toEqual(['heartbeat for i-1 failed: ValidationError']);
  });

  it('go on after another failure', async () => {
    let count = 0;
    const { beats, run } = setUp({ beat: () => ((count += 1) === 1 ? new Error('reset') : undefined) });
    await run(0.01, 0.035);
    expect(beats).toHaveLength(3);
  });

  it('go on without a warning about the hook when it may not be looked at', async () => {
    const { beats, warnings, run } = setUp({ timeout: refusal('AccessDenied') });
    await run(0.01, 0.015);
    expect(beats).toHaveLength(1);
    expect(warnings).toEqual(['the timeout of lifecycle hook drain is unknown: AccessDenied']);
  });

  it('end with the drain, quietly', async () => {
    const drained = new AbortController();
    const { beats, warnings, run } = setUp();
    const running = run(60, 120, drained.signal);
    drained.abort();
    await running;
    expect([beats, warnings]).toEqual([[], []]);
  });

  it('take half of the timeout of the hook when told auto', async () => {
    const { beats, run } = setUp({ timeout: 2 });
    await run('auto', 1);
    expect(beats).toHaveLength(1);
  });
});
