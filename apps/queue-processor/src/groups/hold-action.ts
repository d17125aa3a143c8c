import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { linkSignals, withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { LifecycleHook, LifecycleTermination } from '@node-termination-handler/event-parsers';
import type { HandlingResult, HookFacts, InterruptionHandler } from '@node-termination-handler/interruption-handler';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { intervalMs, sendHeartbeats } from './heartbeat.ts';
import type { Holding } from './heartbeat.ts';
import type { DescribedHook, Hooks } from './hooks.ts';

/** How long a node waits for what its hook is before it is cordoned, in milliseconds: what is learned later is told later. */
const READ_WITHIN_MS = 2_000;

/** What holding an action needs. */
export interface HoldParts {
  readonly autoScaling: AutoScalingClient;
  readonly clock: Clock;
  readonly handler: Pick<InterruptionHandler, 'hookChanged'>;
  readonly hooks: Pick<Hooks, 'describe'>;
  readonly settings: QueueProcessorSettings;
  readonly signal: AbortSignal;
  readonly teller: { warning(message: string): void };
}

/**
 * Holds a lifecycle action while its event is handled: the engine learns when its hook ends, and heartbeats move that end for as long as
 * the settings say.
 *
 * @param handle - Hands the event to the engine, with what is known of the hook at that moment.
 */
export async function holdAction(
  event: LifecycleTermination,
  hook: LifecycleHook,
  parts: HoldParts,
  handle: (facts: HookFacts | undefined) => Promise<HandlingResult>,
): Promise<HandlingResult> {
  const { clock, handler, hooks, settings, signal, teller } = parts;
  using over = linkSignals([signal]);
  const reading = hooks.describe(hook);
  let described = await withTimeLimit({ clock, limitMs: READ_WITHIN_MS, signals: [signal] }, reading).catch(
    () => undefined,
  );
  const isKnown = described !== undefined;
  const handled = handle(described && factsOf(described, settings));
  const startedAtMs = Math.min(event.noticedAt.getTime(), clock.now());
  const learned = (holding: Holding): void => {
    if (over.signal.aborted) return;
    if (holding === 'gone') handler.hookChanged(event, 'gone');
    else if (described !== undefined)
      handler.hookChanged(event, heldAs(holding, factsOf(described, settings), startedAtMs));
  };
  if (!isKnown)
    void reading.then((late) => {
      described = late;
      learned('held');
    });
  const { heartbeatIntervalSeconds: intervalSeconds, heartbeatUntilSeconds: untilSeconds, dryRun } = settings;
  if (intervalSeconds !== undefined && untilSeconds !== undefined && !dryRun) {
    const onWarning = (message: string): void => teller.warning(message);
    const timeoutMs = (): number | undefined => described?.timeoutMs;
    const options = { clock, intervalSeconds, untilSeconds, startedAtMs, timeoutMs, onHolding: learned, onWarning };
    void reading.then((known) => warnIfTooLate(hook, known, intervalSeconds, onWarning));
    void sendHeartbeats(parts.autoScaling, hook, event.instanceId, options, over.signal);
  }
  try {
    return await handled;
  } finally {
    over.abort();
  }
}

/** What the engine is told of a hook; heartbeats that come too late for it move nothing. */
function factsOf({ timeoutMs, defaultResult, isRetained }: DescribedHook, settings: QueueProcessorSettings): HookFacts {
  const { heartbeatIntervalSeconds: interval, heartbeatUntilSeconds: until, dryRun } = settings;
  const areSent = interval !== undefined && until !== undefined && !dryRun;
  const moves = areSent && intervalMs(interval, timeoutMs) < timeoutMs;
  return { timeoutMs, defaultResult, isRetained, ...(moves ? { heartbeatUntilMs: until * 1000 } : {}) };
}

/** A hook from which nothing was heard since a moment ends its timeout after that. */
function heldAs(holding: Exclude<Holding, 'gone'>, facts: HookFacts, startedAtMs: number): HookFacts {
  if (holding === 'held' || facts.timeoutMs === undefined) return facts;
  return { ...facts, heartbeatUntilMs: holding.unheardSinceMs + facts.timeoutMs - startedAtMs };
}

function warnIfTooLate(
  { lifecycleHookName }: LifecycleHook,
  known: DescribedHook | undefined,
  interval: number | 'auto',
  onWarning: (message: string) => void,
): void {
  if (known === undefined || intervalMs(interval, known.timeoutMs) < known.timeoutMs) return;
  onWarning(
    `HEARTBEAT_INTERVAL ${interval} s is not shorter than the ${known.timeoutMs / 1000} s that lifecycle hook ${lifecycleHookName} waits: the action ends before the first heartbeat`,
  );
}
