import type { AwsSimulator } from '@node-termination-handler/sandbox';
import { instanceIdOf, managedTag, startAws } from '@node-termination-handler/sandbox';
import type { BenchNode, Cluster } from '../cluster/cluster.ts';

let prefixes = 0;

/** Nodes of their own for one measurement, so that none meets what another has left behind. */
export function makeNodes(count: number, options: Pick<BenchNode, 'pods' | 'hangs'> = {}): readonly BenchNode[] {
  prefixes += 1;
  return Array.from({ length: count }, (_, index) => {
    const name = `ip-10-${prefixes}-${Math.floor(index / 250)}-${(index % 250) + 1}.ec2.internal`;
    return { name, instanceId: instanceIdOf(name), ...options };
  });
}

const GROUP = 'workers';

/** Puts nodes into the cluster, and the instances under them into an AWS of its own with one Auto Scaling group. */
export async function openWorld(cluster: Cluster, nodes: readonly BenchNode[]): Promise<AwsSimulator> {
  const aws = await startAws();
  aws.autoScaling.putHook({
    name: 'drain',
    group: GROUP,
    transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    heartbeatTimeoutSeconds: 600,
  });
  for (const { name, instanceId } of nodes) {
    aws.ec2.put({ instanceId, privateDnsName: name, tags: { [managedTag]: 'true' } });
    aws.autoScaling.attach(instanceId, GROUP);
  }
  await cluster.add(nodes);
  return aws;
}
