import type { LifecycleHook } from '@node-termination-handler/event-parsers';
import { isNamedBy } from '@node-termination-handler/settings';
import type { HookAnswer } from './hooks.ts';

/** `LIFECYCLE_HOOK_NAMES`; `undefined`: all hooks are ours. */
export type HookNames = readonly string[] | undefined;

/** Whether we complete a hook and keep it alive, or its owner does. Pure. */
export function isOurs(names: HookNames, { lifecycleHookName }: LifecycleHook): boolean {
  return isNamedBy(names, lifecycleHookName);
}

/** Whether a hook is meant by name, and not only because all hooks are. Pure. */
export function isNamed(names: HookNames, { lifecycleHookName }: LifecycleHook): boolean {
  const narrow = (names ?? []).filter((pattern) => !/^\*+$/.test(pattern));
  return isNamedBy(narrow, lifecycleHookName);
}

/** Whether the action of a hook of ours may be completed and kept alive; if not, why, for people. */
export type HookVerdict = { readonly isAllowed: true } | { readonly isAllowed: false; readonly reason: string };

/**
 * Decides whether what a message says of a hook is believed: whoever can write into the queue must not have the hook of another transition
 * completed, nor that of another owner by an instance id that anybody can know. Pure.
 *
 * | the group says | the message | |
 * | --- | --- | --- |
 * | it has no such hook, or one of the other transition | any | no |
 * | it has this hook; or cannot be asked, as the right is missing | has the action's token | yes |
 * | the same | has none, and the hook is named in full in `LIFECYCLE_HOOK_NAMES` | yes |
 * | the same | has none | no |
 */
export function judgeHook(hook: LifecycleHook, answer: HookAnswer, names: HookNames): HookVerdict {
  if (answer.status === 'denied') return { isAllowed: false, reason: answer.reason };
  const { lifecycleActionToken, lifecycleHookName } = hook;
  if (lifecycleActionToken !== undefined || names?.includes(lifecycleHookName) === true) return { isAllowed: true };
  return {
    isAllowed: false,
    reason: `the message has no token, and LIFECYCLE_HOOK_NAMES does not name ${lifecycleHookName} in full`,
  };
}
