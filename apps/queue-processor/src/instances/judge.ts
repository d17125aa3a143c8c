import type { DescribedInstance } from './describe.ts';

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
  | { readonly status: 'not-actionable'; readonly reason: string }
  /** What EC2 says and what the cluster says can't both be so: to be asked again. */
  | { readonly status: 'doubtful'; readonly reason: string };

/** A verdict that can be acted on, or left at that. */
export type CertainVerdict = Exclude<InstanceVerdict, { readonly status: 'doubtful' }>;

/**
 * Decides whether an event about an instance is to be acted on. Pure.
 *
 * @param nodeName the node of this cluster that runs on the instance, where there is one
 */
export function judgeInstance(
  id: string,
  instance: DescribedInstance | undefined,
  rule: ManagedRule,
  nodeName?: string,
): InstanceVerdict {
  if (instance === undefined) {
    return nodeName === undefined
      ? notActionable(`EC2 knows no instance ${id}`)
      : { status: 'doubtful', reason: `EC2 knows no instance ${id}, but node ${nodeName} runs on it` };
  }
  if (rule.checkTag && !instance.tags.has(rule.managedTag))
    return notActionable(`instance ${id} has no tag ${rule.managedTag}`);
  // Only a running instance is sure to have a name; one that is ending and has none has left the cluster, too.
  if (instance.privateDnsName === '' && instance.state !== 'running') {
    return notActionable(`instance ${id} is ${instance.state} and has no private DNS name`);
  }
  return { status: 'ours', instance, nodeName: instance.privateDnsName };
}

function notActionable(reason: string): CertainVerdict {
  return { status: 'not-actionable', reason };
}
