import type { InterruptionEvent, LifecycleWay } from '@node-termination-handler/event-parsers';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import type { WantedTag } from '@node-termination-handler/settings';
import { hasTag, silence, tagText } from './describe.ts';
import type { DescribedInstance, Ec2Answer } from './describe.ts';

/** Which instances are this program's business. */
export interface ManagedRule {
  /** Whether the tag is looked for at all. */
  readonly checkTag: boolean;
  /** The tag by its key, and by its value where that matters. */
  readonly managedTag: WantedTag;
  /** The region whose EC2 is asked, for messages. */
  readonly region: string;
}

/** What is known of the instance of an event. */
export interface InstanceFacts {
  readonly event: Pick<InterruptionEvent, 'kind' | 'instanceId'> & Pick<LifecycleWay, 'origin'>;
  readonly ec2: Ec2Answer;
  /** The nodes that claim to be the instance; of the index, or, where it knows none, of a fresh list. */
  readonly nodes: readonly FoundNode[];
  readonly now: Date;
}

/** What an instance means for an event about it. */
export type InstanceVerdict =
  /** To be acted on. EC2's description is missing where EC2 is silent. */
  | { readonly status: 'ours'; readonly nodes: readonly FoundNode[]; readonly instance?: DescribedInstance }
  /** EC2 describes it, and it lacks the tag. */
  | { readonly status: 'not-ours'; readonly reason: string }
  /** Ours, and no node is left of it, or ever was one. */
  | { readonly status: 'nothing-to-do'; readonly reason: string; readonly completesHook: boolean }
  /** It may still become a node; without a description, somebody else's. */
  | { readonly status: 'no-node-yet'; readonly reason: string; readonly instance?: DescribedInstance }
  /** Nobody can tell now. */
  | { readonly status: 'unknown'; readonly reason: string };

/** An instance that has not become a node after so long becomes none, in milliseconds. */
const BECOMES_NODE_WITHIN_MS = 15 * 60_000;

/**
 * Decides whether an event about an instance is to be acted on. Pure.
 *
 * | EC2 | tag | node here | verdict |
 * | --- | --- | --- | --- |
 * | describes it | checked, and missing | any | not ours: the only way to be that |
 * | describes it | else | yes | ours, whatever its state and whether it has a name |
 * | says `shutting-down`, `terminated` | else | no | nothing to do: the hook is completed |
 * | describes it, and its group terminates it in its warm pool | else | no | the same: what has become no node there has none to drain |
 * | describes it for 15 min | there | no | nothing to do; the hook is completed while the tag is checked |
 * | describes it | else | no | no node yet |
 * | is silent | not checked | yes | ours: the node wins |
 * | is silent | checked | yes | unknown |
 * | knows no such id | any | no | no node yet |
 * | cannot be asked | any | no | unknown |
 */
export function judgeInstance({ event, ec2, nodes, now }: InstanceFacts, rule: ManagedRule): InstanceVerdict {
  const { instanceId: id } = event;
  if (ec2.status === 'described') return judgeDescribed(ec2.instance, { event, ec2, nodes, now }, rule);
  const silent = silence(ec2, id, rule.region);
  const [node] = nodes;
  if (node !== undefined) {
    if (!rule.checkTag) return { status: 'ours', nodes };
    return {
      status: 'unknown',
      reason: `${silent}: whether node ${node.name} has the tag ${tagText(rule.managedTag)} is unknown`,
    };
  }
  const reason = `${silent}, and no node of this cluster belongs to the instance`;
  return ec2.status === 'unknown-id' ? { status: 'no-node-yet', reason } : { status: 'unknown', reason };
}

function judgeDescribed(
  instance: DescribedInstance,
  { event, nodes, now }: InstanceFacts,
  { checkTag, managedTag }: ManagedRule,
): InstanceVerdict {
  const { id, state, launchTime } = instance;
  const isTagged = hasTag(instance, managedTag);
  if (checkTag && !isTagged) return { status: 'not-ours', reason: `instance ${id} has no tag ${tagText(managedTag)}` };
  if (nodes.length > 0) return { status: 'ours', nodes, instance };
  if (state === 'shutting-down' || state === 'terminated') {
    return { status: 'nothing-to-do', reason: `instance ${id} is ${state}, and no node is left`, completesHook: true };
  }
  if (event.kind === 'ASG_LIFECYCLE' && event.origin === 'WarmPool') {
    return {
      status: 'nothing-to-do',
      reason: `instance ${id} ends in the warm pool, and is no node`,
      completesHook: true,
    };
  }
  const isOld = launchTime !== undefined && now.getTime() - launchTime.getTime() >= BECOMES_NODE_WITHIN_MS;
  if (isTagged && isOld && event.kind !== 'ASG_LAUNCH_LIFECYCLE') {
    const reason = `instance ${id} has not become a node since ${launchTime.toISOString()}`;
    return { status: 'nothing-to-do', reason, completesHook: checkTag };
  }
  return { status: 'no-node-yet', reason: 'no node of this cluster belongs to the instance', instance };
}
