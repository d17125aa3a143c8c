import type { LifecycleLaunch } from '@node-termination-handler/event-parsers';
import type { NodeIndex } from '@node-termination-handler/node-drainer';

/**
 * Waits until the node of a launched instance is `Ready`.
 *
 * However long it takes: the message stays invisible meanwhile, and the lifecycle action has a timeout of its own.
 *
 * @returns the node's name.
 * @throws the signal's reason when it aborts first.
 */
export async function launchedNode(nodes: NodeIndex, event: LifecycleLaunch, signal: AbortSignal): Promise<string> {
  const node = await nodes.whenReady({ instanceId: event.instanceId }, signal);
  return node.name;
}
