import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleState, SteadyState } from './moves.ts';

/** An instance as its group sees it. */
export interface GroupInstance {
  readonly instanceId: string;
  readonly group: string;
  readonly lifecycleState: LifecycleState;
  /** The state that it is on its way to, or in: what its metadata says as `autoscaling/target-lifecycle-state`. */
  readonly target: SteadyState;
}

/** A state in which an instance was. `at` in ms since the epoch. */
interface PassedState {
  readonly at: number;
  readonly state: LifecycleState;
}

/** The instances of all groups. */
export interface Members {
  readonly get: (instanceId: string) => GroupInstance | undefined;
  /** In the order in which they came. */
  readonly list: () => readonly GroupInstance[];
  /** Begins a membership, in place of one that it had. */
  readonly join: (instance: GroupInstance) => void;
  readonly setState: (instanceId: string, state: LifecycleState, target?: SteadyState) => void;
  /** The instance is in the group no more. */
  readonly leave: (instanceId: string) => void;
  /** Every state in which an instance was, also in earlier memberships, oldest first. */
  readonly passed: (instanceId: string) => readonly PassedState[];
  /** Calls back at each change of an instance's state or target until the returned function is called. */
  readonly onChange: (listener: (instance: GroupInstance) => void) => () => void;
}

/** Groups without instances. */
export function createMembers(clock: Clock): Members {
  const members = new Map<string, GroupInstance>();
  const passed = new Map<string, PassedState[]>();
  const listeners = new Set<(instance: GroupInstance) => void>();

  const put = (instance: GroupInstance): void => {
    const { instanceId, lifecycleState: state } = instance;
    members.set(instanceId, instance);
    const path = passed.get(instanceId) ?? [];
    passed.set(instanceId, path);
    path.push({ at: clock.now(), state });
    for (const listener of listeners) listener(instance);
  };
  return {
    get: (instanceId) => members.get(instanceId),
    list: () => [...members.values()],
    join: put,
    setState: (instanceId, lifecycleState, target) => {
      const before = members.get(instanceId);
      if (before !== undefined) put({ ...before, lifecycleState, target: target ?? before.target });
    },
    leave: (instanceId) => void members.delete(instanceId),
    passed: (instanceId) => passed.get(instanceId) ?? [],
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
