import { randomUUID } from 'node:crypto';
import { globalTimeoutSeconds } from './lifecycle-hook.ts';
import type { LifecycleHook, LifecycleResult } from './lifecycle-hook.ts';

/** One thing that happened to a lifecycle action. `at` in ms since the epoch. */
export interface LifecycleMoment {
  readonly at: number;
  readonly what: 'started' | 'heartbeat' | 'completed' | 'timed-out';
}

/** A lifecycle action: one instance, held by one hook. */
export interface LifecycleAction {
  readonly token: string;
  readonly instanceId: string;
  readonly hook: LifecycleHook;
  readonly state: 'waiting' | 'completed' | 'timed-out';
  /** Undefined while waiting. */
  readonly result: LifecycleResult | undefined;
  /** In ms since the epoch. */
  readonly startedAt: number;
  /** When it times out unless a heartbeat comes, in ms since the epoch. */
  readonly deadlineAt: number;
  /** When it ended, in ms since the epoch; undefined while waiting. */
  readonly endedAt: number | undefined;
  /** Oldest first. */
  readonly history: readonly LifecycleMoment[];
}

/** A lifecycle action that really times out. */
export interface LiveLifecycleAction {
  readonly current: () => LifecycleAction;
  readonly heartbeat: () => void;
  readonly complete: (result: LifecycleResult) => void;
  /** Stops the clock without ending the action: the sandbox closes. */
  readonly dispose: () => void;
}

/**
 * Starts an action: it waits for a completion, and takes the hook's default result when neither that nor a heartbeat comes in time.
 * @param onEnd called once, when it completes or times out
 */
export function startLifecycleAction(
  hook: LifecycleHook,
  instanceId: string,
  onEnd: (action: LifecycleAction) => void,
): LiveLifecycleAction {
  const startedAt = Date.now();
  const globalDeadlineAt = startedAt + globalTimeoutSeconds(hook) * 1000;
  let timer: NodeJS.Timeout | undefined;
  let action: LifecycleAction = {
    token: randomUUID(),
    instanceId,
    hook,
    state: 'waiting',
    result: undefined,
    startedAt,
    deadlineAt: startedAt,
    endedAt: undefined,
    history: [{ at: startedAt, what: 'started' }],
  };

  const end = (state: 'completed' | 'timed-out', result: LifecycleResult): void => {
    if (action.state !== 'waiting') return;
    clearTimeout(timer);
    const at = Date.now();
    action = { ...action, state, result, endedAt: at, history: [...action.history, { at, what: state }] };
    onEnd(action);
  };
  const wait = (): void => {
    clearTimeout(timer);
    const deadlineAt = Math.min(Date.now() + hook.heartbeatTimeoutSeconds * 1000, globalDeadlineAt);
    action = { ...action, deadlineAt };
    timer = setTimeout(() => end('timed-out', hook.defaultResult), deadlineAt - Date.now());
    timer.unref();
  };

  wait();
  return {
    current: () => action,
    heartbeat: () => {
      if (action.state !== 'waiting') return;
      action = { ...action, history: [...action.history, { at: Date.now(), what: 'heartbeat' }] };
      wait();
    },
    complete: (result) => end('completed', result),
    dispose: () => clearTimeout(timer),
  };
}
