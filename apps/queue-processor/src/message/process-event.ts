import type { InstanceRunning, InterruptionEvent, LifecycleLaunch } from '@node-termination-handler/event-parsers';
import type {
  Doubt,
  HandlingResult,
  HookFacts,
  InterruptionHandler,
  NodeInterruption,
} from '@node-termination-handler/interruption-handler';
import { errorText } from '@node-termination-handler/logger';
import { completeAction } from '../groups/complete.ts';
import { holdAction } from '../groups/hold-action.ts';
import type { HoldParts } from '../groups/hold-action.ts';
import { processLaunch } from '../groups/launch.ts';
import type { LaunchParts } from '../groups/launch.ts';
import { checkTermination } from '../groups/lifecycle-state.ts';
import { isOurs } from '../groups/own-hooks.ts';
import type { InstanceSources } from '../instances/find-instance.ts';
import { lookForNode } from '../instances/look-for-node.ts';
import type { NodeLook } from '../instances/look-for-node.ts';
import type { InstanceVerdict } from '../instances/judge-instance.ts';
import { checkRunning, checkStateChange, hasReturned, isShutDown } from '../instances/state-change.ts';
import type { Act, History } from '../instances/state-change.ts';
import { NoRoomError } from '../queue/waiting.ts';
import type { Teller } from '../tell.ts';
import { eventEnd } from './settlement.ts';
import type { EventEnd } from './settlement.ts';

/** What processing an event needs. */
export interface EventProcessing extends InstanceSources, HoldParts, LaunchParts {
  /** The region whose EC2 is asked. */
  readonly region: string;
  readonly nodes: InstanceSources['nodes'] & LaunchParts['nodes'];
  readonly instances: InstanceSources['instances'];
  readonly handler: Pick<InterruptionHandler, 'handle'> & HoldParts['handler'] & LaunchParts['handler'];
  /** Who told of the event. Default: the queue. */
  readonly source?: 'ec2';
  readonly teller: Pick<Teller, 'forced' | 'history' | 'instance' | 'lifecycle' | 'left' | 'warning'>;
  /** Told why an event begins to wait for its node. */
  readonly onWait: (event: InterruptionEvent, reason: string) => void;
  /** Since when its node was looked for, as far as that is known. */
  readonly lookedForSince?: Date | undefined;
}

/** Takes one event to its end: whose instance → cordon and drain → complete the lifecycle action. */
export async function processEvent(event: InterruptionEvent, parts: EventProcessing): Promise<EventEnd> {
  try {
    if (event.kind === 'INSTANCE_RUNNING') return await processRunning(event, parts);
    const { checkTagBeforeDraining: checkTag, managedTag } = parts.settings;
    const rule = { checkTag, managedTag, region: parts.region };
    const look = { ...parts, onWait: (reason: string) => parts.onWait(event, reason) };
    const verdict = await lookForNode(event, rule, look, (found) => decides(event, found, parts));
    if (verdict.status === 'left') {
      const isDeleted = !verdict.isUnknown && parts.settings.deleteSqsMsgIfNodeNotFound;
      return isDeleted ? { status: 'finished', outcome: 'node_not_found' } : verdict;
    }
    parts.teller.instance(event, verdict);
    return await processVerdict(event, verdict, parts);
  } catch (error) {
    if (parts.signal.aborted) return { status: 'handed-back' };
    if (error instanceof NoRoomError) return { status: 'no-room' };
    return { status: 'retry', outcome: 'failed', reason: errorText(error) };
  }
}

/** Whether something can be done with what was found out about an event's instance. */
function decides({ kind }: InterruptionEvent, verdict: InstanceVerdict, { settings }: EventProcessing): boolean {
  if (verdict.status === 'unknown') return false;
  if (verdict.status !== 'no-node-yet') return true;
  // The node of a launched instance is waited for by itself; that EC2 does not know the instance yet says nothing about it.
  if (kind === 'ASG_LAUNCH_LIFECYCLE') return verdict.instance !== undefined;
  return settings.deleteSqsMsgIfNodeNotFound;
}

async function processVerdict(
  event: NodeInterruption | LifecycleLaunch,
  verdict: Exclude<NodeLook, { status: 'left' }>,
  parts: EventProcessing,
): Promise<EventEnd> {
  const isLaunch = event.kind === 'ASG_LAUNCH_LIFECYCLE';
  switch (verdict.status) {
    case 'not-ours':
      return { status: 'finished', outcome: 'not_managed', reason: verdict.reason };
    case 'unknown':
      return { status: 'left', isUnknown: true, reason: verdict.reason };
    case 'nothing-to-do':
      if (verdict.completesHook && event.kind === 'ASG_LIFECYCLE') await completeAction(event, parts);
      return { status: 'finished', outcome: 'not_actionable', reason: verdict.reason };
    case 'no-node-yet': {
      if (isLaunch && verdict.instance !== undefined) return processLaunch(event, parts);
      // What EC2 does not know, its group does not wait for.
      if (verdict.instance !== undefined && event.kind === 'ASG_LIFECYCLE') await completeAction(event, parts);
      return { status: 'finished', outcome: 'node_not_found' };
    }
    case 'ours':
      return isLaunch ? processLaunch(event, parts) : processInterruption(event, verdict, parts);
  }
}

