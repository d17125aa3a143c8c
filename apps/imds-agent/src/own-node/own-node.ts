import type { NodeMetadata } from '@node-termination-handler/imds-client';
import type { InterruptionHandler } from '@node-termination-handler/interruption-handler';
import { findNode } from '@node-termination-handler/node-drainer';
import { watchDependency } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/** What reading the own node needs. */
export interface OwnNodeParts extends Pick<
  Runtime<ImdsAgentSettings>,
  'client' | 'clock' | 'health' | 'log' | 'settings'
> {
  readonly instance: Pick<NodeMetadata, 'instanceId'>;
  readonly handler: Pick<InterruptionHandler, 'lookAt'>;
}

/** Has the readiness probe and the log say whether the own node is known to the API server; the engine looks at it whenever it was read. */
export function watchOwnNode(
  { client, clock, handler, health, instance, log, settings }: OwnNodeParts,
  signal: AbortSignal,
): Promise<void> {
  const { nodeName: name } = settings;
  const { instanceId } = instance;
  const ask = async (): Promise<void> => {
    const node = await findNode(client, { name, instanceId }, { signal });
    if (node === undefined)
      throw new Error(`the cluster has no node ${name} (NODE_NAME), and none of instance ${instanceId}`);
    handler.lookAt(node);
  };
  const failing = 'the own node cannot be read, trying again';
  const advice = 'NODE_NAME (spec.nodeName, as the chart sets it), and get on nodes in the role';
  const watched = { name: 'own node', ask, failing, over: 'the own node can be read', advice };
  return watchDependency(watched, { clock, health, log }, signal);
}
