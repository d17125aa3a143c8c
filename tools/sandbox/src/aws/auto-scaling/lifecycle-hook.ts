/** When a hook holds an instance. */
export type LifecycleTransition = 'autoscaling:EC2_INSTANCE_TERMINATING' | 'autoscaling:EC2_INSTANCE_LAUNCHING';

/** How a lifecycle action ends. */
export type LifecycleResult = 'CONTINUE' | 'ABANDON';

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
