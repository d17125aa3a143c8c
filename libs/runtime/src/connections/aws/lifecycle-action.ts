import { AutoScalingServiceException, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { retry, systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { saysNoActiveAction } from './failures.ts';

/** Names a lifecycle action that waits: by its token, else by its instance. */
export interface WaitingAction {
  readonly autoScalingGroupName: string;
  readonly lifecycleHookName: string;
  readonly instanceId: string;
  readonly lifecycleActionToken?: string;
  /** What its group goes on with. Default `CONTINUE`. */
  readonly result?: 'CONTINUE' | 'ABANDON' | undefined;
}

/** How completing a lifecycle action ended. */
export type Completion = 'completed' | 'already-completed';

/**
 * Tells Auto Scaling to go on with an instance. An action that is no longer active was completed before, by another replica or its timeout.
 *
 * @throws when Auto Scaling refuses for another reason, or cannot be reached for about half a minute.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
 */
export async function completeLifecycleAction(
  autoScaling: AutoScalingClient,
  action: WaitingAction,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<Completion> {
  const complete = async (): Promise<Completion> => {
    try {
      await autoScaling.send(
        new CompleteLifecycleActionCommand({
          AutoScalingGroupName: action.autoScalingGroupName,
          LifecycleHookName: action.lifecycleHookName,
          ...(action.lifecycleActionToken === undefined ? {} : { LifecycleActionToken: action.lifecycleActionToken }),
          LifecycleActionResult: action.result ?? 'CONTINUE',
          InstanceId: action.instanceId,
        }),
        { abortSignal: signal },
      );
      return 'completed';
    } catch (error) {
      if (isNoLongerActive(error)) return 'already-completed';
      throw error;
    }
  };
  return retry(
    { clock, backoff: { firstMs: 500, maxMs: 8_000 }, tries: 7, isWorthRetrying: mayPass, signal },
    complete,
  );
}

/** Whether a lifecycle action waits no longer. */
export function isNoLongerActive(error: unknown): boolean {
  return isValidationError(error) && saysNoActiveAction(error.message);
}

/** Whether Auto Scaling refuses the request as such: it would be refused again. */
export function isValidationError(error: unknown): error is AutoScalingServiceException {
  return error instanceof AutoScalingServiceException && error.name === 'ValidationError';
}

/** Refusals of the request itself stay refusals; all else may pass. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof AutoScalingServiceException)) return true;
  const status = error.$metadata.httpStatusCode ?? 500;
  return status >= 500 || error.name.includes('Throttl') || status === 429;
}
