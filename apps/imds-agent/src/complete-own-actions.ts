import {
  AutoScalingClient,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
} from '@aws-sdk/client-auto-scaling';
import type { Runtime } from '@node-termination-handler/runtime';
import { completeLifecycleAction, connectToAws } from '@node-termination-handler/runtime/aws';
import type { Completion } from '@node-termination-handler/runtime/aws';
import { isNamedBy } from '@node-termination-handler/settings';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/** What completing the actions of the own instance needs. */
export interface OwnActionsOptions {
  readonly instanceId: string;
  /** That of the instance. */
  readonly region: string;
  readonly runtime: Pick<Runtime<ImdsAgentSettings>, 'awsClock' | 'log' | 'metrics' | 'settings'>;
  readonly signal: AbortSignal;
  /** Told of each action as it is completed, also when another cannot be. */
  readonly onCompleted: (done: CompletedHook) => void;
}

/** How long one answer may take, and how long a call may take with all its tries, in milliseconds. */
const LIMITS = { tryWithinMs: 10_000, withinMs: 40_000, tries: 5 };

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
 * @returns how many terminating hooks of the group are ours; none when the instance is in no group any more.
 * @throws when Auto Scaling refuses, or cannot be reached, after all that could be completed are.
 */
export async function completeOwnActions({
  instanceId,
  region,
  runtime,
  signal,
  onCompleted,
}: OwnActionsOptions): Promise<number> {
  await using opened = new AsyncDisposableStack();
  const aws = connectToAws({ ...runtime, opened, region: runtime.settings.awsRegion ?? region });
  const autoScaling = aws.client((config) => new AutoScalingClient(config), LIMITS);
  const { AutoScalingInstances = [] } = await autoScaling.send(
    new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] }),
    { abortSignal: signal },
  );
  const autoScalingGroupName = AutoScalingInstances[0]?.AutoScalingGroupName;
  if (autoScalingGroupName === undefined) return 0;
  const { LifecycleHooks = [] } = await autoScaling.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName: autoScalingGroupName }),
    { abortSignal: signal },
  );
  const { lifecycleHookNames: patterns } = runtime.settings;
  const names = LifecycleHooks.filter(
    ({ LifecycleTransition }) => LifecycleTransition === 'autoscaling:EC2_INSTANCE_TERMINATING',
  )
    .flatMap(({ LifecycleHookName }) => LifecycleHookName ?? [])
    .filter((name) => isNamedBy(patterns, name));
  const ends = await Promise.allSettled(
    names.map(async (hook) => {
      const action = { autoScalingGroupName, lifecycleHookName: hook, instanceId };
      onCompleted({ hook, completion: await completeLifecycleAction(autoScaling, action, signal, runtime.awsClock) });
    }),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return names.length;
}
