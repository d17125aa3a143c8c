import { sleep } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { FoundNode, NodeIndex, NodeRef } from '@node-termination-handler/node-drainer';
import type { Ec2Answer, Instances } from './describe.ts';
import { judgeInstance } from './judge-instance.ts';
import type { InstanceFacts, InstanceVerdict, ManagedRule } from './judge-instance.ts';

/** What EC2 and the cluster know. */
export interface InstanceSources {
  readonly instances: Pick<Instances, 'ask' | 'forget'>;
  readonly nodes: Pick<NodeIndex, 'findAll' | 'whenSynced'>;
  /** Asks the API server itself for the nodes that the index does not know. */
  readonly freshNodes: (ref: NodeRef) => Promise<readonly FoundNode[]>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Pauses between the questions, in milliseconds. */
const PAUSES_MS = [1_000, 2_000, 4_000];

/**
 * Finds out whose the instance of an event is, and which nodes it is. EC2 is asked again when the verdict hangs on it and it knows no
 * instance that a node of this cluster is: its answers are eventually consistent. Where the index knows no node, a fresh list is asked.
 *
 * @throws when the nodes cannot be listed, and the signal's reason.
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export async function findInstance(
  event: InstanceFacts['event'],
  rule: ManagedRule,
  { instances, nodes, freshNodes, clock, signal }: InstanceSources,
): Promise<InstanceVerdict> {
  const { instanceId } = event;
  const judge = (ec2: Ec2Answer, found: readonly FoundNode[]): InstanceVerdict =>
    judgeInstance({ event, ec2, nodes: found, now: new Date(clock.now()) }, rule);
  const known = (ec2: Ec2Answer): readonly FoundNode[] => nodes.findAll(refOf(instanceId, ec2));

  let ec2 = await instances.ask(instanceId, signal);
  await nodes.whenSynced(signal);
  for (const pauseMs of PAUSES_MS) {
    const isNode = known(ec2).length > 0;
    if (ec2.status !== 'unknown-id' || !isNode || judge(ec2, known(ec2)).status !== 'unknown') break;
    await sleep(clock, pauseMs, signal);
    instances.forget(instanceId);
    ec2 = await instances.ask(instanceId, signal);
  }
  const verdict = judge(ec2, known(ec2));
  // A launched instance's node is waited for by itself; one that runs again, and is no node, is none to give back.
  const needsNode = event.kind !== 'ASG_LAUNCH_LIFECYCLE' && event.kind !== 'INSTANCE_RUNNING';
  const isSettled = verdict.status === 'ours' || verdict.status === 'not-ours' || !needsNode;
  if (isSettled || known(ec2).length > 0) return verdict;
  return judge(ec2, await freshNodes(refOf(instanceId, ec2)));
}

function refOf(instanceId: string, ec2: Ec2Answer): NodeRef {
  const name = ec2.status === 'described' ? ec2.instance.metadata.localHostname : undefined;
  return name === undefined || name === '' ? { instanceId } : { instanceId, name };
}
