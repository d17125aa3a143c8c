import { isNotFound } from '../connection/errors.ts';
import type { ObjectMeta } from '../connection/wire.ts';
import type { DrainRun } from './run.ts';
import { DrainStopped } from './run.ts';

/** Only the metadata is of interest; a node's status is long. See https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/**
 * Makes sure that the node is there, and still the one the drain is for: another may have taken its name.
 *
 * @throws {@link DrainStopped} when it is gone or another.
 */
export async function checkNode(run: DrainRun): Promise<void> {
  const { nodeUid } = run.settings;
  const uid = uidInIndex(run) ?? (await readUid(run));
  if (uid === undefined)
    throw new DrainStopped(
      'node-gone',
      nodeUid === undefined ? `there is no node ${run.node}` : `node ${run.node} is gone`,
    );
  if (nodeUid !== undefined && uid !== nodeUid)
    throw new DrainStopped('node-replaced', `another node has taken the name ${run.node}`);
}

/** An index that does not know the node may be behind; one that knows it is right. */
function uidInIndex({ node, settings }: DrainRun): string | undefined {
  const found = settings.nodes?.synced ? settings.nodes.find({ name: node }) : undefined;
  return found?.name === node ? found.uid : undefined;
}

async function readUid(run: DrainRun): Promise<string | undefined> {
  try {
    const node = await run.client.request<{ metadata?: ObjectMeta }>({
      verb: 'get',
      resource: 'nodes',
      name: run.node,
      accept: METADATA_ONLY,
      signal: run.signal,
    });
    return node.metadata?.uid;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    run.signal.throwIfAborted();
    throw new DrainStopped('unreachable', `node ${run.node} could not be read`, { cause: error });
  }
}
