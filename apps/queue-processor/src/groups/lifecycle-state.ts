import { AutoScalingServiceException, DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';

/** How many ids one call may have. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html */
const IDS_PER_CALL = 50;

/**
 * What state their groups see instances in: `InService`, `Terminating:Wait`, `Warmed:Stopped`, … Instances in no group are left out.
 *
 * @throws when Auto Scaling refuses, or cannot be reached.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
 */
export async function lifecycleStates(
  autoScaling: Pick<AutoScalingClient, 'send'>,
  ids: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  for (let first = 0; first < ids.length; first += IDS_PER_CALL) {
    const InstanceIds = ids.slice(first, first + IDS_PER_CALL);
    const command = new DescribeAutoScalingInstancesCommand({ InstanceIds });
    const { AutoScalingInstances = [] } = await autoScaling.send(command, { abortSignal });
    for (const { InstanceId: id, LifecycleState: state } of AutoScalingInstances)
      if (id !== undefined && state !== undefined) states.set(id, state);
  }
  return states;
}

/** Whether its group keeps an instance whose termination was abandoned: it runs, and is paid for, until somebody terminates it. */
export function isRetainedState(state: string): boolean {
  return state.endsWith(':Retained');
}

/** Whether its group is terminating an instance. */
export function isTerminatingState(state: string): boolean {
  return /^(Warmed:)?Terminating\b/.test(state);
}

/** Whether Auto Scaling refuses a call because the role does not allow it. */
export function isMissingRight(error: unknown): boolean {
  return error instanceof AutoScalingServiceException && /AccessDenied|UnauthorizedOperation/.test(error.name);
}
