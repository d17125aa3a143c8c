import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Metrics } from '@node-termination-handler/metrics';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import { setTimeout as delay } from 'node:timers/promises';

/** How often the tagged instances are counted, in milliseconds. */
const EVERY_MS = 30_000;

/** Counts the instances that carry the managed tag, and the nodes they are, until the signal aborts. */
export async function countTagged(
  ec2: EC2Client,
  nodes: NodeIndex,
  managedTag: string,
  metrics: Metrics,
  onFailed: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const ids = await taggedInstances(ec2, managedTag);
      metrics.setTaggedInstances(ids.length);
      metrics.setTaggedNodes(ids.filter((instanceId) => nodes.find({ instanceId }) !== undefined).length);
    } catch (error) {
      onFailed(error);
    }
    await delay(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function taggedInstances(ec2: EC2Client, managedTag: string): Promise<string[]> {
  const ids: string[] = [];
  const query = {
    Filters: [
      { Name: 'tag-key', Values: [managedTag] },
      { Name: 'instance-state-name', Values: ['running'] },
    ],
  };
  for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 1000 }, query)) {
    for (const { Instances = [] } of page.Reservations ?? [])
      ids.push(...Instances.flatMap(({ InstanceId }) => InstanceId ?? []));
  }
  return ids;
}
