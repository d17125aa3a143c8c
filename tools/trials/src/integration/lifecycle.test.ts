import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { node as buildNode, pod, podDisruptionBudget } from '@node-termination-handler/sandbox';
import type { LifecycleHookOptions } from '@node-termination-handler/sandbox';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, root } from '../program.ts';
import {
  eventually,
  evictions,
  getNode,
  NODE,
  OTHER,
  podNames,
  queueIsEmpty,
  specOf,
  startWorld,
} from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

const terminating: LifecycleHookOptions = {
  name: 'drain',
  group: 'workers',
  transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  heartbeatTimeoutSeconds: 300,
};
const launching: LifecycleHookOptions = {
  ...terminating,
  name: 'launch',
  transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
};

async function start(hooks: readonly LifecycleHookOptions[] = [terminating]): Promise<void> {
  world = await startWorld({ hooks });
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
}

const actions = () => world.sandbox.aws.autoScaling.actions();
const aws = () => world.sandbox.aws;
const budget = () => podDisruptionBudget({ name: 'web', matchLabels: { app: 'web' }, maxUnavailable: 0 });

async function isComplete(): Promise<void> {
  await eventually(() => expect(actions()).toMatchObject([{ state: 'completed', result: 'CONTINUE' }]));
}

describe('a launch', () => {
  it('is completed when the node is ready, and its message is received once however long that takes', async () => {
    await start([launching]);
    world.sandbox.kubernetes.remove({ kind: 'Node', name: NODE });
    const program = world.queueProcessor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '1' });
    await aws().sendLifecycleLaunch(world.instanceId);
    await eventually(() => expect(aws().calls('sqs', 'ChangeMessageVisibilityBatch').length).toBeGreaterThan(5));
    const joined = { name: NODE, instanceId: world.instanceId };
    world.sandbox.kubernetes.put(buildNode({ ...joined, ready: false }));
    const extensions = aws().calls('sqs', 'ChangeMessageVisibilityBatch').length;
    await eventually(() =>
      expect(aws().calls('sqs', 'ChangeMessageVisibilityBatch').length).toBeGreaterThan(extensions + 3),
    );
    expect(actions()).toMatchObject([{ state: 'waiting' }]);
    world.sandbox.kubernetes.put({ ...getNode(world), ...buildNode({ ...joined, ready: true }) });
    await isComplete();
    await queueIsEmpty(world);
    expect(aws().sqs.messages()[0]?.receives).toHaveLength(1);
    expect(specOf(world).unschedulable).not.toBe(true);
    expect(program.isRunning).toBe(true);
  });
});

