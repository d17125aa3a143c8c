import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { linkSignals, withTimeLimit } from '@node-termination-handler/clock';
import type { LifecycleHook, LifecycleTermination } from '@node-termination-handler/event-parsers';
import type { HandlingResult, HookFacts, InterruptionHandler } from '@node-termination-handler/interruption-handler';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { isNoLongerActive } from '@node-termination-handler/runtime/aws';
import type { Teller } from '../tell.ts';
import { completeAction } from './complete.ts';
import type { CompleteParts } from './complete.ts';
import { intervalMs, sendHeartbeat, sendHeartbeats } from './heartbeat.ts';
import type { Holding } from './heartbeat.ts';
import type { DescribedHook, HookAnswer } from './hooks.ts';
import { isOurs, judgeHook } from './own-hooks.ts';
import { BeforeEnd, endOfWait, marginMs, RESULT_ON_FAILURE } from './result-at-end.ts';

/** How long a node waits for what its hook is before it is cordoned, in milliseconds: what is learned later is told later. */
const READ_WITHIN_MS = 2_000;

/** How long heartbeats wait for whether the hook may have any, in milliseconds. */
const JUDGE_WITHIN_MS = 10_000;

/** What holding an action needs. */
export interface HoldParts extends CompleteParts {
  readonly autoScaling: AutoScalingClient;
  readonly handler: Pick<InterruptionHandler, 'hookChanged' | 'isEmptied'>;
  readonly settings: QueueProcessorSettings;
  readonly teller: CompleteParts['teller'] & Pick<Teller, 'forced'>;
  readonly signal: AbortSignal;
}

