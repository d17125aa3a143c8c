import type { NodeMetadata } from '@node-termination-handler/imds-client';
import { findNode } from '@node-termination-handler/node-drainer';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { watchDependency } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import type { RebootLook } from './after-reboot.ts';

/** What reading the own node needs. */
export interface OwnNodeParts extends Pick<Runtime<ImdsAgentSettings>, 'client' | 'settings'> {
  readonly instance: Pick<NodeMetadata, 'instanceId'>;
}

/** The cluster does not have the own node. */
export class NoOwnNodeError extends Error {
  override readonly name = 'NoOwnNodeError';
}

/**
 * Reads the own node, by its name or, where that is another's, by its instance.
 *
 * @throws {@link NoOwnNodeError}, or why it cannot be read.
 */
export async function readOwnNode(
  { client, instance, settings }: OwnNodeParts,
  signal: AbortSignal,
): Promise<FoundNode> {
  const { nodeName: name } = settings;
  const { instanceId } = instance;
  const node = await findNode(client, { name, instanceId }, { signal });
  if (node !== undefined) return node;
  throw new NoOwnNodeError(`the cluster has no node ${name} (NODE_NAME), and none of instance ${instanceId}`);
}

/** Has the readiness probe and the log say whether the own node is known to the API server; the first look was made already. */
export function watchOwnNode(
  { clock, health, log, ...parts }: OwnNodeParts & Pick<Runtime<ImdsAgentSettings>, 'clock' | 'health' | 'log'>,
  firstLook: Promise<RebootLook>,
  signal: AbortSignal,
): Promise<void> {
  let looks = 0;
  const ask = async (): Promise<void> => {
    looks += 1;
    if (looks > 1) await readOwnNode(parts, signal);
    else if ('failure' in (await firstLook)) throw (await firstLook).failure;
  };
  const failing = 'the own node cannot be read, trying again';
  const watched = { name: 'own node', ask, failing, over: 'the own node can be read' };
  return watchDependency(watched, { clock, health, log }, signal);
}
