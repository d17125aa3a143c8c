import { node as buildNode, pod, spotInterruptionEvent } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evictions, eventually, getNode, NODE, podNames, queueIsEmpty, specOf, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld({ kubernetes: { terminationMs: 20 } });
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
});
afterEach(() => world[Symbol.asyncDispose]());

/** The program still does its work: a good message after the bad ones is handled. */
async function stillWorks(program: { readonly isRunning: boolean }): Promise<void> {
  await world.sandbox.aws.sendSpotInterruption(world.instanceId);
  await eventually(() => {
    expect(podNames(world)).toEqual([]);
    expect(specOf(world).unschedulable).toBe(true);
  });
  await queueIsEmpty(world);
  expect(program.isRunning).toBe(true);
}

describe('a body that cannot be understood', () => {
  const bodies: Readonly<Record<string, string>> = {
    'no JSON': 'hello',
    'an empty list': '[]',
    'a number': '42',
    null: 'null',
    'an envelope without detail': JSON.stringify({
      source: 'aws.ec2',
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      id: 'e-1',
      time: '2026-01-02T03:04:05Z',
    }),
    'fields of the wrong type': JSON.stringify({ ...spotInterruptionEvent('i-1'), detail: { 'instance-id': 7 } }),
    'a time that is none': JSON.stringify({ ...spotInterruptionEvent('i-0123456789abcdef0'), time: 'soon' }),
    'a notification of nothing': JSON.stringify({ Type: 'Notification', MessageId: 'm', Message: '{' }),
    '256 KiB': JSON.stringify({ filler: 'x'.repeat(255 * 1024) }),
    'deep nesting': '['.repeat(20_000) + ']'.repeat(20_000),
  };

  it('is deleted, said once with its message id, and holds nothing up', async () => {
    const program = world.queueProcessor({ LOG_LEVEL: 'debug' });
    const ids = await Promise.all(Object.values(bodies).map((body) => world.sandbox.aws.sqs.send(body)));
    await stillWorks(program);
    for (const id of ids) expect(program.log.filter((line) => line['message-id'] === id)).toHaveLength(1);
    expect(program.output).not.toContain('xxxxxxxx');
  });

  it('is left to the redrive policy where the queue has one', async () => {
    await using own = await startWorld({
      aws: { queue: { visibilityTimeoutSeconds: 1, redrive: { queue: 'dead', maxReceiveCount: 2 } } },
    });
    own.queueProcessor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '1' });
    await own.sandbox.aws.sqs.send('hello');
    await eventually(async () => expect(await own.sandbox.aws.sqs.depth('dead')).toMatchObject({ visible: 1 }));
  });
});

describe('a message that is not for this program', () => {
  it.each([
    [
      'an unknown source',
      () => world.sandbox.aws.sqs.send(JSON.stringify({ ...spotInterruptionEvent('i-1'), source: 'aws.s3' })),
    ],
    ['a state that needs no action', () => world.sandbox.aws.sendStateChange(world.instanceId, 'running')],
    ['a test notification', () => world.sandbox.aws.sendTestNotification('workers')],
    ['a malformed instance id', () => world.sandbox.aws.sendSpotInterruption('i-?')],
    [
      'an instance without the tag',
      () => {
        world.sandbox.aws.ec2.setTags(world.instanceId, {});
        return world.sandbox.aws.sendSpotInterruption(world.instanceId);
      },
    ],
    [
      'an instance that is terminated and no node any more',
      () => {
        world.sandbox.kubernetes.remove({ kind: 'Node', name: NODE });
        world.sandbox.aws.ec2.setState(world.instanceId, 'terminated');
        return world.sandbox.aws.sendSpotInterruption(world.instanceId);
      },
    ],
  ])('is deleted and touches no node: %s', async (_what, send) => {
    const program = world.queueProcessor();
    await send();
    await eventually(async () => {
      expect(world.sandbox.aws.sqs.messages()[0]?.deletedAt).toBeDefined();
      expect(await world.sandbox.aws.sqs.depth()).toMatchObject({ visible: 0, inFlight: 0 });
    });
    const node = world.sandbox.kubernetes.get({ kind: 'Node', name: NODE });
    expect(node?.spec ?? {}).not.toHaveProperty('unschedulable');
    expect(podNames(world)).toEqual(['web-1']);
    expect(program.isRunning).toBe(true);
  });

  it('does not keep the others of its batch from being handled', async () => {
    await world.sandbox.aws.sendSpotInterruption('i-00000000000000bad');
    await world.sandbox.aws.sendSpotInterruption('i-?');
    await stillWorks(world.queueProcessor({ DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'true' }));
  });
});

