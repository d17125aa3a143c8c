import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  abortable,
  linkSignals,
  sleep,
  sleepUntil,
  timeLimit,
  TimeLimitError,
  withTimeLimit,
} from '@node-termination-handler/clock';
import type { LifecycleHook, LifecycleLaunch } from '@node-termination-handler/event-parsers';
import { longestActionMs } from '@node-termination-handler/interruption-handler';
import type { InterruptionHandler } from '@node-termination-handler/interruption-handler';
import { errorText } from '@node-termination-handler/logger';
import { OWN_PREFIX } from '@node-termination-handler/node-drainer';
import type { FoundNode, NodeIndex } from '@node-termination-handler/node-drainer';
import { lacksRight } from '@node-termination-handler/runtime/aws';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import { isGoing, runningSince } from '../instances/describe.ts';
import type { Instances } from '../instances/describe.ts';
import type { EventEnd } from '../message/settlement.ts';
import type { Place } from '../queue/waiting.ts';
import { completeAction } from './complete.ts';
import type { CompleteParts } from './complete.ts';
import { sendHeartbeats } from './heartbeat.ts';
import type { StateInGroup } from './lifecycle-state.ts';
import { isNamed, isOurs, judgeHook } from './own-hooks.ts';
import { marginMs } from './result-at-end.ts';

/** How often the instance is looked at while its node is waited for, in milliseconds. */
const LOOK_EVERY_MS = 60_000;

/** How long a node that shows no mark is asked for what it was taken out of service for, in milliseconds. */
const UNMARKED_MS = 10_000;

/** What a launch needs. */
export interface LaunchParts extends CompleteParts {
  readonly autoScaling: AutoScalingClient;
  readonly nodes: Pick<NodeIndex, 'findAll' | 'whenReady'>;
  readonly instances: Pick<Instances, 'ask' | 'forget'>;
  readonly handler: Pick<InterruptionHandler, 'putIntoService' | 'returned'>;
  readonly settings: QueueProcessorSettings;
  readonly signal: AbortSignal;
  readonly stateInGroup: StateInGroup;
  /** Where an event waits that cannot be worked on yet. */
  readonly place: Pick<Place, 'wait'>;
}

/**
 * Takes a launch to its end.
 *
 * | the instance | what is done |
 * | --- | --- |
 * | goes into the warm pool | its hook is left to its owner, as a rule the bootstrap of the instance; one that is named in `LIFECYCLE_HOOK_NAMES` is completed when its node is ready, or else shortly before it waits no longer |
 * | goes into service, for the first time, out of the pool, or with another root volume | its node is given back, waited for until it is ready, and the hook is completed |
 *
 * @throws when Auto Scaling refuses or cannot be reached, and the signal's reason.
 */
export async function processLaunch(event: LifecycleLaunch, parts: LaunchParts): Promise<EventEnd> {
  const { hook } = event;
  const { lifecycleHookNames: names } = parts.settings;
  const isIntoPool = event.destination === 'WarmPool';
  if (hook === undefined) return { status: 'finished', outcome: 'not_actionable' };
  if (!isIntoPool) await giveBack(event, parts);
  if (!isOurs(names, hook) || (isIntoPool && !isNamed(names, hook))) {
    parts.teller.left(event);
    return { status: 'finished', outcome: 'not_actionable' };
  }
  const end = await parts.place.wait(parts.signal, async (signal) => {
    const waiting = { ...parts, signal };
    using late = isIntoPool ? isLate(event, hook, waiting) : undefined;
    const found = await launchedNode(event, waiting, late?.signal);
    if (found === 'ready' && !isIntoPool) await giveBack(event, waiting);
    if (found === 'ready') await delay(event, hook, waiting);
    return found;
  });
  if (end === 'ended') return { status: 'finished', outcome: 'not_actionable' };
  if (end === 'late')
    parts.teller.warning(`instance ${event.instanceId} is in the warm pool, and has not become a node`);
  await completeAction(event, parts);
  return { status: 'finished', outcome: 'handled' };
}

/**
 * A signal that aborts shortly before the hook waits no longer. When that is, its group says; the node is waited for meanwhile, and goes on
 * being waited for where nobody says.
 */
function isLate(
  event: LifecycleLaunch,
  hook: LifecycleHook,
  { clock, hooks }: LaunchParts,
): Disposable & { readonly signal: AbortSignal } {
  const late = new AbortController();
  const over = new AbortController();
  void hooks.describe(hook, event.kind).then(async (answer) => {
    if (answer.status !== 'confirmed') return;
    const { timeoutMs } = answer;
    const lateMs = event.noticedAt.getTime() + timeoutMs - marginMs(timeoutMs);
    await sleepUntil(clock, lateMs, over.signal).then(
      () => late.abort(),
      () => undefined,
    );
  });
  return { signal: late.signal, [Symbol.dispose]: () => over.abort() };
}

/**
 * What the instance was taken out of service for is over: its group puts it into service. Believed unless the group itself says that it
 * terminates the instance.
 */
