import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { Clock } from '@node-termination-handler/clock';
import type { InterruptionEvent, LifecycleHook, LifecycleLaunch } from '@node-termination-handler/event-parsers';
import type {
  HandlingResult,
  InterruptionHandler,
  NodeInterruption,
} from '@node-termination-handler/interruption-handler';
import { errorText } from '@node-termination-handler/logger';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { Complete } from '../groups/complete.ts';
import { sendHeartbeats } from '../groups/heartbeat.ts';
import { launchedNode } from '../groups/launch.ts';
import type { Instances } from '../instances/describe.ts';
import { findInstance, judgeInstance } from '../instances/find-instance.ts';
import type { Teller } from '../tell.ts';
import { eventEnd } from './settlement.ts';
import type { EventEnd } from './settlement.ts';

/** What processing an event needs. */
export interface EventProcessing {
  readonly settings: QueueProcessorSettings;
  readonly instances: Pick<Instances, 'find' | 'forget'>;
  readonly nodes: Pick<NodeIndex, 'find' | 'whenReady' | 'whenSynced'>;
  readonly handler: Pick<InterruptionHandler, 'handle'>;
  readonly autoScaling: AutoScalingClient;
  /** Completes a lifecycle action, after the delay that the settings ask for. */
  readonly complete: Complete;
  readonly teller: Pick<Teller, 'instance' | 'lifecycle' | 'warning'>;
  readonly clock: Clock;
  /** The signal to stop. */
  readonly signal: AbortSignal;
}

/** Takes one event to its end: whose instance → cordon and drain → complete the lifecycle action. */
export async function processEvent(event: InterruptionEvent, parts: EventProcessing): Promise<EventEnd> {
  try {
    const found = await findInstance(event.instanceId, parts);
    const { checkTagBeforeDraining: checkTag, managedTag } = parts.settings;
    const verdict = judgeInstance(event.instanceId, found, { checkTag, managedTag });
    parts.teller.instance(event, verdict);
    if (verdict.status === 'not-actionable') return { status: 'finished', outcome: 'not_managed' };
    return event.kind === 'ASG_LAUNCH_LIFECYCLE'
      ? await processLaunch(event, parts)
      : await processInterruption(event, verdict.nodeName, parts);
  } catch (error) {
    if (parts.signal.aborted) return { status: 'handed-back' };
    return { status: 'retry', outcome: 'failed', reason: errorText(error) };
  }
}

async function processInterruption(
  event: NodeInterruption,
  nodeName: string,
  parts: EventProcessing,
): Promise<EventEnd> {
  const { handler, settings } = parts;
  const hook = event.kind === 'ASG_LIFECYCLE' ? event.hook : undefined;
  const drain = async (): Promise<HandlingResult> => {
    using _heartbeats = hook === undefined ? undefined : keepAlive(event, hook, parts);
    return await handler.handle(event, { name: nodeName, instanceId: event.instanceId });
  };
  const result = await drain();
  const end = eventEnd(result, settings.deleteSqsMsgIfNodeNotFound);
  // Only a drain that happened lets the group go on; a node that is not there has nothing left to drain.
  if (
    end.status === 'finished' &&
    (result.status === 'done' || result.status === 'node-not-found') &&
    hook !== undefined
  ) {
    await complete(event, hook, parts);
  }
  return end;
}

/** Keeps a lifecycle action alive until its drain is over, where the settings ask for it. */
function keepAlive(
  { instanceId }: NodeInterruption,
  hook: LifecycleHook,
  { autoScaling, clock, settings, teller }: EventProcessing,
): Disposable | undefined {
  const { dryRun, heartbeatIntervalSeconds: intervalSeconds, heartbeatUntilSeconds: untilSeconds } = settings;
  if (intervalSeconds === undefined || untilSeconds === undefined || dryRun) return undefined;
  const drained = new AbortController();
  const options = { intervalSeconds, untilSeconds, clock, onWarning: (message: string) => teller.warning(message) };
  void sendHeartbeats(autoScaling, hook, instanceId, options, drained.signal);
  return { [Symbol.dispose]: () => drained.abort() };
}

async function processLaunch(event: LifecycleLaunch, parts: EventProcessing): Promise<EventEnd> {
  if (event.hook === undefined) return { status: 'finished', outcome: 'not_actionable' };
  const node = await launchedNode(event, parts);
  if (node === undefined) return { status: 'finished', outcome: 'not_actionable' };
  await complete(event, event.hook, parts);
  return { status: 'finished', outcome: 'handled' };
}

async function complete(
  event: NodeInterruption | LifecycleLaunch,
  hook: LifecycleHook,
  parts: EventProcessing,
): Promise<void> {
  if (parts.settings.dryRun) return;
  try {
    parts.teller.lifecycle(event, await parts.complete(hook, event.instanceId));
  } catch (error) {
    parts.teller.lifecycle(event, error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}