describe('an instance that EC2 does not know', () => {
  it('keeps its message in hand, and the region that was asked is said', async () => {
    world.sandbox.aws.ec2.remove(world.instanceId);
    const program = world.queueProcessor();
    await world.sandbox.aws.sendSpotInterruption('i-00000000000000bad');
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await eventually(() => {
      expect(program.output).toContain('EC2 in us-east-1 knows no instance i-00000000000000bad');
      expect(program.output).toContain(`EC2 in us-east-1 knows no instance ${world.instanceId}`);
    });
    for (const { deletedAt, receives } of world.sandbox.aws.sqs.messages())
      expect([deletedAt, receives.length]).toEqual([undefined, 1]);
    expect(specOf(world).unschedulable).toBeUndefined();
  });

  it('is drained where no tag is looked for, because its node is there', async () => {
    world.sandbox.aws.ec2.remove(world.instanceId);
    world.queueProcessor({ CHECK_TAG_BEFORE_DRAINING: 'false' });
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await queueIsEmpty(world);
    expect(podNames(world)).toEqual([]);
    expect(evictions(world)).toBe(1);
  });
});

describe('an instance that is terminated', () => {
  it('and no node any more has its lifecycle action completed', async () => {
    world.sandbox.kubernetes.remove({ kind: 'Node', name: NODE });
    world.queueProcessor();
    await world.sandbox.aws.sendLifecycleTermination(world.instanceId);
    world.sandbox.aws.ec2.setState(world.instanceId, 'terminated');
    await queueIsEmpty(world);
    expect(world.sandbox.aws.autoScaling.actions()).toMatchObject([{ state: 'completed' }]);
  });

  it('and still a node is drained, though it has no DNS name any more', async () => {
    world.sandbox.aws.ec2.setState(world.instanceId, 'terminated');
    world.queueProcessor();
    await world.sandbox.aws.sendStateChange(world.instanceId, 'terminated');
    await queueIsEmpty(world);
    expect(specOf(world).unschedulable).toBe(true);
    expect(evictions(world)).toBe(1);
  });
});

describe('an instance of another cluster', () => {
  it('keeps its message in hand for the node that may join, and is said', async () => {
    world.sandbox.kubernetes.remove({ kind: 'Node', name: NODE });
    const program = world.queueProcessor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '2' });
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await eventually(() => expect(program.output).toContain('no node of this cluster belongs to the instance'));
    // Longer than it is hidden at once.
    await eventually(() => expect(world.sandbox.aws.sqs.messages()[0]?.visibilityChanges.length).toBeGreaterThan(2));
    expect(world.sandbox.aws.sqs.messages()[0]).toMatchObject({ deletedAt: undefined, receives: [expect.anything()] });
    world.sandbox.kubernetes.put(buildNode({ name: NODE, instanceId: world.instanceId }));
    await eventually(() => expect(specOf(world).unschedulable).toBe(true));
    await queueIsEmpty(world);
  });

  it('is drained though the watch of nodes hangs when it joins (A13)', async () => {
    const { kubernetes } = world.sandbox;
    kubernetes.remove({ kind: 'Node', name: NODE });
    const program = world.queueProcessor();
    await eventually(() => expect(program.output).toContain('Started monitoring for events'));
    await eventually(() => expect(kubernetes.faults.muteWatches({ verb: 'watch', resource: 'nodes' })).toBe(1));
    kubernetes.put(buildNode({ name: NODE, instanceId: world.instanceId }));
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await eventually(() => expect(specOf(world).unschedulable).toBe(true));
    await queueIsEmpty(world);
  });

  it('loses its message when told so', async () => {
    world.sandbox.kubernetes.remove({ kind: 'Node', name: NODE });
    world.queueProcessor({ DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'true' });
    await world.sandbox.aws.sendLifecycleTermination(world.instanceId);
    await queueIsEmpty(world);
    expect(world.sandbox.aws.autoScaling.actions()).toMatchObject([{ state: 'completed' }]);
  });
});