async function giveBack(event: LifecycleLaunch, parts: LaunchParts): Promise<void> {
  const { clock, handler, instances, signal, teller } = parts;
  const { instanceId } = event;
  const nodes = parts.nodes.findAll({ instanceId });
  if (nodes.length === 0) return;
  const group = await askGroup(event, parts);
  if (group === 'terminates') return;
  const putIntoService = (): Promise<boolean> => handler.putIntoService({ instanceId }, event.noticedAt);
  // That no mark is shown is as a rule so: a launch does not wait for an API server that is away to say it once more.
  const hadAnything = nodes.some(isMarked)
    ? await putIntoService()
    : await withTimeLimit({ clock, limitMs: UNMARKED_MS, signals: [signal] }, putIntoService).catch(outOfTime);
  if (!hadAnything) return;
  if (group instanceof Error)
    teller.warning(`whether its group terminates instance ${instanceId} is not known: ${errorText(group)}`);
  instances.forget(instanceId);
  const launchedAt = runningSince(await instances.ask(instanceId, signal));
  if (launchedAt !== undefined) await handler.returned({ instanceId }, launchedAt);
}

function outOfTime(error: unknown): false {
  if (error instanceof TimeLimitError) return false;
  throw error;
}

function isMarked({ unschedulable, taints }: FoundNode): boolean {
  return unschedulable || taints.some(({ key }) => key.startsWith(`${OWN_PREFIX}/`));
}

/** Whether its group terminates the instance; an error where it cannot be asked, but for want of a right. */
async function askGroup(
  { instanceId }: LifecycleLaunch,
  parts: LaunchParts,
): Promise<'terminates' | 'does not' | Error> {
  const { signal, stateInGroup, teller } = parts;
  try {
    const state = (await abortable(stateInGroup(instanceId), signal)) ?? '';
    if (!/^(?:Warmed:)?Terminating\b/.test(state)) return 'does not';
    teller.warning(
      `a message says that instance ${instanceId} is launched, and its group that it is ${state}: its node stays as it is`,
    );
    return 'terminates';
  } catch (error) {
    signal.throwIfAborted();
    // A right that is missing is named once for all that would need it; see `watchRetained`.
    return lacksRight(error) ? 'does not' : (error as Error);
  }
}

/** Puts off the completion as the settings say; the action is kept alive meanwhile, where they ask for heartbeats. */
async function delay(event: LifecycleLaunch, hook: LifecycleHook, parts: LaunchParts): Promise<void> {
  const { autoScaling, clock, hooks, settings, signal, teller } = parts;
  const { completeLifecycleActionDelaySeconds: seconds = 0, dryRun, lifecycleHookNames: names } = settings;
  const { heartbeatIntervalSeconds: intervalSeconds, heartbeatUntilSeconds: untilSeconds } = settings;
  if (seconds <= 0) return;
  using over = linkSignals([signal]);
  if (intervalSeconds !== undefined && untilSeconds !== undefined && !dryRun) {
    void hooks.describe(hook, event.kind).then((answer) => {
      if (over.signal.aborted || !judgeHook(hook, answer, names).isAllowed) return;
      const options = {
        ...{ clock, intervalSeconds, untilSeconds, startedAtMs: Math.min(event.noticedAt.getTime(), clock.now()) },
        timeoutMs: () => (answer.status === 'confirmed' ? answer.timeoutMs : undefined),
        onHolding: () => undefined,
        onWarning: (message: string) => teller.warning(message),
      };
      void sendHeartbeats(autoScaling, hook, event.instanceId, options, over.signal);
    });
  }
  try {
    await sleep(clock, seconds * 1000, signal);
  } finally {
    over.abort();
  }
}

/**
 * Waits until the node of a launched instance is `Ready`; the message stays invisible meanwhile.
 *
 * @param late - Aborts when that is too late. Default: as late as a lifecycle action can wait.
 * @returns `ended` when the instance has ended, or nothing can wait for it any more.
 * @throws the signal's reason when it aborts first.
 */
export async function launchedNode(
  event: LifecycleLaunch,
  parts: WaitParts,
  late?: AbortSignal,
): Promise<'ready' | 'late' | 'ended'> {
  const { nodes, clock, signal } = parts;
  const until = event.noticedAt.getTime() + longestActionMs();
  for (;;) {
    using look = timeLimit({ clock, limitMs: LOOK_EVERY_MS, signals: [signal, late] });
    try {
      await nodes.whenReady({ instanceId: event.instanceId }, look.signal);
      return 'ready';
    } catch (error) {
      if (signal.aborted || !look.signal.aborted) throw error;
    }
    if (clock.now() > until || (await hasEnded(parts, event.instanceId))) return 'ended';
    if (late?.aborted === true) return 'late';
  }
}

/** What waiting for a node needs. */
type WaitParts = Pick<LaunchParts, 'clock' | 'nodes' | 'signal'> & { readonly instances: Pick<Instances, 'ask'> };

/** An EC2 that cannot be asked for a moment says nothing about the instance, nor does that of another region about one whose node is here. */
async function hasEnded({ instances, nodes, signal }: WaitParts, instanceId: string): Promise<boolean> {
  const answer = await instances.ask(instanceId, signal);
  if (answer.status === 'unknown-id') return nodes.findAll({ instanceId }).length === 0;
  return answer.status === 'described' && isGoing(answer.instance);
}
