import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleAction, LiveLifecycleAction } from './lifecycle.ts';

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

/** The lifecycle actions of all groups, and the calls that named none of them. */
export interface ActionBook extends Disposable {
  /** All actions, oldest first, as they stand now. */
  readonly actions: () => readonly LifecycleAction[];
  /** The action that waits under this key; undefined when there is none. */
  readonly findWaiting: (key: LifecycleActionKey) => LiveLifecycleAction | undefined;
  /** Completions and heartbeats that came for no waiting action, oldest first. */
  readonly refused: () => readonly RefusedLifecycleCall[];
  readonly recordRefused: (call: Omit<RefusedLifecycleCall, 'at'>) => void;
  readonly add: (actions: readonly LiveLifecycleAction[]) => void;
}

/** A book without actions. */
export function createActionBook(clock: Clock): ActionBook {
  const live: LiveLifecycleAction[] = [];
  const refused: RefusedLifecycleCall[] = [];
  return {
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
    add: (actions) => void live.push(...actions),
    [Symbol.dispose]: () => {
      for (const action of live) action.dispose();
    },
  };
}
