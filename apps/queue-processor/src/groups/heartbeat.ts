import { RecordLifecycleActionHeartbeatCommand } from '@aws-sdk/client-auto-scaling';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { backoffMs, LastingFailure, sleepUntil, withTimeLimit } from '@node-termination-handler/clock';
import type { Clock, TimeLimitOptions } from '@node-termination-handler/clock';
import type { LifecycleHook } from '@node-termination-handler/event-parsers';
import { errorText } from '@node-termination-handler/logger';
import { isNoLongerActive, isValidationError } from '@node-termination-handler/runtime/aws';

/** How an action is held: a heartbeat was heard; none was since a moment, in milliseconds since 1970; or it waits no longer. */
export type Holding = 'held' | { readonly unheardSinceMs: number } | 'gone';

/** How heartbeats are sent. */
export interface HeartbeatOptions {
  /** Seconds between two heartbeats; `auto`: half the hook's own timeout. */
  readonly intervalSeconds: number | 'auto';
  /** No heartbeat is sent later than so many seconds after the action's start. */
  readonly untilSeconds: number;
  /** When the action began, by the service's time, in milliseconds since 1970: whoever goes on with another's work keeps its clock. */
  readonly startedAtMs: number;
  /** The hook's timeout, as soon as it is known. */
  readonly timeoutMs: () => number | undefined;
  /** Told after each heartbeat that changes or confirms how the action is held. */
  readonly onHolding: (holding: Holding) => void;
  readonly onWarning: (message: string) => void;
  readonly clock: Clock;
}

/** The shortest timeout that a hook may have, in milliseconds; what `auto` goes by where the hook's own is not known. */
const SHORTEST_TIMEOUT_MS = 30_000;

/** How long one heartbeat may take, in milliseconds. */
const BEAT_WITHIN_MS = 10_000;

/** How the pauses grow after which a heartbeat that failed is sent again. */
const AGAIN = { firstMs: 1_000, maxMs: 30_000 };

/** How long after the one before a heartbeat is sent, in milliseconds. */
export function intervalMs(intervalSeconds: number | 'auto', timeoutMs: number | undefined): number {
  return intervalSeconds === 'auto' ? Math.max(1_000, (timeoutMs ?? SHORTEST_TIMEOUT_MS) / 2) : intervalSeconds * 1000;
}

/**
 * Keeps a lifecycle action alive, from its start on and at once where that is longer ago than the interval, until the signal aborts. Never
 * rejects.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html
 */
export async function sendHeartbeats(
  autoScaling: Pick<AutoScalingClient, 'send'>,
  hook: LifecycleHook,
  instanceId: string,
  options: HeartbeatOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, intervalSeconds, onHolding, onWarning, startedAtMs, timeoutMs, untilSeconds } = options;
  const untilMs = startedAtMs + untilSeconds * 1000;
  let heardMs = startedAtMs;
  let failures = 0;
  const beating = new LastingFailure(clock);
  let nextMs = startedAtMs + intervalMs(intervalSeconds, timeoutMs());
  try {
    while (Math.max(nextMs, clock.now()) <= untilMs) {
      await sleepUntil(clock, nextMs, signal);
      const sentMs = clock.now();
      const error = await sendHeartbeat(autoScaling, hook, instanceId, {
        clock,
        limitMs: BEAT_WITHIN_MS,
        signals: [signal],
      });
      if (error === undefined) {
        heardMs = sentMs;
        failures = 0;
        beating.succeeded();
        onHolding('held');
        nextMs = sentMs + intervalMs(intervalSeconds, timeoutMs());
        continue;
      }
      failures += 1;
      const { news } = beating.failed(errorText(error));
      if (news !== 'none') onWarning(`heartbeat for ${instanceId} failed: ${errorText(error)}`);
      if (isNoLongerActive(error)) {
        onHolding('gone');
        return;
      }
      // What is refused as such is refused again.
      const isLast = isValidationError(error);
      const isLong = failures > 1 && clock.now() - heardMs > (timeoutMs() ?? SHORTEST_TIMEOUT_MS) / 2;
      if (isLast || isLong) onHolding({ unheardSinceMs: heardMs });
      if (isLast) return;
      nextMs = clock.now() + Math.min(backoffMs(failures, AGAIN), intervalMs(intervalSeconds, timeoutMs()));
    }
  } catch (error) {
    if (!signal.aborted) onWarning(`heartbeats stopped: ${errorText(error)}`);
  }
}

/**
 * Sends one heartbeat; gives what kept it from being heard.
 *
 * @throws the reason of a signal that aborts first.
 */
export async function sendHeartbeat(
  autoScaling: Pick<AutoScalingClient, 'send'>,
  hook: LifecycleHook,
  instanceId: string,
  limit: TimeLimitOptions,
): Promise<unknown> {
  const command = new RecordLifecycleActionHeartbeatCommand({
    AutoScalingGroupName: hook.autoScalingGroupName,
    LifecycleHookName: hook.lifecycleHookName,
    ...(hook.lifecycleActionToken === undefined ? {} : { LifecycleActionToken: hook.lifecycleActionToken }),
    InstanceId: instanceId,
  });
  try {
    await withTimeLimit(limit, (abortSignal) => autoScaling.send(command, { abortSignal }));
    return undefined;
  } catch (error) {
    for (const signal of limit.signals ?? []) signal?.throwIfAborted();
    return error;
  }
}
