import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleHook, LifecycleLaunch, LifecycleTermination } from '@node-termination-handler/event-parsers';
import { completeLifecycleAction } from '@node-termination-handler/runtime/aws';
import type { Completion } from '@node-termination-handler/runtime/aws';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { Teller } from '../tell.ts';
import type { Hooks } from './hooks.ts';
import { isOurs, judgeHook } from './own-hooks.ts';
import type { Result } from './result-at-end.ts';

/** How long completing an action may take with all its tries, in milliseconds. */
const COMPLETE_WITHIN_MS = 60_000;

/** How long is waited for what a hook is before it is completed, in milliseconds: where nobody says, the token has to do. */
const READ_WITHIN_MS = 10_000;

/** Completes the action of a hook; with `CONTINUE` unless it is told otherwise. */
export type Complete = (hook: LifecycleHook, instanceId: string, result?: Result) => Promise<Completion>;

/** What completing the action of an event needs. */
export interface CompleteParts {
  readonly complete: Complete;
  readonly clock: Clock;
  readonly hooks: Pick<Hooks, 'describe' | 'forget'>;
  readonly settings: Pick<QueueProcessorSettings, 'dryRun' | 'lifecycleHookNames'>;
  readonly teller: Pick<Teller, 'lifecycle' | 'left' | 'warning'>;
}

/**
 * Completes the action that an event tells of, and tells it. One that is its owner's is left to them, and one that the message must not
 * have completed is not: that is said, too.
 *
 * @returns how it came to wait no longer; `undefined`: it still waits.
 * @throws when Auto Scaling refuses, or cannot be reached.
 */
export async function completeAction(
  event: LifecycleTermination | LifecycleLaunch,
  { complete, clock, hooks, settings, teller }: CompleteParts,
  result?: Result,
): Promise<Completion | undefined> {
  const { hook, instanceId } = event;
  const { dryRun, lifecycleHookNames: names } = settings;
  if (hook === undefined || dryRun) return undefined;
  if (!isOurs(names, hook)) {
    teller.left(event);
    return undefined;
  }
  const reading = hooks.describe(hook, event.kind);
  const answer = await withTimeLimit({ clock, limitMs: READ_WITHIN_MS }, reading).catch(
    () => ({ status: 'unknown' }) as const,
  );
  const verdict = judgeHook(hook, answer, names);
  if (!verdict.isAllowed) {
    teller.warning(`a lifecycle action of instance ${instanceId} is not completed: ${verdict.reason}`);
    return undefined;
  }
  try {
    const completion = await complete(hook, instanceId, result);
    // It waited no longer than somebody else let it, or than it does by now.
    if (completion === 'already-completed') hooks.forget(hook);
    teller.lifecycle(event, completion);
    return completion;
  } catch (error) {
    teller.lifecycle(event, error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/**
 * Completes each lifecycle action once at a time: EventBridge may tell of an action twice, both events share one drain
 * and end at the same moment, and the second completion would be refused.
 */
export function completeOnce(complete: Complete): Complete {
  const underWay = new Map<string, Promise<Completion>>();
  return (hook, instanceId, result) => {
    const { autoScalingGroupName, lifecycleHookName, lifecycleActionToken } = hook;
    const key = [autoScalingGroupName, lifecycleHookName, lifecycleActionToken, instanceId].join('\n');
    const first = underWay.get(key);
    if (first !== undefined) return first.then(() => 'already-completed');
    const completion = complete(hook, instanceId, result).finally(() => underWay.delete(key));
    underWay.set(key, completion);
    return completion;
  };
}

/** Completes actions, each within a minute with all its tries: its node is empty, so that it goes on while the process stops. */
export function completeWithin(autoScaling: AutoScalingClient, clock: Clock): Complete {
  return (hook, instanceId, result) =>
    withTimeLimit({ clock, limitMs: COMPLETE_WITHIN_MS }, (signal) =>
      completeLifecycleAction(autoScaling, { ...hook, instanceId, result }, signal, clock),
    );
}
