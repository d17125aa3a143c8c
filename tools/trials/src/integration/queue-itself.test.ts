import { healthEvent, node as buildNode, pod, spotInterruptionEvent } from '@node-termination-handler/sandbox';
import { describe, expect, it } from 'vitest';
import type { Program } from '../index.ts';
import { evictions, eventually, NODE, podNames, queueIsEmpty, specOf, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const PROBES = { ENABLE_PROBES_SERVER: 'true', PROBES_SERVER_PORT: '0' };

/** Waits until a Spot notice that is sent now has had its node drained. */
async function drainsAtSpotNotice(world: World): Promise<void> {
  const { messageId } = await world.sandbox.aws.sendSpotInterruption(world.instanceId);
  await eventually(() => expect(world.sandbox.aws.sqs.message(messageId)?.deletedAt).toBeDefined());
  expect(specOf(world).unschedulable).toBe(true);
  expect(podNames(world)).toEqual([]);
}

function putPod({ sandbox }: World, endsAfterMs = 20): void {
  sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet', endsAfterMs }));
}

/** What the probes answer, once they are served. */
async function probes(program: Program): Promise<readonly number[]> {
  await eventually(() => expect(program.output).toContain('serving probes'));
  const port = String(program.log.find(({ message }) => message === 'serving probes')?.port);
  const ask = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  return [await ask('/healthz'), await ask('/readyz')];
}

describe('a FIFO queue', () => {
  it('is refused at the start with the reason, in one message (A12)', async () => {
    await using world = await startWorld();
    const program = world.queueProcessor({ QUEUE_URL: `${world.sandbox.aws.queueUrl}.fifo` });
    expect(await program.exit).toBe(1);
    expect(program.output.split('\n').filter((line) => line.includes('QUEUE_URL'))).toEqual([
      expect.stringMatching(/\.fifo.*FIFO queue.*holds the messages of a group back/),
    ]);
  });
});

describe('a queue that is deleted while the program runs', () => {
  it('is said with what to do, leaves it alive and not ready, and is received from when it is back', async () => {
    await using world = await startWorld();
    putPod(world);
    const { sqs } = world.sandbox.aws;
    const program = world.queueProcessor(PROBES);
    await eventually(async () => expect(await probes(program)).toEqual([200, 200]));
    await sqs.deleteQueue('interruptions');
    await eventually(async () => expect(await probes(program)).toEqual([200, 503]));
    const told = program.log.filter(({ message }) => message === 'There was a problem monitoring for events');
    expect(told).toMatchObject([
      { error: expect.stringMatching(/does not exist: correct QUEUE_URL, or create/) as string },
    ]);
    await sqs.createQueue('interruptions');
    await drainsAtSpotNotice(world);
    await eventually(async () => expect(await probes(program)).toEqual([200, 200]));
  });
});

describe('a dead-letter queue', () => {
  it('is named at the start, and when it takes what cannot be understood', async () => {
    const queue = { visibilityTimeoutSeconds: 1, redrive: { queue: 'dead', maxReceiveCount: 2 } };
    await using world = await startWorld({ aws: { queue } });
    const program = world.queueProcessor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '1' });
    await world.sandbox.aws.sqs.send('hello');
    await eventually(async () => expect(await world.sandbox.aws.sqs.depth('dead')).toMatchObject({ visible: 1 }));
    const lines = program.log.map(({ message }) => message);
    expect(lines).toContain('the queue has a dead-letter queue');
    expect(lines.find((line) => line.startsWith('a message could not be understood'))).toMatch(
      /it is left, and goes to arn:aws:sqs:.*:dead when it was received 2 times$/,
    );
  });

  it('gives its messages back, and they are worked on', async () => {
    await using world = await startWorld({ aws: { queue: { redrive: { queue: 'dead', maxReceiveCount: 2 } } } });
    putPod(world);
    const { sqs } = world.sandbox.aws;
    world.queueProcessor();
    await sqs.send(JSON.stringify(spotInterruptionEvent(world.instanceId)), { queue: 'dead' });
    await sqs.redrive('dead');
    await eventually(() => expect(specOf(world).unschedulable).toBe(true));
    await queueIsEmpty(world);
    expect([evictions(world), await sqs.depth('dead')]).toEqual([1, { visible: 0, inFlight: 0, delayed: 0 }]);
  });

  it('is missing where messages are deleted that cannot be understood, which is said', async () => {
    await using world = await startWorld({ aws: { queue: { retentionSeconds: 3_600 } } });
    const program = world.queueProcessor();
    await world.sandbox.aws.sqs.send('hello');
    await queueIsEmpty(world);
    await eventually(() => {
      expect(program.output).toContain('it is deleted: the queue has no dead-letter queue');
      // The retention that the first files for AWS had (W8).
      expect(program.output).toContain('set its MessageRetentionPeriod to 1209600');
    });
  });
});

