import { pod } from '@node-termination-handler/sandbox';
import type { AwsCall, KubernetesRequest } from '@node-termination-handler/sandbox';
import { describe, expect, it } from 'vitest';
import { eventually, NODE, startWorld } from './testing/world.ts';

const NODES = 100;
const PODS = 5;
const names = Array.from({ length: NODES }, (_, index) => `worker-${index}.ec2.internal`);

function podsOf(node: string) {
  const evicted = Array.from({ length: PODS }, (_, index) =>
    pod({ name: `web-${node}-${index}`, node, owner: 'ReplicaSet' }),
  );
  return [...evicted, pod({ name: `daemon-${node}`, node, owner: 'DaemonSet' })];
}

/** How often each kind of request came: `patch nodes`, `list pods of one node`. */
function counted(requests: readonly KubernetesRequest[]): Readonly<Record<string, number>> {
  const kinds = Map.groupBy(requests, ({ verb, resource, subresource, fieldSelector }) => {
    const what = subresource === '' ? resource : `${resource}/${subresource}`;
    return `${verb} ${what}${fieldSelector.startsWith('spec.nodeName=') ? ' of one node' : ''}`;
  });
  return Object.fromEntries([...kinds].map(([kind, all]) => [kind, all.length]));
}

function countedCalls(calls: readonly AwsCall[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...Map.groupBy(calls, ({ action }) => action)].map(([action, all]) => [action, all.length]),
  );
}

/** Requests that name a node or one of its pods, or select its pods. */
function about(node: string, requests: readonly KubernetesRequest[]): readonly KubernetesRequest[] {
  return requests.filter(
    ({ name, fieldSelector }) =>
      name === node || name.startsWith(`web-${node}-`) || fieldSelector === `spec.nodeName=${node}`,
  );
}

/** What one drain asks, beside its patches of the node. */
const aDrain = {
  'list pods of one node': 1,
  'watch pods of one node': 1,
  'create pods/eviction': PODS,
};

describe('what a drain asks of the API server', () => {
  it('is the same few requests for each of a hundred nodes that go at once', async () => {
    await using world = await startWorld({ nodes: [NODE, ...names].map((name) => ({ name, group: 'workers' })) });
    const { kubernetes, aws, instanceIdOf } = world.sandbox;
    for (const one of names.flatMap(podsOf)) kubernetes.put(one);
    world.queueProcessor();
    await eventually(() => expect(aws.calls('sqs', 'ReceiveMessage').length).toBeGreaterThan(0));
    await Promise.all(names.map((name) => aws.sendLifecycleTermination(instanceIdOf(name))));
    await eventually(() => {
      expect(aws.autoScaling.actions().filter(({ state }) => state === 'completed')).toHaveLength(NODES);
      expect(aws.sqs.messages().filter(({ deletedAt }) => deletedAt === undefined)).toHaveLength(0);
    });

    const requests = kubernetes.requests();
    const patches = names.map((name) => {
      const { 'patch nodes': count = 0, ...others } = counted(about(name, requests));
      expect(others, name).toEqual(aDrain);
      return count;
    });
    // The cordon with the claim, and the claim's end. A drain of many seconds, on a slow machine, renews its claim.
    expect(Math.min(...patches)).toBe(2);
    expect(Math.max(...patches)).toBeLessThanOrEqual(3);
    expect(patches.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2.1 * NODES);
    const rest = requests.filter((one) => !names.some((name) => about(name, [one]).length > 0));
    // No read of a single node or pod, the nodes are listed and watched once, and each right is asked for once.
    expect(counted(rest)).toEqual({ 'list nodes': 1, 'watch nodes': 1, 'create selfsubjectaccessreviews': 12 });
    const calls = countedCalls(aws.calls());
    expect(calls).toMatchObject({ CompleteLifecycleAction: NODES });
    // Ten a message's room in a batch, and no batch waits long for others.
    expect(calls.DescribeInstances).toBeLessThanOrEqual(10);
    expect(calls.DeleteMessageBatch).toBeLessThanOrEqual(NODES / 2);
    expect(calls.ReceiveMessage).toBeLessThanOrEqual(NODES / 2);
    // On a machine that is slow, a message is kept invisible when a third of its timeout is over.
    const { ChangeMessageVisibilityBatch: _extensions, ...byWork } = calls;
    expect(Object.keys(byWork).sort()).toEqual([
      'CompleteLifecycleAction',
      'DeleteMessageBatch',
      'DescribeInstances',
      'ReceiveMessage',
    ]);
  });

  it('is the same for an agent, which also reads its own node', async () => {
    await using world = await startWorld();
    const { kubernetes, imdsOf } = world.sandbox;
    for (const one of podsOf(NODE)) kubernetes.put(one);
    world.imdsAgent();
    imdsOf(NODE).setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000) });
    await eventually(() => expect(counted(kubernetes.requests())['patch nodes']).toBe(2));
    const { 'get nodes': reads, 'patch nodes': _patches, ...rest } = counted(kubernetes.requests());
    expect(rest).toEqual({ ...aDrain, 'create selfsubjectaccessreviews': 6 });
    // Twice at its start, and before each of its two patches.
    expect(reads).toBeLessThanOrEqual(4);
  });
});
