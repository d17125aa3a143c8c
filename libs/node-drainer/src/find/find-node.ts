import { KubernetesApiError } from '../connection/errors.ts';
import type { KubernetesClient } from '../connection/client.ts';
import { listPages } from '../connection/follow.ts';
import { isPathSegment } from '../connection/outgoing.ts';
import type { Node } from '../connection/wire.ts';
import type { FoundNode, NodeRef } from './found-node.ts';
import { toFoundNode } from './found-node.ts';
import { isSameInstance, NodeLookup } from './node-lookup.ts';

const PAGE_SIZE = 500;

/** Options of {@link findNode}. */
export interface FindNodeOptions {
  /** Look by instance id before the name. Default false: name first. */
  preferProviderId?: boolean;
  signal?: AbortSignal;
}

/**
 * Finds one node: by its name with a single request, else among all nodes by host name or instance id. For more than
 * a few look-ups use {@link createNodeIndex}.
 *
 * @throws {@link KubernetesApiError}, {@link KubernetesConnectionError}
 */
export async function findNode(
  client: KubernetesClient,
  ref: NodeRef,
  options: FindNodeOptions = {},
): Promise<FoundNode | undefined> {
  const instanceFirst = options.preferProviderId === true && ref.instanceId !== undefined;
  if (ref.name !== undefined && !instanceFirst) {
    const node = await getNode(client, ref.name, options.signal);
    if (node && isSameInstance(node, ref)) return node;
  }
  const lookup = new NodeLookup(options.preferProviderId ?? false);
  const query = { limit: PAGE_SIZE };
  const signal = options.signal && { signal: options.signal };
  for await (const { items = [] } of listPages<Node>(client, { resource: 'nodes', query, ...signal })) {
    for (const node of items) lookup.set(toFoundNode(node));
  }
  return lookup.find(ref);
}

/** Reads one node by its exact name; `undefined` when there is none, or can't be. */
export async function getNode(
  client: KubernetesClient,
  name: string,
  signal?: AbortSignal,
): Promise<FoundNode | undefined> {
  if (!isPathSegment(name)) return undefined;
  try {
    const node = await client.request<Node>({ verb: 'get', resource: 'nodes', name, ...(signal && { signal }) });
    return toFoundNode(node);
  } catch (error) {
    if (error instanceof KubernetesApiError && error.status === 404) return undefined;
    throw error;
  }
}
