import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleHook } from '@node-termination-handler/event-parsers';
import { completeLifecycleAction } from '@node-termination-handler/runtime/aws';
import type { Completion } from '@node-termination-handler/runtime/aws';

/** How long completing an action may take with all its tries, in milliseconds. */
const COMPLETE_WITHIN_MS = 60_000;

/** Completes the action of a hook. */
export type Complete = (hook: LifecycleHook, instanceId: string) => Promise<Completion>;

/**
 * Completes each lifecycle action once at a time: EventBridge may tell of an action twice, both events share one drain
 * and end at the same moment, and the second completion would be refused.
 */
export function completeOnce(complete: Complete): Complete {
  const underWay = new Map<string, Promise<Completion>>();
  return (hook, instanceId) => {
    const { autoScalingGroupName, lifecycleHookName, lifecycleActionToken } = hook;
    const key = [autoScalingGroupName, lifecycleHookName, lifecycleActionToken, instanceId].join('\n');
    const first = underWay.get(key);
    if (first !== undefined) return first.then(() => 'already-completed');
    const completion = complete(hook, instanceId).finally(() => underWay.delete(key));
    underWay.set(key, completion);
    return completion;
  };
}

/** Completes actions, each within a minute with all its tries: its node is empty, so that it goes on while the process stops. */
export function completeWithin(autoScaling: AutoScalingClient, clock: Clock): Complete {
  return (hook, instanceId) =>
    withTimeLimit({ clock, limitMs: COMPLETE_WITHIN_MS }, (signal) =>
      completeLifecycleAction(autoScaling, { ...hook, instanceId }, signal, clock),
    );
}
