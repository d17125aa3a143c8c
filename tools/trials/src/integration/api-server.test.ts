import { pod, podDisruptionBudget, workload } from '@node-termination-handler/sandbox';
import type { KubernetesFaultEffect } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, evictions, getNode, NODE, podNames, queueIsEmpty, specOf, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
  world.sandbox.kubernetes.put(pod({ name: 'web-2', node: NODE, owner: 'ReplicaSet' }));
});
afterEach(() => world[Symbol.asyncDispose]());

const terminate = () => world.sandbox.aws.sendLifecycleTermination(world.instanceId);
const interrupt = () => world.sandbox.aws.sendSpotInterruption(world.instanceId);
const actions = () => world.sandbox.aws.autoScaling.actions();

async function isComplete(): Promise<void> {
  await eventually(() => expect(actions()).toMatchObject([{ state: 'completed', result: 'CONTINUE' }]));
  await queueIsEmpty(world);
  expect(podNames(world)).toEqual([]);
}

describe('an API server that', () => {
  const effects: readonly [string, KubernetesFaultEffect][] = [
    ['resets', { kind: 'drop', when: 'before-write' }],
    ['resets after it has written', { kind: 'drop', when: 'after-write' }],
    ['throttles', { kind: 'flow-control', retryAfterSeconds: 1 }],
    ['fails', { kind: 'status', code: 503 }],
    ['answers half', { kind: 'truncate' }],
  ];

  it.each(effects)('%s costs time, and nothing else', async (_what, effect) => {
    const { faults } = world.sandbox.kubernetes;
    const added = ['patch', 'create', 'watch', 'list'].map((verb) => faults.add({ match: { verb }, effect, times: 2 }));
    const program = world.queueProcessor();
    await terminate();
    await isComplete();
    expect(added.reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThan(5);
    expect(evictions(world)).toBeLessThanOrEqual(4);
    expect(program.isRunning).toBe(true);
  });

  it('forbids is said with the verb and the resource, and forgiven when the rule comes', async () => {
    const { kubernetes } = world.sandbox;
    const user = 'system:serviceaccount:kube-system:queue-processor';
    const rules = [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
      { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    ];
    kubernetes.setRules(user, rules);
    const program = world.queueProcessor();
    await terminate();
    await eventually(() => expect(program.output).toMatch(/not allowed to patch nodes/));
    expect(actions()).toMatchObject([{ state: 'waiting' }]);
    kubernetes.setRules(user, [...rules, { apiGroups: [''], resources: ['nodes'], verbs: ['patch'] }]);
    await isComplete();
  });

  it('restarts in the middle of a drain is found again', async () => {
    world.sandbox.kubernetes.put(pod({ name: 'slow-1', node: NODE, owner: 'ReplicaSet', endsAfterMs: 3000 }));
    world.queueProcessor();
    await terminate();
    await eventually(() => expect(evictions(world)).toBe(3));
    await world.sandbox.kubernetes.restart();
    await isComplete();
  });
});

describe('evictions that hang', () => {
  it('on one node hold up no other', async () => {
    const other = 'other.ec2.internal';
    await using many = await startWorld({ nodes: [NODE, other].map((name) => ({ name, group: 'workers' })) });
    const { kubernetes, aws, instanceIdOf } = many.sandbox;
    for (let index = 0; index < 150; index += 1)
      kubernetes.put(pod({ name: `hangs-${index}`, node: NODE, owner: 'ReplicaSet' }));
    for (let index = 0; index < 10; index += 1)
      kubernetes.put(pod({ name: `plain-${index}`, node: other, owner: 'ReplicaSet' }));
    const hanging = kubernetes.faults.add({
      match: { verb: 'create', subresource: 'eviction', name: /^hangs-/ },
      effect: { kind: 'hang' },
    });
    many.queueProcessor();
    await aws.sendLifecycleTermination(instanceIdOf(NODE));
    await eventually(() => expect(hanging.hits).toBeGreaterThan(20));
    await aws.sendLifecycleTermination(instanceIdOf(other));
    await eventually(() =>
      expect(aws.autoScaling.actions()).toContainEqual(
        expect.objectContaining({ instanceId: instanceIdOf(other), state: 'completed' }),
      ),
    );
    expect(
      kubernetes.requests().filter(({ name, subresource }) => subresource === 'eviction' && name.startsWith('plain')),
    ).toHaveLength(10);
    expect(hanging.hits).toBeLessThan(100);
  });
});

describe('a budget that holds', () => {
  beforeEach(() => {
    world.sandbox.kubernetes.put(podDisruptionBudget({ name: 'web', matchLabels: { app: 'web' }, maxUnavailable: 0 }));
  });

  it('keeps the message and the hook until it opens, however long the visibility timeout', async () => {
    const program = world.queueProcessor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '1', POD_DEADLINE_POLICY: 'respect' });
    await terminate();
    await eventually(() => expect(program.output).toContain('a disruption budget holds the pod'));
    const seen = world.sandbox.aws.calls('sqs', 'ChangeMessageVisibilityBatch').length;
    await eventually(() =>
      expect(world.sandbox.aws.calls('sqs', 'ChangeMessageVisibilityBatch').length).toBeGreaterThan(seen + 5),
    );
    expect(actions()).toMatchObject([{ state: 'waiting' }]);
    world.sandbox.kubernetes.remove({ kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' });
    await isComplete();
    expect(world.sandbox.aws.sqs.messages()[0]!.receives).toHaveLength(1);
  });

  it('to the deadline fails the drain: it is said, the message stays in hand and the drain goes on', async () => {
    const program = world.queueProcessor({ NODE_TERMINATION_GRACE_PERIOD: '2', POD_DEADLINE_POLICY: 'respect' });
    await interrupt();
    await eventually(() =>
      expect(program.output).toContain('There was a problem while trying to cordon and drain the node'),
    );
    expect(world.sandbox.aws.sqs.messages()[0]?.deletedAt).toBeUndefined();
    expect(podNames(world)).toEqual(['web-1', 'web-2']);
    world.sandbox.kubernetes.remove({ kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' });
    await queueIsEmpty(world);
    expect(podNames(world)).toEqual([]);
  });

  it('gives way to the deadline when told so, with the grace that remains', async () => {
    world.queueProcessor({
      NODE_TERMINATION_GRACE_PERIOD: '6',
      POD_DEADLINE_POLICY: 'deadline',
      POD_TERMINATION_GRACE_PERIOD: '2',
    });
    await interrupt();
    await queueIsEmpty(world);
    expect(podNames(world)).toEqual([]);
    expect(evictions(world)).toBe(0);
  });

  it('is kept past the grace where a hook holds the instance, which is said once', async () => {
    const program = world.queueProcessor({ NODE_TERMINATION_GRACE_PERIOD: '1' });
    await terminate();
    await eventually(() => expect(program.output).toContain('takes longer than 1 s and goes on'));
    expect(podNames(world)).toEqual(['web-1', 'web-2']);
    world.sandbox.kubernetes.remove({ kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' });
    await isComplete();
    expect(program.output.split('takes longer than')).toHaveLength(2);
    expect(evictions(world)).toBe(2);
  });

  it('is not waited for when the program is told to stop: the message is handed back, and a successor finishes', async () => {
    const first = world.queueProcessor({ POD_DEADLINE_POLICY: 'respect' });
    await terminate();
    await eventually(() => expect(first.output).toContain('a disruption budget holds the pod'));
    const stopped = first.stop();
    world.sandbox.kubernetes.remove({ kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' });
    expect(await stopped).toBe(0);
    world.queueProcessor();
    await isComplete();
  });
});

describe('what belongs to others', () => {
  it('stays: taints, labels, annotations, and pods of DaemonSets that are there', async () => {
    const { kubernetes } = world.sandbox;
    const node = getNode(world);
    kubernetes.put({
      ...node,
      metadata: { ...node.metadata, labels: { ...node.metadata.labels, team: 'blue' }, annotations: { note: 'mine' } },
      spec: { ...specOf(world), taints: [{ key: 'pool', value: 'old', effect: 'NoSchedule' }] },
    });
    kubernetes.put(workload({ kind: 'DaemonSet', name: 'agent' }));
    kubernetes.put(pod({ name: 'agent-1', node: NODE, owner: 'DaemonSet', ownerName: 'agent' }));
    kubernetes.put(pod({ name: 'orphan-1', node: NODE, owner: 'DaemonSet', ownerName: 'gone' }));
    kubernetes.put(pod({ name: 'queue-processor-0', namespace: 'kube-system', node: NODE, owner: 'ReplicaSet' }));
    world.queueProcessor({ TAINT_NODE: 'true', EXCLUDE_FROM_LOAD_BALANCERS: 'true' });
    await terminate();
    await eventually(() => expect(actions()).toMatchObject([{ state: 'completed' }]));
    expect(podNames(world)).toEqual(['agent-1']);
    expect(specOf(world).taints).toContainEqual({ key: 'pool', value: 'old', effect: 'NoSchedule' });
    expect(getNode(world).metadata.labels).toMatchObject({
      team: 'blue',
      'node.kubernetes.io/exclude-from-external-load-balancers': 'aws-node-termination-handler',
    });
    expect(getNode(world).metadata.annotations).toMatchObject({ note: 'mine' });
  });
});
