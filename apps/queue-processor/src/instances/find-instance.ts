import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import type { DescribedInstance, Instances } from './describe.ts';

/** What EC2 and the cluster know. */
export interface InstanceSources {
  readonly instances: Pick<Instances, 'find' | 'forget'>;
  readonly nodes: Pick<NodeIndex, 'find' | 'whenSynced'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Pauses between the questions, in milliseconds. */
const PAUSES_MS = [1_000, 2_000, 4_000];

/**
 * Looks an instance up, and asks EC2 again when it knows no instance that a node of this cluster runs on: its answers are eventually
 * consistent, and on an empty one the event would be nobody's and its message deleted.
 *
 * @returns `undefined` when EC2 knows no such instance, also when asked again.
 * @throws when EC2 refuses or cannot be reached, and the signal's reason.
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export async function findInstance(
  id: string,
  { instances, nodes, clock, signal }: InstanceSources,
): Promise<DescribedInstance | undefined> {
  const found = await instances.find(id);
  if (found !== undefined) return found;
  await nodes.whenSynced(signal);
  if (nodes.find({ instanceId: id }) === undefined) return undefined;
  for (const pauseMs of PAUSES_MS) {
    await sleep(clock, pauseMs, signal);
    instances.forget(id);
    const again = await instances.find(id);
    if (again !== undefined) return again;
  }
  return undefined;
}

/** Which instances are this program's business. */
export interface ManagedRule {
  /** Whether the tag is looked for at all. */
  readonly checkTag: boolean;
  /** The tag's key; its value does not matter. */
  readonly managedTag: string;
}

/** What an instance means for an event about it. */
export type InstanceVerdict =
  | { readonly status: 'ours'; readonly instance: DescribedInstance; readonly nodeName: string }
  | { readonly status: 'not-actionable'; readonly reason: string };

/** Decides whether an event about an instance is to be acted on. Pure. */
export function judgeInstance(id: string, instance: DescribedInstance | undefined, rule: ManagedRule): InstanceVerdict {
  if (instance === undefined) return notActionable(`EC2 knows no instance ${id}`);
  if (rule.checkTag && !instance.tags.has(rule.managedTag))
    return notActionable(`instance ${id} has no tag ${rule.managedTag}`);
  // Only a running instance is sure to have a name; one that is ending and has none has left the cluster, too.
  if (instance.privateDnsName === '' && instance.state !== 'running') {
    return notActionable(`instance ${id} is ${instance.state} and has no private DNS name`);
  }
  return { status: 'ours', instance, nodeName: instance.privateDnsName };
}

function notActionable(reason: string): InstanceVerdict {
  return { status: 'not-actionable', reason };
}
