import type { Clock, Timer } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import type { LifecycleTransition, Move } from './moves.ts';

/** How a lifecycle action ends. */
type LifecycleResult = 'CONTINUE' | 'ABANDON';

/** A lifecycle hook of a group. */
export interface LifecycleHook {
  readonly name: string;
  readonly group: string;
  readonly transition: LifecycleTransition;
  /** How long an action waits for completion or a heartbeat, in seconds. The service allows 30–7200; tests may go lower. */
  readonly heartbeatTimeoutSeconds: number;
  /** What happens when the time runs out. */
  readonly defaultResult: LifecycleResult;
  readonly notificationMetadata: string | undefined;
}

/** A hook as it is put; the defaults are the service's: 3600 s, ABANDON. */
export type LifecycleHookOptions = Pick<LifecycleHook, 'name' | 'group' | 'transition'> & Partial<LifecycleHook>;

/** Fills in the service's defaults. */
export function lifecycleHook(options: LifecycleHookOptions): LifecycleHook {
  return { heartbeatTimeoutSeconds: 3600, defaultResult: 'ABANDON', notificationMetadata: undefined, ...options };
}

/**
 * How long an action can be kept waiting by heartbeats, in seconds: 48 hours or a hundred times the heartbeat timeout, whichever is smaller.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html
 */
export function globalTimeoutSeconds(hook: LifecycleHook): number {
  return Math.min(172_800, 100 * hook.heartbeatTimeoutSeconds);
}

/** One thing that happened to a lifecycle action. `at` in ms since the epoch. */
interface LifecycleMoment {
  readonly at: number;
  readonly what: 'started' | 'heartbeat' | 'completed' | 'timed-out' | 'cancelled';
}

/** What the message of an action says of the way that its instance takes. */
type LifecycleWay = Pick<Move, 'origin' | 'destination' | 'action'>;

/** A lifecycle action: one instance, held by one hook. */
export interface LifecycleAction {
  readonly token: string;
  readonly instanceId: string;
  readonly hook: LifecycleHook;
  readonly way: LifecycleWay;
  /** Cancelled: another hook of the instance was abandoned, so that nothing waits for this one any more. */
  readonly state: 'waiting' | 'completed' | 'timed-out' | 'cancelled';
  /** Undefined while waiting, and when cancelled. */
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
  readonly cancel: () => void;
  /** Stops the clock without ending the action: the sandbox closes. */
  readonly dispose: () => void;
}

/**
 * Starts an action: it waits for a completion, and takes the hook's default result when neither that nor a heartbeat comes in time.
 * @param onEnd called once, when it completes or times out
 */
export function startLifecycleAction(
  clock: Clock,
  hook: LifecycleHook,
  { instanceId, way }: Pick<LifecycleAction, 'instanceId' | 'way'>,
  onEnd: (action: LifecycleAction) => void,
): LiveLifecycleAction {
  const startedAt = clock.now();
  const globalDeadlineAt = startedAt + globalTimeoutSeconds(hook) * 1000;
  let timer: Timer | undefined;
  let action: LifecycleAction = {
    token: randomUUID(),
    instanceId,
    hook,
    way,
    state: 'waiting',
    result: undefined,
    startedAt,
    deadlineAt: startedAt,
    endedAt: undefined,
    history: [{ at: startedAt, what: 'started' }],
  };

  const end = (state: 'completed' | 'timed-out' | 'cancelled', result?: LifecycleResult): void => {
    if (action.state !== 'waiting') return;
    timer?.stop();
    const at = clock.now();
    action = { ...action, state, result, endedAt: at, history: [...action.history, { at, what: state }] };
    onEnd(action);
  };
  const wait = (): void => {
    timer?.stop();
    const now = clock.now();
    const deadlineAt = Math.min(now + hook.heartbeatTimeoutSeconds * 1000, globalDeadlineAt);
    action = { ...action, deadlineAt };
    const timeOut = (): void => end('timed-out', hook.defaultResult);
    timer = clock.startTimer(deadlineAt - now, timeOut, { keepsProcessAlive: false });
  };

  wait();
  return {
    current: () => action,
    heartbeat: () => {
      if (action.state !== 'waiting') return;
      action = { ...action, history: [...action.history, { at: clock.now(), what: 'heartbeat' }] };
      wait();
    },
    complete: (result) => end('completed', result),
    cancel: () => end('cancelled'),
    dispose: () => timer?.stop(),
  };
}

/**
 * Starts an action for each hook that holds an instance. They run side by side, and the instance waits for all of them; one that ends
 * with `ABANDON` ends the others.
 * @param onOver called once, when none of them waits any more
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html#lifecycle-hook-considerations
 */
export function startLifecycleActions(
  clock: Clock,
  hooks: readonly LifecycleHook[],
  subject: Pick<LifecycleAction, 'instanceId' | 'way'>,
  onOver: (isAbandoned: boolean) => void,
): readonly LiveLifecycleAction[] {
  let isAbandoned = false;
  let waiting = hooks.length;
  const actions = hooks.map((hook) =>
    startLifecycleAction(clock, hook, subject, ({ result }) => {
      waiting -= 1;
      if (isAbandoned) return;
      isAbandoned = result === 'ABANDON';
      if (isAbandoned) for (const other of actions) other.cancel();
      if (isAbandoned || waiting === 0) onOver(isAbandoned);
    }),
  );
  return actions;
}
