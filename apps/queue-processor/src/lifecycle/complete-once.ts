import type { LifecycleHook } from '@node-termination-handler/event-parsers';
import type { Completion } from '@node-termination-handler/runtime/lifecycle';

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