describe('a termination', () => {
  it('is kept alive by heartbeats while its drain runs, and by none after', async () => {
    await start([{ ...terminating, heartbeatTimeoutSeconds: 5 }]);
    world.sandbox.kubernetes.put(budget());
    const program = world.queueProcessor({ HEARTBEAT_INTERVAL: 'auto', POD_DEADLINE_POLICY: 'respect' });
    await eventually(() => expect(program.output).toContain('Started monitoring for events'));
    await aws().sendLifecycleTermination(world.instanceId);
    const beats = () => actions()[0]!.history.filter(({ what }) => what === 'heartbeat').length;
    await eventually(() => expect(beats()).toBeGreaterThan(2));
    expect(actions()).toMatchObject([{ state: 'waiting' }]);
    world.sandbox.kubernetes.remove({ kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' });
    await isComplete();
    await queueIsEmpty(world);
    expect(aws().autoScaling.refused()).toEqual([]);
  });

  it('whose drain is overdue is kept alive while that goes on, is not completed, and is told so on the node', async () => {
    await start([{ ...terminating, heartbeatTimeoutSeconds: 4 }]);
    world.sandbox.kubernetes.put(budget());
    const prometheus = await freePort();
    const overdue = async () =>
      /^nth_drains_overdue \d+$/m.exec(await (await fetch(`http://127.0.0.1:${prometheus}/metrics`)).text())?.[0];
    world.queueProcessor({
      HEARTBEAT_INTERVAL: 'auto',
      NODE_TERMINATION_GRACE_PERIOD: '2',
      POD_DEADLINE_POLICY: 'respect',
      EMIT_KUBERNETES_EVENTS: 'true',
      SQS_MSG_VISIBILITY_TIMEOUT_SEC: '119',
      WEBHOOK_EVENTS: 'overdue',
      WEBHOOK_TEMPLATE: '{{ .Phase }}: {{ .Summary }}',
      ENABLE_PROMETHEUS_SERVER: 'true',
      PROMETHEUS_SERVER_PORT: String(prometheus),
    });
    await aws().sendLifecycleTermination(world.instanceId);
    const reasons = () => world.sandbox.kubernetes.list({ kind: 'Event' }).map(({ reason }) => reason);
    await eventually(() => expect(reasons()).toEqual(expect.arrayContaining(['ASGLifecycle', 'DrainOverdue'])));
    const beats = () => actions()[0]!.history.filter(({ what }) => what === 'heartbeat').length;
    const before = beats();
    await eventually(() => expect(beats()).toBeGreaterThan(before + 1));
    expect(actions()).toMatchObject([{ state: 'waiting' }]);
    expect(await overdue()).toBe('nth_drains_overdue 1');
    expect(world.sandbox.webhook.deliveries().map(({ body }) => body)).toEqual([
      expect.stringMatching(
        /^overdue: The drain takes longer than 2 s and goes on: 1 pods are left \(default\/web-1\), held by disruption budget web\. /,
      ),
    ]);
    world.sandbox.kubernetes.remove({ kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' });
    await isComplete();
    await queueIsEmpty(world);
    await eventually(async () => expect(await overdue()).toBe('nth_drains_overdue 0'));
    // One watch tells when budgets open.
    const budgets = world.sandbox.kubernetes.requests().filter(({ resource }) => resource === 'poddisruptionbudgets');
    expect(budgets.map(({ verb }) => verb)).toEqual(['watch']);
  });

  it('is completed after the delay, and a completion that was lost on its way back is found', async () => {
    await start();
    aws().faults.add({
      matches: ({ action }) => action === 'CompleteLifecycleAction',
      times: 1,
      misbehaviour: { kind: 'reset', when: 'after' },
    });
    const program = world.queueProcessor({
      COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '1',
      ENABLE_OUT_OF_SERVICE_TAINT: 'true',
      EXCLUDE_FROM_LOAD_BALANCERS: 'true',
    });
    await aws().sendLifecycleTermination(world.instanceId);
    await eventually(() => expect(program.output).toContain('Node successfully cordoned and drained'));
    expect(actions()).toMatchObject([{ state: 'waiting' }]);
    await isComplete();
    await queueIsEmpty(world);
    expect(program.output).toContain('had been completed already');
    expect(getNode(world).metadata.labels).toMatchObject({
      'node.kubernetes.io/exclude-from-external-load-balancers': 'aws-node-termination-handler',
    });
    // The group says that the instance will go; that it is gone is for EC2 to say.
    expect(specOf(world).taints).toBeUndefined();
    aws().ec2.setState(world.instanceId, 'terminated');
    await aws().sendStateChange(world.instanceId, 'terminated');
    await eventually(() =>
      expect(specOf(world).taints).toMatchObject([
        { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' },
      ]),
    );
  });
});

describe('the agent', () => {
  const settings = () => ({
    ENABLE_ASG_LIFECYCLE_DRAINING: 'true',
    AWS_ENDPOINT: aws().url,
    AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
  });

  it('completes the action of its own instance when told so, once its node is drained', async () => {
    await start([terminating, launching]);
    world.imdsAgent({
      ...settings(),
      COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true',
      EMIT_KUBERNETES_EVENTS: 'true',
    });
    aws().autoScaling.scaleIn(world.instanceId);
    world.sandbox.imdsOf(NODE).setLifecycleState('Terminated');
    await isComplete();
    expect(podNames(world)).toEqual([]);
    const completions = aws().calls('autoscaling', 'CompleteLifecycleAction');
    expect(completions).toHaveLength(1);
    await eventually(() =>
      expect(world.sandbox.kubernetes.list({ kind: 'Event' }).map(({ reason }) => reason)).toContain('PostDrain'),
    );
  });

  it('tells of each action that it completes, also when it may not complete another (C16)', async () => {
    await start([terminating, { ...terminating, name: 'logs' }]);
    aws().faults.add({
      matches: ({ action, input }) => action === 'CompleteLifecycleAction' && input.LifecycleHookName === 'logs',
      misbehaviour: { kind: 'error', code: 'AccessDenied', message: 'not allowed', status: 403 },
    });
    world.imdsAgent({
      ...settings(),
      COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true',
      EMIT_KUBERNETES_EVENTS: 'true',
    });
    aws().autoScaling.scaleIn(world.instanceId);
    world.sandbox.imdsOf(NODE).setLifecycleState('Terminated');
    await eventually(() => {
      const told = world.sandbox.kubernetes.list({ kind: 'Event' }).map(({ reason }) => reason);
      expect(told).toEqual(expect.arrayContaining(['PostDrain', 'PostDrainError']));
    });
  });

  it('leaves it to the group else, and does not even load what could complete it', async () => {
    await start();
    world.imdsAgent(settings());
    aws().autoScaling.scaleIn(world.instanceId);
    world.sandbox.imdsOf(NODE).setLifecycleState('Terminated');
    await eventually(() => expect(podNames(world)).toEqual([]));
    expect(actions()).toMatchObject([{ state: 'waiting' }]);
    expect(aws().calls('autoscaling')).toEqual([]);
    expect(await readFile(path.join(root, 'apps/imds-agent/dist/main.cjs'), 'utf8')).not.toContain(
      'CompleteLifecycleActionType',
    );
  });
});

describe('other messages', () => {
  it('of AWS Health about many instances are deleted when all of them are done', async () => {
    await start();
    const other = world.sandbox.instanceIdOf(OTHER);
    world.sandbox.kubernetes.put(pod({ name: 'slow-1', node: OTHER, owner: 'ReplicaSet', endsAfterMs: 3_000 }));
    const program = world.queueProcessor({ TAINT_NODE: 'true' });
    await aws().sendHealthEvent([world.instanceId, other]);
    await eventually(() => expect(podNames(world)).toEqual(['slow-1']));
    await eventually(() =>
      expect(program.log.some(({ message, node_name }) => message.includes('drained') && node_name === NODE)).toBe(
        true,
      ),
    );
    expect(aws().sqs.messages()[0]?.deletedAt).toBeUndefined();
    await queueIsEmpty(world);
    expect(podNames(world)).toEqual([]);
    expect(evictions(world)).toBe(2);
    for (const name of [NODE, OTHER]) {
      expect(specOf(world, name).taints).toMatchObject([{ key: 'aws-node-termination-handler/scheduled-maintenance' }]);
    }
  });

  it('of a capacity reservation drain the node', async () => {
    await start();
    world.queueProcessor({ TAINT_NODE: 'true' });
    await aws().sendCapacityReservationInterruption(world.instanceId);
    await queueIsEmpty(world);
    expect(podNames(world)).toEqual([]);
    expect(specOf(world).taints).toMatchObject([{ key: 'aws-node-termination-handler/spot-itn' }]);
  });
});
