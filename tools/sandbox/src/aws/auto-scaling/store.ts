import type { Clock } from '@node-termination-handler/clock';
import { lifecycleHook, startLifecycleAction } from './lifecycle.ts';
import type {
  LifecycleAction,
  LifecycleHook,
  LifecycleHookOptions,
  LifecycleTransition,
  LiveLifecycleAction,
} from './lifecycle.ts';

/** An instance as its group sees it. */
interface GroupInstance {
  readonly instanceId: string;
  readonly group: string;
  /** `Pending:Wait`, `InService`, `Terminating:Wait`, `Terminating:Proceed`, … */
  readonly lifecycleState: string;
}

/** How an action is named in a call: by token, by instance, or by both. */
export interface LifecycleActionKey {
  readonly group: string;
  readonly hook: string;
  readonly instanceId: string | undefined;
  readonly token: string | undefined;
}

/** A call for a lifecycle action that the service refused. `at` in ms since the epoch. */
export interface RefusedLifecycleCall extends LifecycleActionKey {
  readonly at: number;
  readonly call: 'CompleteLifecycleAction' | 'RecordLifecycleActionHeartbeat';
  readonly message: string;
}

/** The groups, hooks and actions of the simulated account. */
export interface AutoScalingStore extends Disposable {
  readonly hasGroup: (name: string) => boolean;
  /** Adds a hook, or replaces it; adds its group when missing. */
  readonly putHook: (options: LifecycleHookOptions) => LifecycleHook;
  readonly hooks: (group: string) => readonly LifecycleHook[];
  /** From now on the group keeps instances whose termination was abandoned, as its instance lifecycle policy says; adds it when missing. */
  readonly retain: (group: string) => void;
  readonly isRetaining: (group: string) => boolean;
  /** Puts an instance into a group, `InService`; adds the group when missing. */
  readonly attach: (instanceId: string, group: string) => void;
  readonly instance: (instanceId: string) => GroupInstance | undefined;
  readonly instances: () => readonly GroupInstance[];
  /**
   * The group begins to launch or terminate an instance: one action for each of its hooks on that transition.
   * Without such a hook the instance goes at once.
   */
  readonly begin: (instanceId: string, transition: LifecycleTransition) => readonly LifecycleAction[];
  /** All actions, oldest first, as they stand now. */
  readonly actions: () => readonly LifecycleAction[];
  /** The action that waits under this key; undefined when there is none. */
  readonly findWaiting: (key: LifecycleActionKey) => LiveLifecycleAction | undefined;
  /** Completions and heartbeats that came for no waiting action, oldest first. */
  readonly refused: () => readonly RefusedLifecycleCall[];
  readonly recordRefused: (call: Omit<RefusedLifecycleCall, 'at'>) => void;
}

/**
 * An account without groups.
 * @param onTerminated called when an instance has passed all of its hooks and goes away
 */
export function createAutoScalingStore(clock: Clock, onTerminated: (instanceId: string) => void): AutoScalingStore {
  const groups = new Map<string, Map<string, LifecycleHook>>();
  const members = new Map<string, GroupInstance>();
  const retaining = new Set<string>();
  const live: LiveLifecycleAction[] = [];
  const refused: RefusedLifecycleCall[] = [];

  const hooksOf = (group: string): Map<string, LifecycleHook> => {
    const hooks = groups.get(group) ?? new Map<string, LifecycleHook>();
    groups.set(group, hooks);
    return hooks;
  };
  const setState = (instanceId: string, lifecycleState: string): void => {
    const member = members.get(instanceId);
    if (member !== undefined) members.set(instanceId, { ...member, lifecycleState });
  };
  const terminate = (instanceId: string): void => {
    if (members.delete(instanceId)) onTerminated(instanceId);
  };
  const proceed = (instanceId: string, transition: LifecycleTransition, abandoned: boolean): void => {
    const isTermination = transition === 'autoscaling:EC2_INSTANCE_TERMINATING';
    const isKept = isTermination && abandoned && retaining.has(members.get(instanceId)?.group ?? '');
    if (isKept) setState(instanceId, 'Terminating:Retained');
    else if (isTermination || abandoned) terminate(instanceId);
    else setState(instanceId, 'InService');
  };
  const onEnd = (ended: LifecycleAction): void => {
    const { transition } = ended.hook;
    const siblings = live
      .map((action) => action.current())
      .filter((action) => action.instanceId === ended.instanceId && action.hook.transition === transition);
    const abandoned = siblings.some((action) => action.result === 'ABANDON');
    // The instance waits for every hook, unless one gives it up.
    if (abandoned || siblings.every((action) => action.state !== 'waiting')) {
      proceed(ended.instanceId, transition, abandoned);
    }
  };

  return {
    hasGroup: (name) => groups.has(name),
    putHook: (options) => {
      const hook = lifecycleHook(options);
      hooksOf(hook.group).set(hook.name, hook);
      return hook;
    },
    retain: (group) => {
      hooksOf(group);
      retaining.add(group);
    },
    isRetaining: (group) => retaining.has(group),
    hooks: (group) => [...(groups.get(group)?.values() ?? [])],
    attach: (instanceId, group) => {
      hooksOf(group);
      members.set(instanceId, { instanceId, group, lifecycleState: 'InService' });
    },
    instance: (instanceId) => members.get(instanceId),
    instances: () => [...members.values()],
    begin: (instanceId, transition) => {
      const group = members.get(instanceId)?.group;
      if (group === undefined) throw new Error(`The sandbox's instance ${instanceId} is in no Auto Scaling group`);
      const hooks = [...hooksOf(group).values()].filter((hook) => hook.transition === transition);
      const phase = transition === 'autoscaling:EC2_INSTANCE_TERMINATING' ? 'Terminating' : 'Pending';
      if (hooks.length === 0) {
        proceed(instanceId, transition, false);
        return [];
      }
      setState(instanceId, `${phase}:Wait`);
      const begun = hooks.map((hook) => startLifecycleAction(clock, hook, instanceId, onEnd));
      live.push(...begun);
      return begun.map((action) => action.current());
    },
    actions: () => live.map((action) => action.current()),
    findWaiting: (key) =>
      live.find((candidate) => {
        const action = candidate.current();
        return (
          action.state === 'waiting' &&
          action.hook.group === key.group &&
          action.hook.name === key.hook &&
          (key.token === undefined || action.token === key.token) &&
          (key.instanceId === undefined || action.instanceId === key.instanceId)
        );
      }),
    refused: () => refused,
    recordRefused: (call) => void refused.push({ at: clock.now(), ...call }),
    [Symbol.dispose]: () => {
      for (const action of live) action.dispose();
    },
  };
}