describe('the same thing twice', () => {
  it('is done once when a message is delivered twice', async () => {
    world.sandbox.kubernetes.put(pod({ name: 'slow-1', node: NODE, owner: 'ReplicaSet', endsAfterMs: 3000 }));
    world.queueProcessor();
    const { messageId } = await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await eventually(() => expect(world.sandbox.aws.sqs.message(messageId)?.receives).toHaveLength(1));
    await world.sandbox.aws.sqs.deliverAgain(messageId);
    await queueIsEmpty(world);
    expect(evictions(world)).toBe(2);
  });

  it('is one drain when two events name one node, and both messages end', async () => {
    world.queueProcessor();
    await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await world.sandbox.aws.sendStateChange(world.instanceId, 'shutting-down');
    await world.sandbox.aws.sendLifecycleTermination(world.instanceId);
    await queueIsEmpty(world);
    expect(evictions(world)).toBe(1);
    expect(world.sandbox.aws.autoScaling.actions()).toMatchObject([{ state: 'completed', result: 'CONTINUE' }]);
    expect(world.sandbox.aws.autoScaling.refused()).toEqual([]);
  });
});

describe('hostile ids', () => {
  it('make valid taints and labels, and no log line of their own', async () => {
    const program = world.queueProcessor({ TAINT_NODE: 'true' });
    const id = '../../"}\n{"level":"fatal"} é ' + 'x'.repeat(200);
    await world.sandbox.aws.sqs.send(JSON.stringify({ ...spotInterruptionEvent(world.instanceId), id }));
    await queueIsEmpty(world);
    const taint = specOf(world).taints?.find(({ key }) => key === 'aws-node-termination-handler/spot-itn');
    expect(taint?.value).toMatch(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
    expect(program.log.some(({ level }) => level === 'fatal')).toBe(false);
    expect(getNode(world).metadata.labels).toBeDefined();
  });

  it('add nothing to a webhook’s body, the record or the log, however long they are (S7)', async () => {
    const program = world.queueProcessor({ WEBHOOK_TEMPLATE: '{"id":"{{ .EventID }}"}' });
    const id = `x","admin":true,"y":"\u001b[2J\u202e\r\n${'z'.repeat(200_000)}`;
    await world.sandbox.aws.sqs.send(JSON.stringify({ ...spotInterruptionEvent(world.instanceId), id }));
    await queueIsEmpty(world);
    await eventually(() => expect(world.sandbox.webhook.deliveries()).toHaveLength(1));
    const body = JSON.parse(world.sandbox.webhook.deliveries()[0]!.body) as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(['id']);
    expect(body.id).toMatch(/^spot-itn-event-[A-Za-z0-9._:/=@+-]+~[0-9a-f]{16}$/);
    expect(program.log.filter((line) => line['event-id'] === body.id).length).toBeGreaterThan(0);
    const { annotations } = getNode(world).metadata;
    const record = JSON.parse(annotations?.['aws-node-termination-handler/interruptions'] ?? '{}') as unknown;
    expect(record).toMatchObject({ entries: [{ id: body.id }] });
    expect(program.output).not.toContain('z'.repeat(128));
  });
});
