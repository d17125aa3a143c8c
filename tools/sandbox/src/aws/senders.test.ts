import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { startAws } from './simulator.ts';
import type { AwsSimulator } from './simulator.ts';

const instanceId = 'i-00000000000000001';
const at = { id: '12345678-1234-1234-1234-123456789012', time: new Date('2026-01-02T03:04:05.678Z') };
const envelope = {
  version: '0',
  id: at.id,
  account: '210987654321',
  time: '2026-01-02T03:04:05Z',
  region: 'eu-west-1',
};
const instance = `arn:aws:ec2:eu-west-1:210987654321:instance/${instanceId}`;
let aws: AwsSimulator;

beforeEach(async () => {
  aws = await startAws({ region: 'eu-west-1', accountId: '210987654321' });
  aws.autoScaling.attach(instanceId, 'workers');
});
afterEach(async () => {
  await aws[Symbol.asyncDispose]();
});

const body = (messageId: string): unknown => JSON.parse(aws.sqs.message(messageId)?.body ?? '');

describe('messages from EC2', () => {
  it('warn of a spot interruption', async () => {
    const sent = await aws.sendSpotInterruption(instanceId, at);
    expect(sent.eventId).toBe(at.id);
    expect(body(sent.messageId)).toEqual({
      ...envelope,
      source: 'aws.ec2',
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      resources: [instance],
      detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
    });
  });

  it('recommend a rebalance', async () => {
    expect(body((await aws.sendRebalanceRecommendation(instanceId, at)).messageId)).toEqual({
      ...envelope,
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance Rebalance Recommendation',
      resources: [instance],
      detail: { 'instance-id': instanceId },
    });
  });

  it('tell of a change of state', async () => {
    expect(body((await aws.sendStateChange(instanceId, 'shutting-down', at)).messageId)).toEqual({
      ...envelope,
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      resources: [instance],
      detail: { 'instance-id': instanceId, state: 'shutting-down' },
    });
  });

  it('warn of the end of a capacity reservation', async () => {
    expect(body((await aws.sendCapacityReservationInterruption(instanceId, at)).messageId)).toEqual({
      ...envelope,
      source: 'aws.ec2',
      'detail-type': 'EC2 Capacity Reservation Instance Interruption Warning',
      resources: [instance],
      detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
    });
  });
});

describe('messages from Health', () => {
  it('name every instance', async () => {
    const startTime = new Date('2016-06-05T15:10:09Z');
    const { messageId } = await aws.sendHealthEvent([instanceId, 'i-00000000000000002'], { ...at, startTime });
    expect(body(messageId)).toMatchObject({
      ...envelope,
      source: 'aws.health',
      'detail-type': 'AWS Health Event',
      resources: [instanceId, 'i-00000000000000002'],
      detail: {
        service: 'EC2',
        eventTypeCategory: 'scheduledChange',
        eventTypeCode: 'AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED',
        startTime: 'Sun, 05 Jun 2016 15:10:09 GMT',
        affectedEntities: [{ entityValue: instanceId }, { entityValue: 'i-00000000000000002' }],
      },
    });
  });

  it('tell that an event named before is over, with the whole or for an instance', async () => {
    const eventArn = 'arn:aws:health:eu-west-1::event/EC2/AWS_EC2_INSTANCE_STOP_SCHEDULED/1';
    const over = { eventArn, statusCode: 'closed', entityStatus: 'RESOLVED' } as const;
    expect(body((await aws.sendHealthEvent([instanceId], over)).messageId)).toMatchObject({
      detail: { eventArn, statusCode: 'closed', affectedEntities: [{ entityValue: instanceId, status: 'RESOLVED' }] },
    });
  });
});

