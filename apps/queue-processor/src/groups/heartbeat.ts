import {
  AutoScalingServiceException,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleHook } from '@node-termination-handler/event-parsers';
import { errorText } from '@node-termination-handler/logger';

/** How heartbeats are sent. */
export interface HeartbeatOptions {
  /** Seconds between two heartbeats; `auto`: half the hook's own timeout. */
  readonly intervalSeconds: number | 'auto';
  /** No heartbeat is sent later than this many seconds after the first. */
  readonly untilSeconds: number;
  readonly onWarning: (message: string) => void;
  readonly clock: Clock;
}

/**
 * Keeps a lifecycle action alive while its drain runs, until the signal aborts.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html
 */
export async function sendHeartbeats(
  autoScaling: AutoScalingClient,
  hook: LifecycleHook,
  instanceId: string,
  options: HeartbeatOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    const timeoutSeconds = await hookTimeout(autoScaling, hook, options, signal);
    const intervalSeconds =
      options.intervalSeconds === 'auto' ? Math.max(1, (timeoutSeconds ?? 60) / 2) : options.intervalSeconds;
    if (timeoutSeconds !== undefined && intervalSeconds >= timeoutSeconds) {
      options.onWarning(
        `HEARTBEAT_INTERVAL ${intervalSeconds} s is not shorter than the ${timeoutSeconds} s that lifecycle hook ${hook.lifecycleHookName} waits: the action ends before the first heartbeat`,
      );
    }
    for (let sent = intervalSeconds; sent <= options.untilSeconds; sent += intervalSeconds) {
      await sleep(options.clock, intervalSeconds * 1000, signal);
      if ((await beat(autoScaling, hook, instanceId, options, signal)) === 'over') return;
    }
  } catch (error) {
    if (!signal.aborted) options.onWarning(`heartbeats stopped: ${errorText(error)}`);
  }
}

async function beat(
  autoScaling: AutoScalingClient,
  hook: LifecycleHook,
  instanceId: string,
  options: HeartbeatOptions,
  signal: AbortSignal,
): Promise<'sent' | 'over'> {
  try {
    await autoScaling.send(
      new RecordLifecycleActionHeartbeatCommand({
        AutoScalingGroupName: hook.autoScalingGroupName,
        LifecycleHookName: hook.lifecycleHookName,
        LifecycleActionToken: hook.lifecycleActionToken,
        InstanceId: instanceId,
      }),
      { abortSignal: signal },
    );
  } catch (error) {
    if (signal.aborted) throw error;
    options.onWarning(`heartbeat for ${instanceId} failed: ${errorText(error)}`);
    // The action is over, or was never this one: no later heartbeat can help.
    if (error instanceof AutoScalingServiceException && error.name === 'ValidationError') return 'over';
  }
  return 'sent';
}

/** A program without the permission to look still sends its heartbeats, it only cannot warn. */
async function hookTimeout(
  autoScaling: AutoScalingClient,
  hook: LifecycleHook,
  options: HeartbeatOptions,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const { LifecycleHooks = [] } = await autoScaling.send(
      new DescribeLifecycleHooksCommand({
        AutoScalingGroupName: hook.autoScalingGroupName,
        LifecycleHookNames: [hook.lifecycleHookName],
      }),
      { abortSignal: signal },
    );
    return LifecycleHooks[0]?.HeartbeatTimeout;
  } catch (error) {
    if (signal.aborted) throw error;
    options.onWarning(`the timeout of lifecycle hook ${hook.lifecycleHookName} is unknown: ${errorText(error)}`);
    return undefined;
  }
}
