import { pod, workload } from '@node-termination-handler/sandbox';
import type { AwsCall, KubernetesRequest } from '@node-termination-handler/sandbox';
import { describe, expect, it, vi } from 'vitest';
import { eventually, NODE, startWorld } from './testing/world.ts';

const NODES = 100;
const PODS = 5;
const names = Array.from({ length: NODES }, (_, index) => `worker-${index}.ec2.internal`);

function podsOf(node: string) {
  const evicted = Array.from({ length: PODS }, (_, index) =>
    pod({ name: `web-${node}-${index}`, node, owner: 'ReplicaSet' }),
  );
  return [...evicted, pod({ name: `daemon-${node}`, node, owner: 'DaemonSet', ownerName: 'daemon' })];
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
  'watch pods of one node': 1,
  'create pods/eviction': PODS,
};

describe('what a drain asks of the API server', () => {
  it('is the same few requests for each of a hundred nodes that go at once', async () => {
    await using world = await startWorld({ nodes: [NODE, ...names].map((name) => ({ name, group: 'workers' })) });
    const { kubernetes, aws, instanceIdOf } = world.sandbox;
    kubernetes.put(workload({ kind: 'DaemonSet', name: 'daemon' }));
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
    // Claim, cordon and record; and, after the hook, the record with the claim's end. However long the drain takes.
    expect(new Set(patches)).toEqual(new Set([2]));
    const rest = requests.filter((one) => !names.some((name) => about(name, [one]).length > 0));
    // One beat as soon as there is a claim, one each five seconds after it, and none for each node.
    const { 'patch leases': beats = 0, ...once } = counted(rest);
    expect(beats).toBeGreaterThan(0);
    expect(beats).toBeLessThanOrEqual(10);
    // No read of a single node or pod, and no list; the nodes and the Lease are watched once, the DaemonSet is read once,
    // and each right is asked for once.
    expect(once).toEqual({
      ...{ 'watch nodes': 1, 'watch leases': 1, 'get daemonsets': 1 },
      'create selfsubjectaccessreviews': 13,
    });
    const calls = countedCalls(aws.calls());
    // What the hook, its group and the queue are is read once for all of them.
    const looks = { DescribeLifecycleHooks: 1, DescribeAutoScalingGroups: 1, GetQueueAttributes: 1 };
    expect(calls).toMatchObject({ CompleteLifecycleAction: NODES, ...looks });
    // Ten a message's room in a batch, and no batch waits long for others.
    expect(calls.DescribeInstances).toBeLessThanOrEqual(10);
    expect(calls.DeleteMessageBatch).toBeLessThanOrEqual(NODES / 2);
    expect(calls.ReceiveMessage).toBeLessThanOrEqual(NODES / 2);
    // On a machine that is slow, a message is kept invisible when a third of its timeout is over.
    const { ChangeMessageVisibilityBatch: _extensions, ...byWork } = calls;
    expect(Object.keys(byWork).sort()).toEqual([
      'CompleteLifecycleAction',
      'DeleteMessageBatch',
      'DescribeAutoScalingGroups',
      'DescribeInstanceStatus',
      'DescribeInstances',
      'DescribeLifecycleHooks',
      'GetQueueAttributes',
      'ReceiveMessage',
    ]);
    // What is scheduled for them is asked once, at the start.
    expect(calls.DescribeInstanceStatus).toBeLessThanOrEqual(2);
  });

  it('grows with the nodes and no faster: fifty, a hundred, two hundred', { timeout: 400_000 }, async () => {
    const all: number[] = [];
    for (const count of [50, 100, 200]) {
      const burst = names.concat(names.map((name) => `other-${name}`)).slice(0, count);
      await using world = await startWorld({ nodes: [NODE, ...burst].map((name) => ({ name, group: 'workers' })) });
      const { kubernetes, aws, instanceIdOf } = world.sandbox;
      for (const node of burst)
        for (let index = 0; index < 10; index += 1)
          kubernetes.put(pod({ name: `web-${node}-${index}`, node, owner: 'ReplicaSet' }));
      world.queueProcessor();
      await eventually(() => expect(aws.calls('sqs', 'ReceiveMessage').length).toBeGreaterThan(0));
      await Promise.all(burst.map((name) => aws.sendLifecycleTermination(instanceIdOf(name))));
      await vi.waitFor(
        () => {
          expect(aws.autoScaling.actions().filter(({ state }) => state === 'completed')).toHaveLength(count);
          expect(aws.sqs.messages().filter(({ deletedAt }) => deletedAt === undefined)).toHaveLength(0);
        },
        { timeout: 120_000, interval: 250 },
      );
      const kinds = counted(kubernetes.requests());
      const perNode = (kind: string): number => (kinds[kind] ?? 0) / count;
      expect(perNode('create pods/eviction'), `${count} nodes`).toBeGreaterThanOrEqual(10);
      expect(perNode('patch nodes'), `${count} nodes`).toBeLessThanOrEqual(2.2);
      expect(perNode('list pods of one node'), `${count} nodes`).toBeLessThanOrEqual(0.05);
      expect(perNode('watch pods of one node'), `${count} nodes`).toBeLessThanOrEqual(1.1);
      expect(aws.sqs.redeliveriesInWork()).toBe(0);
      all.push(kubernetes.requests().length / count);
    }
    const [fifty = 0, , twoHundred = Infinity] = all;
    expect(twoHundred).toBeLessThanOrEqual(fifty * 1.05);
    // Ten evictions, two patches and one watch; and what is asked once for all.
    expect(twoHundred).toBeLessThanOrEqual(13.2);
  });

  it(
    'writes at most twice to each of a thousand nodes that wait, or drain for long',
    { timeout: 120_000 },
    async () => {
      const waiting = Array.from({ length: 500 }, (_, index) => `waiting-${index}.ec2.internal`);
      const draining = Array.from({ length: 500 }, (_, index) => `draining-${index}.ec2.internal`);
      await using world = await startWorld({
        nodes: [NODE, ...waiting, ...draining].map((name) => ({ name, group: 'workers' })),
      });
      const { kubernetes, aws, instanceIdOf } = world.sandbox;
      // Longer than any renewal of a claim on the node would be away.
      for (const node of draining)
        kubernetes.put(pod({ name: `web-${node}`, node, owner: 'ReplicaSet', endsAfterMs: 12_000 }));
      world.queueProcessor({ SCHEDULED_EVENT_LEAD_TIME: '10m', WORKERS: '500' });
      await eventually(() => expect(aws.calls('sqs', 'ReceiveMessage').length).toBeGreaterThan(0));
      const startTime = new Date(Date.now() + 7 * 86_400_000);
      await aws.sendHealthEvent(waiting.map(instanceIdOf), { startTime });
      await Promise.all(draining.map((name) => aws.sendSpotInterruption(instanceIdOf(name))));
      await vi.waitFor(
        async () => {
          expect(kubernetes.list({ kind: 'Pod' })).toEqual([]);
          expect(await aws.sqs.depth()).toMatchObject({ visible: 0, inFlight: 0 });
        },
        { timeout: 100_000, interval: 250 },
      );
      const patches = Map.groupBy(
        kubernetes.requests().filter(({ verb, resource }) => verb === 'patch' && resource === 'nodes'),
        ({ name }) => name,
      );
      const mean = (names: readonly string[]) =>
        names.reduce((sum, name) => sum + (patches.get(name)?.length ?? 0), 0) / names.length;
      expect(mean(waiting)).toBe(1);
      expect(mean(draining)).toBeGreaterThanOrEqual(2);
      expect(mean(draining)).toBeLessThanOrEqual(2.2);
    },
  );

  it('is the same for an agent, which also reads its own node', async () => {
    await using world = await startWorld();
    const { kubernetes, imdsOf } = world.sandbox;
    kubernetes.put(workload({ kind: 'DaemonSet', name: 'daemon' }));
    for (const one of podsOf(NODE)) kubernetes.put(one);
    world.imdsAgent();
    imdsOf(NODE).setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000) });
    await eventually(() => expect(counted(kubernetes.requests())['patch nodes']).toBe(2));
    const { 'get nodes': reads, 'patch nodes': _patches, ...rest } = counted(kubernetes.requests());
    expect(rest).toEqual({ ...aDrain, 'get daemonsets': 1, 'create selfsubjectaccessreviews': 7 });
    // Twice at its start, and before each of its two patches.
    expect(reads).toBeLessThanOrEqual(4);
  });

  it('is, with conditions, two patches of the status more', async () => {
    await using world = await startWorld();
    const { kubernetes, imdsOf } = world.sandbox;
    kubernetes.put(workload({ kind: 'DaemonSet', name: 'daemon' }));
    for (const one of podsOf(NODE)) kubernetes.put(one);
    world.imdsAgent({ EMIT_NODE_CONDITIONS: 'true' });
    imdsOf(NODE).setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000) });
    await eventually(() => expect(counted(kubernetes.requests())['patch nodes/status']).toBe(2));
    const { 'get nodes': reads, ...rest } = counted(kubernetes.requests());
    expect(reads).toBeLessThanOrEqual(4);
    expect(rest).toEqual({
      ...aDrain,
      ...{ 'patch nodes': 2, 'patch nodes/status': 2, 'get daemonsets': 1 },
      'create selfsubjectaccessreviews': 8,
    });
  });
});
