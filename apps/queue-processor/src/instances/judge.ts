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