/**
 * Holds a lifecycle action while its event is handled: the engine learns when its hook ends, and of a hook of ours heartbeats move that end
 * for as long as the settings say. Where pods are left when it comes, the hook gets the result of the settings.
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
  const isHeld = isOurs(settings.lifecycleHookNames, hook);
  const hasToken = judgeHook(hook, { status: 'unknown' }, settings.lifecycleHookNames).isAllowed;
  const isOwed = isHeld && hasToken && !settings.dryRun;
  const result = isOwed ? RESULT_ON_FAILURE[settings.lifecycleResultOnFailure] : undefined;
  const reading = hooks.describe(hook, event.kind, result);
  const unknown = (): HookAnswer => ({ status: 'unknown' });
  let described = await withTimeLimit({ clock, limitMs: READ_WITHIN_MS, signals: [signal] }, reading).catch(unknown);
  const isKnown = described.status === 'confirmed';
  const factsNow = (): HookFacts | undefined =>
    described.status === 'confirmed' ? factsOf(described, isHeld, settings) : undefined;
  const handled = handle(factsNow());
  const startedAtMs = Math.min(event.noticedAt.getTime(), clock.now());
  let isGone = false;
  const waitsNoLonger = (): void => {
    if (!isGone && !over.signal.aborted) handler.hookChanged(event, 'gone');
    isGone = true;
  };
  let beatsUntilMs = -Infinity;
  const isOver = (): boolean => over.signal.aborted || isGone;
  const isHeardOnceMore = async (): Promise<boolean> => {
    const { autoScaling } = parts;
    const nowMs = clock.now();
    const { heartbeatUntilMs, timeoutMs } = factsNow() ?? {};
    if (timeoutMs === undefined || heartbeatUntilMs === undefined || nowMs > beatsUntilMs) return false;
    if (endOfWait({ startedAtMs, heardMs: nowMs, timeoutMs }) <= nowMs + marginMs(timeoutMs)) return false;
    const limit = { clock, limitMs: marginMs(timeoutMs) / 2, signals: [over.signal] };
    const error = await sendHeartbeat(autoScaling, hook, event.instanceId, limit);
    if (error === undefined) learned('held');
    if (isNoLongerActive(error)) learned('gone');
    return error === undefined;
  };
  // That Auto Scaling refused is told.
  const onEnd = async (): Promise<void> => {
    if (isOver() || (await isHeardOnceMore().catch(() => false)) || isOver()) return;
    handler.hookChanged(event, 'ending');
    if (result === undefined || handler.isEmptied(event)) return;
    const warning = `pods are left on the node of instance ${event.instanceId}, and its hook ${hook.lifecycleHookName} waits no longer: it gets ${result} (LIFECYCLE_RESULT_ON_FAILURE)`;
    teller.warning(warning);
    const completion = await completeAction(event, parts, result).catch(() => undefined);
    if (completion !== undefined) waitsNoLonger();
    if (completion === 'completed') teller.forced(event, result);
  };
  using beforeEnd = new BeforeEnd(clock, () => void onEnd());
  const waitFrom = (heardMs: number): void => {
    if (!isOwed || described.status !== 'confirmed') return;
    const { timeoutMs } = described;
    beforeEnd.moveTo(endOfWait({ startedAtMs, heardMs, timeoutMs }), timeoutMs);
  };
  const learned = (holding: Holding): void => {
    if (over.signal.aborted) return;
    if (holding === 'gone') {
      waitsNoLonger();
      return;
    }
    const facts = factsNow();
    if (facts !== undefined) handler.hookChanged(event, heldAs(holding, facts, startedAtMs));
    if (holding === 'held') waitFrom(clock.now());
  };
  waitFrom(startedAtMs);
  const keepAlive = async (): Promise<void> => {
    const { heartbeatIntervalSeconds: intervalSeconds, heartbeatUntilSeconds: untilSeconds } = settings;
    if (!isHeld || !beats(settings) || intervalSeconds === undefined || untilSeconds === undefined) return;
    const limit = { clock, limitMs: JUDGE_WITHIN_MS, signals: [over.signal] };
    const answer = await withTimeLimit(limit, reading).catch(unknown);
    if (over.signal.aborted || !judgeHook(hook, answer, settings.lifecycleHookNames).isAllowed) return;
    const onWarning = (message: string): void => teller.warning(message);
    if (answer.status === 'confirmed') warnIfTooLate(hook, answer, intervalSeconds, onWarning);
    beatsUntilMs = startedAtMs + untilSeconds * 1000;
    const timeoutMs = (): number | undefined => (described.status === 'confirmed' ? described.timeoutMs : undefined);
    const options = { clock, intervalSeconds, untilSeconds, startedAtMs, timeoutMs, onHolding: learned, onWarning };
    await sendHeartbeats(parts.autoScaling, hook, event.instanceId, options, over.signal);
  };
  if (!isKnown)
    void reading.then((late) => {
      described = late;
      if (over.signal.aborted || late.status !== 'confirmed') return;
      waitFrom(startedAtMs);
      const facts = factsNow();
      if (facts !== undefined) handler.hookChanged(event, facts);
    });
  void keepAlive();
  try {
    return await handled;
  } finally {
    over.abort();
  }
}

/** Whether heartbeats are sent at all. */
function beats({ heartbeatIntervalSeconds, heartbeatUntilSeconds, dryRun }: QueueProcessorSettings): boolean {
  return heartbeatIntervalSeconds !== undefined && heartbeatUntilSeconds !== undefined && !dryRun;
}

/** What the engine is told of a hook; heartbeats that come too late for it move nothing. */
function factsOf(
  { timeoutMs, defaultResult, isRetained }: DescribedHook,
  isHeld: boolean,
  settings: QueueProcessorSettings,
): HookFacts {
  const { heartbeatIntervalSeconds: interval, heartbeatUntilSeconds: until } = settings;
  const moves = isHeld && beats(settings) && interval !== undefined && intervalMs(interval, timeoutMs) < timeoutMs;
  const heartbeatUntilMs = moves && until !== undefined ? { heartbeatUntilMs: until * 1000 } : {};
  return { timeoutMs, defaultResult, isRetained, ...heartbeatUntilMs };
}

/** A hook from which nothing was heard since a moment ends its timeout after that. */
function heldAs(holding: Exclude<Holding, 'gone'>, facts: HookFacts, startedAtMs: number): HookFacts {
  if (holding === 'held' || facts.timeoutMs === undefined) return facts;
  return { ...facts, heartbeatUntilMs: holding.unheardSinceMs + facts.timeoutMs - startedAtMs };
}

function warnIfTooLate(
  { lifecycleHookName }: LifecycleHook,
  known: DescribedHook,
  interval: number | 'auto',
  onWarning: (message: string) => void,
): void {
  if (intervalMs(interval, known.timeoutMs) < known.timeoutMs) return;
  onWarning(
    `HEARTBEAT_INTERVAL ${interval} s is not shorter than the ${known.timeoutMs / 1000} s that lifecycle hook ${lifecycleHookName} waits: the action ends before the first heartbeat`,
  );
}