async function processInterruption(
  event: NodeInterruption,
  { nodes, instance }: Extract<InstanceVerdict, { status: 'ours' }>,
  parts: EventProcessing,
): Promise<EventEnd> {
  const { clock, handler, settings, teller } = parts;
  const check = await checkNotice(event, parts);
  if (check.status === 'history') {
    teller.history(event, check.reason);
    return { status: 'finished', outcome: 'not_actionable' };
  }
  if (check.warning !== undefined) teller.warning(check.warning);
  const hook = event.kind === 'ASG_LIFECYCLE' ? event.hook : undefined;
  // The node goes, whoever completes its hook.
  const action =
    event.kind === 'ASG_LIFECYCLE' && hook !== undefined && isOurs(settings.lifecycleHookNames, hook)
      ? event
      : undefined;
  if (event.kind === 'ASG_LIFECYCLE' && hook !== undefined && action === undefined) teller.left(event);
  const marksShutDown = settings.enableOutOfServiceTaint && !settings.cordonOnly;
  const isDown = marksShutDown && event.kind === 'STATE_CHANGE' && (await isShutDown(event, parts));
  const takeOut = (facts?: HookFacts): Promise<HandlingResult> =>
    handler.handle(event, {
      nodes,
      ...(parts.source === undefined ? {} : { source: parts.source }),
      launchedAt: instance?.launchTime,
      stillHolds: (doubt, signal) => stillHolds(event, doubt, { ...parts, signal }),
      ...(isDown ? { shutDownAt: new Date(clock.now()) } : {}),
      ...(facts === undefined ? {} : { hook: facts }),
      ...(action === undefined || settings.dryRun
        ? {}
        : { complete: () => completeAction(action, parts).then(() => undefined) }),
    });
  const isHeld = event.kind === 'ASG_LIFECYCLE' && hook !== undefined;
  const result = await (isHeld ? holdAction(event, hook, parts, takeOut) : takeOut());
  const end = eventEnd(result, settings.deleteSqsMsgIfNodeNotFound);
  // A node that is not there has nothing left to drain.
  if (end.status === 'finished' && result.status === 'node-not-found' && action !== undefined)
    await completeAction(action, parts);
  return end;
}

/** Whether what an older notice tells of still holds. */
function checkNotice(event: NodeInterruption, parts: EventProcessing): Act | Promise<Act | History> {
  switch (event.kind) {
    case 'STATE_CHANGE':
      return parts.place.wait(parts.signal, (signal) => checkStateChange(event, { ...parts, signal }));
    case 'ASG_LIFECYCLE':
      return checkTermination(event, parts);
    default:
      return { status: 'act' };
  }
}

/** Whether what a notice in hand tells of is still so, where there is a doubt. */
async function stillHolds(event: NodeInterruption, doubt: Doubt, parts: EventProcessing): Promise<boolean> {
  if (event.kind !== 'ASG_LIFECYCLE') {
    const isBack = await hasReturned(event, parts);
    if (isBack) parts.teller.history(event, 'EC2 says that its instance was launched after it, and runs');
    return !isBack;
  }
  const check = await checkTermination(event, parts, { isDoubted: doubt === 'over-by-record' });
  if (check.status === 'history') parts.teller.history(event, check.reason);
  return check.status === 'act';
}

/** An instance that was stopped and runs again: what was done to its node for the stop is taken back. */
async function processRunning(event: InstanceRunning, parts: EventProcessing): Promise<EventEnd> {
  const { handler, nodes, signal, teller } = parts;
  const { instanceId } = event;
  await nodes.whenSynced(signal);
  // Every launch of an instance tells of it; only a node that is there can carry anything of an earlier stop.
  if (nodes.findAll({ instanceId }).length === 0) return { status: 'finished', outcome: 'not_actionable' };
  const check = await parts.place.wait(signal, (until) => checkRunning(event, { ...parts, signal: until }));
  switch (check.status) {
    case 'unknown':
      return { status: 'retry', outcome: 'failed', reason: check.reason };
    case 'history':
      teller.history(event, check.reason);
      return { status: 'finished', outcome: 'not_actionable' };
    case 'returned':
      await handler.returned({ instanceId }, check.launchedAt);
      return { status: 'finished', outcome: 'handled' };
  }
}
