import { pod, startProxy } from '@node-termination-handler/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, NODE, podNames, queueIsEmpty, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

/** A name of AWS that the proxy alone can look up. */
const AWS = 'http://aws.internal.test';

let world: World;
let proxy: Awaited<ReturnType<typeof startProxy>>;
beforeEach(async () => {
  world = await startWorld();
  const credentials = { username: 'user', password: 's3cret' };
  proxy = await startProxy({ credentials, names: { 'aws.internal.test': world.sandbox.aws.url } });
  world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

const aws = () => world.sandbox.aws;
const behind = () => ({
  AWS_ENDPOINT: AWS,
  AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
  AWS_SECRET_ACCESS_KEY: 'sandbox',
  http_proxy: proxy.url.replace('http://', 'user:s3cret@'),
});

/** The services of AWS that were called: all calls came through the proxy, and nothing else did. */
function servicesThroughProxy(): readonly string[] {
  const targets = proxy.requests().map(({ target, authorized }) => [target, authorized]);
  expect(targets).toEqual(
    aws()
      .calls()
      .map(() => [`${AWS}/`, true]),
  );
  return [
    ...new Set(
      aws()
        .calls()
        .map(({ service }) => service),
    ),
  ].sort();
}

describe('behind a proxy that is the only way out (A8)', () => {
  it('the queue-processor does all of its work, and calls nothing but AWS through it', async () => {
    const QUEUE_URL = new URL(new URL(aws().queueUrl).pathname, AWS).href;
    const program = world.queueProcessor({ ...behind(), QUEUE_URL });
    await aws().sendLifecycleTermination(world.instanceId);
    await eventually(() => expect(aws().autoScaling.actions()).toMatchObject([{ state: 'completed' }]));
    await queueIsEmpty(world);
    expect(podNames(world)).toEqual([]);
    await program.stop();
    expect(servicesThroughProxy()).toEqual(['autoscaling', 'ec2', 'sqs']);
    expect(program.output).not.toContain('s3cret');
  });

  it('the agent completes the action of its own instance, and reads its metadata directly', async () => {
    const program = world.imdsAgent({
      ...behind(),
      ENABLE_ASG_LIFECYCLE_DRAINING: 'true',
      COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true',
    });
    aws().autoScaling.scaleIn(world.instanceId);
    world.sandbox.imdsOf(NODE).setLifecycleState('Terminated');
    await eventually(() => expect(aws().autoScaling.actions()).toMatchObject([{ state: 'completed' }]));
    await program.stop();
    expect(servicesThroughProxy()).toEqual(['autoscaling']);
    expect(world.sandbox.imdsOf(NODE).requests().length).toBeGreaterThan(0);
    expect(program.output).not.toContain('s3cret');
  });

  it('that refuses, the queue-processor says so, with service, action, region and queue', async () => {
    proxy.refuseWith(403);
    const program = world.queueProcessor(behind());
    const line = await program.says(/SQS ReceiveMessage in us-east-1/);
    expect(JSON.stringify(line)).toContain('403');
  });
});
