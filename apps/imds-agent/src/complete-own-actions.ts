import {
  AutoScalingClient,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Clock } from '@node-termination-handler/clock';
import { awsConnections, completeLifecycleAction } from '@node-termination-handler/runtime/aws';
import type { Completion } from '@node-termination-handler/runtime/aws';

/** What completing the actions of the own instance needs. */
export interface OwnActionsOptions {
  readonly instanceId: string;
  readonly region: string;
  /** Default: the service's own. */
  readonly endpoint?: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What became of the action of one hook. */
export interface CompletedHook {
  readonly hook: string;
  readonly completion: Completion;
}

/**
 * Completes the lifecycle actions that hold up the termination of an instance.
 *
 * The metadata has no token and names no hook, so the group is asked for its hooks, and the instance stands for the token.
 *
 * @returns one entry for each terminating hook of the group; none when the instance is in no group any more.
 * @throws when Auto Scaling refuses, or cannot be reached.
 */
export async function completeOwnActions({
  instanceId,
  region,
  endpoint,
  clock,
  signal,
}: OwnActionsOptions): Promise<readonly CompletedHook[]> {
  const autoScaling = new AutoScalingClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 5,
    requestHandler: awsConnections(10_000),
  });
  try {
    const { AutoScalingInstances = [] } = await autoScaling.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] }),
      { abortSignal: signal },
    );
    const autoScalingGroupName = AutoScalingInstances[0]?.AutoScalingGroupName;
    if (autoScalingGroupName === undefined) return [];
    const { LifecycleHooks = [] } = await autoScaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: autoScalingGroupName }),
      { abortSignal: signal },
    );
    const names = LifecycleHooks.filter(
      ({ LifecycleTransition }) => LifecycleTransition === 'autoscaling:EC2_INSTANCE_TERMINATING',
    ).flatMap(({ LifecycleHookName }) => LifecycleHookName ?? []);
    return await Promise.all(
      names.map(async (lifecycleHookName) => ({
        hook: lifecycleHookName,
        completion: await completeLifecycleAction(
          autoScaling,
          { autoScalingGroupName, lifecycleHookName, instanceId },
          signal,
          clock,
        ),
      })),
    );
  } finally {
    autoScaling.destroy();
  }
}