describe('messages from Auto Scaling', () => {
  beforeEach(() => {
    aws.autoScaling.putHook({ name: 'drain', group: 'workers', transition: 'autoscaling:EC2_INSTANCE_TERMINATING' });
    aws.autoScaling.putHook({ name: 'ready', group: 'workers', transition: 'autoscaling:EC2_INSTANCE_LAUNCHING' });
  });
  const fields = (token: string, hook: string, transition: string) => ({
    LifecycleActionToken: token,
    AutoScalingGroupName: 'workers',
    LifecycleHookName: hook,
    EC2InstanceId: instanceId,
    LifecycleTransition: transition,
  });

  it('begin a termination that waits for its completion', async () => {
    const [sent] = await aws.sendLifecycleTermination(instanceId, at);
    expect(aws.autoScaling.actions()).toMatchObject([{ token: sent!.action.token, state: 'waiting' }]);
    expect(body(sent!.messageId)).toMatchObject({
      ...envelope,
      source: 'aws.autoscaling',
      'detail-type': 'EC2 Instance-terminate Lifecycle Action',
      detail: fields(sent!.action.token, 'drain', 'autoscaling:EC2_INSTANCE_TERMINATING'),
    });
  });

  it('begin a launch', async () => {
    const [sent] = await aws.sendLifecycleLaunch(instanceId, at);
    expect(body(sent!.messageId)).toMatchObject({
      'detail-type': 'EC2 Instance-launch Lifecycle Action',
      detail: fields(sent!.action.token, 'ready', 'autoscaling:EC2_INSTANCE_LAUNCHING'),
    });
  });

  it('come straight from the group, without an envelope', async () => {
    const [sent] = await aws.sendLifecycleTermination(instanceId, { ...at, via: 'direct' });
    const direct = body(sent!.messageId);
    expect(direct).toMatchObject({
      RequestId: at.id,
      Time: '2026-01-02T03:04:05.678Z',
      ...fields(sent!.action.token, 'drain', 'autoscaling:EC2_INSTANCE_TERMINATING'),
    });
    expect(direct).not.toHaveProperty('detail-type');
  });

  it('are sent by the group itself where a rule brings them, and say where from, where to and what for', async () => {
    aws.autoScaling.putGroup({
      ...{ name: 'workers', sendsEvents: true },
      pool: { state: 'Stopped', reusesOnScaleIn: true },
    });
    const completed = (): void => {
      const [waiting] = aws.autoScaling.actions().filter(({ state }) => state === 'waiting');
      const { hook, token } = waiting!;
      aws.autoScaling.findWaiting({ group: 'workers', hook: hook.name, instanceId, token })?.complete('CONTINUE');
    };
    const ways = [
      () => aws.autoScaling.scaleIn(instanceId),
      () => aws.autoScaling.scaleOut(instanceId),
      () => aws.autoScaling.replaceRootVolume(instanceId),
      () => aws.autoScaling.terminate(instanceId),
    ];
    for (const way of ways) {
      way();
      while (aws.autoScaling.actions().some(({ state }) => state === 'waiting')) completed();
    }
    await eventually(() => aws.sqs.messages().length === 5);
    const details = aws.sqs.messages().map(({ messageId }) => {
      const { detail, 'detail-type': type } = body(messageId) as {
        detail: Record<string, string>;
        'detail-type': string;
      };
      return [type, detail.Origin, detail.Destination, detail.Action];
    });
    const [launch, terminate] = ['launch', 'terminate'].map((what) => `EC2 Instance-${what} Lifecycle Action`);
    expect(details.sort()).toEqual(
      [
        [terminate, 'AutoScalingGroup', 'WarmPool', undefined],
        [launch, 'WarmPool', 'AutoScalingGroup', undefined],
        [terminate, 'AutoScalingGroup', 'AutoScalingGroup', 'ReplaceRootVolume'],
        [launch, 'AutoScalingGroup', 'AutoScalingGroup', 'ReplaceRootVolume'],
        [terminate, 'AutoScalingGroup', 'EC2', undefined],
      ].sort(),
    );
    expect(new Set(aws.autoScaling.actions().map(({ token }) => token)).size).toBe(5);
  });

  it('are told again with another id', async () => {
    const [sent] = await aws.sendLifecycleTermination(instanceId);
    const again = await aws.resendLifecycleAction(sent!.action);
    expect(again.messageId).not.toBe(sent!.messageId);
    expect(body(again.messageId)).toMatchObject({ detail: { LifecycleActionToken: sent!.action.token } });
  });

  it('test the way once', async () => {
    const { messageId } = await aws.sendTestNotification('workers', at);
    expect(body(messageId)).toMatchObject({ Event: 'autoscaling:TEST_NOTIFICATION', RequestId: at.id });
  });
});

describe('messages through a topic', () => {
  it('are wrapped as a string', async () => {
    const sent = await aws.sendSpotInterruption(instanceId, { ...at, throughSns: true });
    const wrapped = body(sent.messageId) as { Type: string; Message: string };
    expect(wrapped.Type).toBe('Notification');
    expect(JSON.parse(wrapped.Message)).toMatchObject(envelope);
  });
});

describe('bodies of any kind', () => {
  it('go as they are', async () => {
    const messageId = await aws.sqs.send('not json');
    expect(aws.sqs.message(messageId)?.body).toBe('not json');
  });
});
