import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { InterruptionEvent, LifecycleHook, LifecycleLaunch } from '@node-termination-handler/event-parsers';
import type { InterruptionHandler, NodeInterruption } from '@node-termination-handler/interruption-handler';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import type { Completion } from '@node-termination-handler/runtime/lifecycle';
import type { Instances } from '../instances/describe.ts';
import { findSurely } from '../instances/find-surely.ts';
import { judgeInstance } from '../instances/judge.ts';
import type { InstanceVerdict, ManagedRule } from '../instances/judge.ts';
import { sendHeartbeats } from '../lifecycle/heartbeat.ts';
import type { HeartbeatOptions } from '../lifecycle/heartbeat.ts';
import type { Complete } from '../lifecycle/complete-once.ts';
import { launchedNode } from '../lifecycle/launch.ts';
import { eventEnd } from './event-end.ts';
import type { EventEnd } from './event-end.ts';

/** What processing an event needs. */
export interface EventProcessing {
  readonly instances: Instances;
  readonly nodes: NodeIndex;
  readonly handler: InterruptionHandler;
  readonly autoScaling: AutoScalingClient;
  /** Completes a lifecycle action, after the delay that the settings ask for. */
  readonly complete: Complete;
  readonly managed: ManagedRule;
  readonly deleteIfNodeNotFound: boolean;
  /** Absent: no heartbeats. */
  readonly heartbeat?: HeartbeatOptions;
  readonly dryRun: boolean;
  /** Told before the work on an event of this cluster begins. */
  readonly onInstance: (event: InterruptionEvent, verdict: InstanceVerdict) => void;
  /** Told when a lifecycle action was completed, or could not be. */
  readonly onCompletion: (event: NodeInterruption | LifecycleLaunch, end: Completion | Error) => void;
  readonly signal: AbortSignal;
}

/** Takes one event to its end: whose instance → cordon and drain → complete the lifecycle action. */
export async function processEvent(event: InterruptionEvent, parts: EventProcessing): Promise<EventEnd> {
  try {
    const found = await findSurely(event.instanceId, parts);
    const verdict = judgeInstance(event.instanceId, found, parts.managed);
    parts.onInstance(event, verdict);
    if (verdict.status === 'not-actionable') return { status: 'finished', outcome: 'not_managed' };
    return event.kind === 'ASG_LAUNCH_LIFECYCLE'
      ? await processLaunch(event, parts)
      : await processInterruption(event, verdict.nodeName, parts);
  } catch (error) {
    if (parts.signal.aborted) return { status: 'handed-back' };
    return { status: 'retry', outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function processInterruption(
  event: NodeInterruption,
  nodeName: string,
  parts: EventProcessing,
): Promise<EventEnd> {
  const { handler, heartbeat, autoScaling, dryRun } = parts;
  const hook = event.kind === 'ASG_LIFECYCLE' ? event.hook : undefined;
  const drained = new AbortController();
  if (hook !== undefined && heartbeat !== undefined && !dryRun) {
    void sendHeartbeats(autoScaling, hook, event.instanceId, heartbeat, drained.signal);
  }
  const result = await handler
    .handle(event, { name: nodeName, instanceId: event.instanceId })
    .finally(() => drained.abort());
  const end = eventEnd(result, parts.deleteIfNodeNotFound);
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
  if (parts.dryRun) return;
  try {
    parts.onCompletion(event, await parts.complete(hook, event.instanceId));
  } catch (error) {
    parts.onCompletion(event, error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}
