import { isNotFound } from '../connection/errors.ts';
import type { KubernetesClient } from '../connection/client.ts';
import { listPages } from '../connection/follow.ts';
import { isPathSegment } from '../connection/outgoing.ts';
import type { Node } from '../connection/wire.ts';
import type { FoundNode, NodeRef } from './found-node.ts';
import { toFoundNode } from './found-node.ts';
import { isSameInstance, NodeLookup } from './node-lookup.ts';

const PAGE_SIZE = 500;

/** Options of {@link findNode} and {@link findNodes}. */
export interface FindNodeOptions {
  signal?: AbortSignal;
}

/**
 * Finds one node: by its name with a single request, else among all nodes by instance id or host name. For more than a few look-ups use
 * {@link createNodeIndex}.
 *
 * @throws {@link KubernetesApiError}, {@link KubernetesConnectionError}
 */
export async function findNode(
  client: KubernetesClient,
  ref: NodeRef,
  options: FindNodeOptions = {},
): Promise<FoundNode | undefined> {
  if (ref.name !== undefined) {
    const node = await getNode(client, ref.name, options.signal);
    if (node && isSameInstance(node, ref)) return node;
  }
  return (await listNodes(client, options.signal)).find(ref);
}

/**
 * Finds all nodes that claim to be what each reference means, as a list of the moment shows them: one list for all references. The instance
 * id in `spec.providerID` comes first; several nodes may claim one.
 *
 * @returns for each reference its nodes, in the order of the references.
 * @throws {@link KubernetesApiError}, {@link KubernetesConnectionError}
 */
export async function findNodes(
  client: KubernetesClient,
  refs: readonly NodeRef[],
  options: FindNodeOptions = {},
): Promise<readonly (readonly FoundNode[])[]> {
  const nodes = await listNodes(client, options.signal);
  return refs.map((ref) => nodes.findAll(ref));
}

async function listNodes(client: KubernetesClient, signal: AbortSignal | undefined): Promise<NodeLookup> {
  const lookup = new NodeLookup();
  const query = { limit: PAGE_SIZE };
  for await (const { items = [] } of listPages<Node>(client, { resource: 'nodes', query, ...(signal && { signal }) })) {
    for (const node of items) lookup.set(toFoundNode(node));
  }
  return lookup;
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
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
