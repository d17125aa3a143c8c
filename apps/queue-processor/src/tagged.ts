import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { EC2Client, Filter } from '@aws-sdk/client-ec2';
import { sleep } from '@node-termination-handler/clock';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { QueueProcessorSettings, WantedTag } from '@node-termination-handler/settings';

/** How often the tagged instances are counted, in milliseconds. */
const EVERY_MS = 30_000;

/** Counts the instances that carry the managed tag, and the nodes they are, until the signal aborts. */
export async function countTagged(
  ec2: EC2Client,
  nodes: Pick<NodeIndex, 'find' | 'whenSynced'>,
  { clock, log, metrics, settings }: Pick<Runtime<QueueProcessorSettings>, 'clock' | 'log' | 'metrics' | 'settings'>,
  signal: AbortSignal,
): Promise<void> {
  const failing = 'tagged instances could not be counted';
  const over = 'tagged instances are counted again';
  const advice =
    'ec2:DescribeInstances in the role, or the way to EC2; only nth_tagged_instances and nth_tagged_nodes stand still';
  const failure = createLastingFailure({ log, clock, failing, over, advice });
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      // Before the first list is in, no instance would be a node.
      await nodes.whenSynced(signal);
      const ids = await taggedInstances(ec2, settings.managedTag);
      metrics.setTaggedInstances(ids.length);
      metrics.setTaggedNodes(ids.filter((instanceId) => nodes.find({ instanceId }) !== undefined).length);
      failure.succeeded();
    } catch (error) {
      if (!isOver()) failure.failed(error);
    }
    await sleep(clock, EVERY_MS, signal, { keepsProcessAlive: false }).catch(() => undefined);
  }
}

/**
 * The filter for a tag; `*`, `?` and backslashes stand for themselves.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
export function tagFilter({ key, value }: WantedTag): Filter {
  const literal = (text: string): string => text.replaceAll(/[\\*?]/g, String.raw`\$&`);
  return value === undefined
    ? { Name: 'tag-key', Values: [literal(key)] }
    : { Name: `tag:${key}`, Values: [literal(value)] };
}

async function taggedInstances(ec2: EC2Client, managedTag: WantedTag): Promise<string[]> {
  const ids: string[] = [];
  const query = {
    Filters: [tagFilter(managedTag), { Name: 'instance-state-name', Values: ['running'] }],
  };
  for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 1000 }, query)) {
    for (const { Instances = [] } of page.Reservations ?? [])
      ids.push(...Instances.flatMap(({ InstanceId }) => InstanceId ?? []));
  }
  return ids;
}