describe('the longest that SQS hides a message', () => {
  it('costs a longer drain nothing: the message is received anew, and the node is drained once (C16)', async () => {
    await using world = await startWorld({ aws: { queue: { visibilityLimitSeconds: 3 } } });
    putPod(world, 8_000);
    const program = world.queueProcessor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '2' });
    const { messageId } = await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await queueIsEmpty(world);
    expect(evictions(world)).toBe(1);
    expect(world.sandbox.aws.sqs.message(messageId)?.receives.length).toBeGreaterThan(1);
    expect(program.output).toContain('the longest that SQS hides one');
    expect(program.output).not.toContain('could not be kept invisible');
  });
});

describe('messages that wait', () => {
  it('hold up no Spot notice, however many there are (S1)', async () => {
    await using world = await startWorld();
    putPod(world);
    const program = world.queueProcessor();
    const bodies = Array.from({ length: 2_050 }, (_, index) =>
      JSON.stringify({
        ...spotInterruptionEvent('i-1'),
        source: 'aws.autoscaling',
        'detail-type': 'EC2 Instance-launch Lifecycle Action',
        detail: {
          LifecycleActionToken: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
          AutoScalingGroupName: 'workers',
          LifecycleHookName: 'join',
          EC2InstanceId: `i-${String(index).padStart(17, '0')}`,
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        },
      }),
    );
    for (const body of bodies) await world.sandbox.aws.sqs.send(body);
    await eventually(() => expect(program.output).toContain('more messages wait than there is room for'));
    await drainsAtSpotNotice(world);
    // None of the others is lost.
    expect(world.sandbox.aws.sqs.messages().filter(({ deletedAt }) => deletedAt !== undefined)).toHaveLength(1);
  });

  it('of 6,000 instances in one body ask EC2 little, write little, and hold up no Spot notice (S9)', async () => {
    await using world = await startWorld();
    putPod(world);
    const program = world.queueProcessor();
    const ids = Array.from({ length: 6_000 }, (_, index) => `i-${String(index).padStart(17, '0')}`);
    const messageId = await world.sandbox.aws.sqs.send(JSON.stringify(healthEvent(ids)));
    await eventually(() => expect(world.sandbox.aws.sqs.message(messageId)?.receives).toHaveLength(1));
    await drainsAtSpotNotice(world);
    expect(world.sandbox.aws.calls('ec2', 'DescribeInstances').length).toBeLessThan(40);
    expect(program.log.filter((line) => line['message-id'] === messageId).length).toBeLessThanOrEqual(2);
  });

  it('for a node that joins while the watch hangs are found by a fresh list (A13)', async () => {
    await using world = await startWorld();
    const { kubernetes } = world.sandbox;
    kubernetes.remove({ kind: 'Node', name: NODE });
    putPod(world);
    kubernetes.faults.add({ match: { verb: 'watch', resource: 'nodes' }, effect: { kind: 'hang' } });
    world.queueProcessor({ SQS_MSG_VISIBILITY_TIMEOUT_SEC: '2' });
    const { messageId } = await world.sandbox.aws.sendSpotInterruption(world.instanceId);
    await eventually(() =>
      expect(world.sandbox.aws.sqs.message(messageId)?.visibilityChanges.length).toBeGreaterThan(1),
    );
    kubernetes.put(buildNode({ name: NODE, instanceId: world.instanceId }));
    await queueIsEmpty(world);
    expect(specOf(world).unschedulable).toBe(true);
    // It stayed in hand all the time.
    expect(world.sandbox.aws.sqs.message(messageId)?.receives).toHaveLength(1);
  });
});
