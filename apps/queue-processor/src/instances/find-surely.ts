import type { NodeIndex } from '@node-termination-handler/node-drainer';
import { setTimeout as delay } from 'node:timers/promises';
import type { DescribedInstance, Instances } from './describe.ts';

/** What EC2 and the cluster know. */
export interface InstanceSources {
  readonly instances: Pick<Instances, 'find' | 'forget'>;
  readonly nodes: Pick<NodeIndex, 'find' | 'whenSynced'>;
  readonly signal: AbortSignal;
  /** Pauses between the questions, in milliseconds. Default 1, 2 and 4 s. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [1_000, 2_000, 4_000];

/**
 * Looks an instance up, and asks EC2 again when it knows no instance that a node of this cluster runs on: its answers are eventually
 * consistent, and on an empty one the event would be nobody's and its message deleted.
 *
 * @returns `undefined` when EC2 knows no such instance, also when asked again.
 * @throws when EC2 refuses or cannot be reached, and the signal's reason.
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export async function findSurely(
  id: string,
  { instances, nodes, signal, pausesMs = PAUSES_MS }: InstanceSources,
): Promise<DescribedInstance | undefined> {
  const found = await instances.find(id);
  if (found !== undefined) return found;
  await nodes.whenSynced(signal);
  if (nodes.find({ instanceId: id }) === undefined) return undefined;
  for (const pauseMs of pausesMs) {
    await delay(pauseMs, undefined, { signal });
    instances.forget(id);
    const again = await instances.find(id);
    if (again !== undefined) return again;
  }
  return undefined;
}
