import {
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  DescribeWarmPoolCommand,
  RecordLifecycleActionHeartbeatCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsClients } from '../../testing/aws-clients.ts';
import { eventually } from '../../testing/eventually.ts';
import { startAws } from '../simulator.ts';
import type { AwsSimulator } from '../simulator.ts';

const instanceId = 'i-00000000000000001';
const terminating = 'autoscaling:EC2_INSTANCE_TERMINATING';
const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';
let aws: AwsSimulator;
let clients: ReturnType<typeof awsClients>;

beforeEach(async () => {
  aws = await startAws();
  clients = awsClients(aws.url);
  aws.ec2.put({ instanceId });
  aws.autoScaling.putHook({ name: 'drain', group: 'workers', transition: terminating });
  aws.autoScaling.attach(instanceId, 'workers');
});
afterEach(async () => {
  clients[Symbol.dispose]();
  await aws[Symbol.asyncDispose]();
});

const complete = (token: string | undefined, result = 'CONTINUE', group = 'workers', id: string | null = instanceId) =>
  clients.autoScaling.send(
    new CompleteLifecycleActionCommand({
      AutoScalingGroupName: group,
      LifecycleHookName: 'drain',
      LifecycleActionToken: token,
      LifecycleActionResult: result,
      InstanceId: id ?? undefined,
    }),
  );
const begin = () => aws.autoScaling.scaleIn(instanceId)[0]!;

describe('CompleteLifecycleAction', () => {
  it('ends the action, and the instance goes', async () => {
    const { token } = begin();
    expect(aws.autoScaling.instance(instanceId)?.lifecycleState).toBe('Terminating:Wait');
    await complete(token);
    expect(aws.autoScaling.actions()).toMatchObject([{ state: 'completed', result: 'CONTINUE' }]);
    expect(aws.ec2.get(instanceId)?.state).toBe('terminated');
    expect(aws.autoScaling.instance(instanceId)).toBeUndefined();
  });

  it('refuses a second completion, and records it', async () => {
    const { token } = begin();
    await complete(token);
    await expect(complete(token)).rejects.toMatchObject({
      name: 'ValidationError',
      message: `No active Lifecycle Action found with token ${token}`,
      $metadata: { httpStatusCode: 400 },
    });
    expect(aws.autoScaling.refused()).toMatchObject([{ call: 'CompleteLifecycleAction', token, instanceId }]);
  });

  it('refuses a wrong token, group and result', async () => {
    const { token } = begin();
    await expect(complete('00000000-0000-0000-0000-000000000000', 'CONTINUE', 'workers', null)).rejects.toThrow(
      'No active Lifecycle Action found with token 00000000-0000-0000-0000-000000000000',
    );
    await expect(complete(token, 'CONTINUE', 'others')).rejects.toThrow('AutoScalingGroup: others not found');
    await expect(complete(token, 'MAYBE')).rejects.toThrow('CONTINUE or ABANDON');
    expect(aws.autoScaling.actions()).toMatchObject([{ state: 'waiting' }]);
  });

  it('needs the instance or the token', async () => {
    begin();
    const call = clients.autoScaling.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'drain',
        LifecycleActionResult: 'CONTINUE',
      }),
    );
    await expect(call).rejects.toThrow('InstanceId or LifecycleActionToken');
  });

  it('keeps the instance until every hook is done', async () => {
    aws.autoScaling.putHook({ name: 'logs', group: 'workers', transition: terminating });
    const actions = aws.autoScaling.scaleIn(instanceId);
    await complete(actions[0]?.token);
    expect(aws.ec2.get(instanceId)?.state).toBe('running');
    aws.autoScaling.findWaiting({ group: 'workers', hook: 'logs', instanceId, token: undefined })?.complete('CONTINUE');
    expect(aws.ec2.get(instanceId)?.state).toBe('terminated');
  });
});

describe('hooks that run out', () => {
  it('take their default result in real time', async () => {
    aws.autoScaling.putHook({
      name: 'drain',
      group: 'workers',
      transition: terminating,
      heartbeatTimeoutSeconds: 0.02,
      defaultResult: 'CONTINUE',
    });
    const { token } = begin();
    await eventually(() => aws.ec2.get(instanceId)?.state === 'terminated');
    expect(aws.autoScaling.actions()).toMatchObject([{ token, state: 'timed-out', result: 'CONTINUE' }]);
    await expect(complete(token)).rejects.toThrow('No active Lifecycle Action');
  });
});

describe('a launch', () => {
  it('waits for its hook, then the instance is in service', () => {
    aws.autoScaling.putHook({ name: 'ready', group: 'workers', transition: launching });
    aws.autoScaling.scaleOut(instanceId);
    expect(aws.autoScaling.instance(instanceId)?.lifecycleState).toBe('Pending:Wait');
    aws.autoScaling
      .findWaiting({ group: 'workers', hook: 'ready', instanceId, token: undefined })
      ?.complete('CONTINUE');
    expect(aws.autoScaling.instance(instanceId)?.lifecycleState).toBe('InService');
  });

  it('that is abandoned ends the instance', () => {
    aws.autoScaling.putHook({ name: 'ready', group: 'workers', transition: launching });
    aws.autoScaling.scaleOut(instanceId);
    aws.autoScaling.findWaiting({ group: 'workers', hook: 'ready', instanceId, token: undefined })?.complete('ABANDON');
    expect(aws.ec2.get(instanceId)?.state).toBe('terminated');
  });

  it('goes at once without a hook', () => {
    expect(aws.autoScaling.scaleOut(instanceId)).toEqual([]);
    expect(aws.autoScaling.instance(instanceId)?.lifecycleState).toBe('InService');
  });
});

describe('RecordLifecycleActionHeartbeat', () => {
  const heartbeat = (token: string) =>
    clients.autoScaling.send(
      new RecordLifecycleActionHeartbeatCommand({
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'drain',
        LifecycleActionToken: token,
        InstanceId: instanceId,
      }),
    );

  it('is recorded with its time', async () => {
    const { token } = begin();
    await heartbeat(token);
    expect(aws.autoScaling.actions()[0]?.history.map(({ what }) => what)).toEqual(['started', 'heartbeat']);
  });

  it('is refused for an action that has ended', async () => {
    const { token } = begin();
    await complete(token);
    await expect(heartbeat(token)).rejects.toMatchObject({ name: 'ValidationError' });
    expect(aws.autoScaling.refused()).toMatchObject([{ call: 'RecordLifecycleActionHeartbeat' }]);
  });
});

describe('the descriptions', () => {
  it('of hooks carry both timeouts', async () => {
    const { LifecycleHooks } = await clients.autoScaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'workers', LifecycleHookNames: ['drain'] }),
    );
    expect(LifecycleHooks).toEqual([
      {
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'drain',
        LifecycleTransition: terminating,
        HeartbeatTimeout: 3600,
        GlobalTimeout: 172_800,
        DefaultResult: 'ABANDON',
      },
    ]);
    const unknown = clients.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'x' }));
    await expect(unknown).rejects.toThrow('AutoScalingGroup: x not found');
  });

  it('of groups say whether they keep instances whose termination was abandoned, and they do', async () => {
    const retention = async (...AutoScalingGroupNames: string[]) => {
      const answer = await clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }));
      return answer.AutoScalingGroups?.map((group) => group.InstanceLifecyclePolicy?.RetentionTriggers);
    };
    expect(await retention('workers', 'unknown')).toEqual([undefined]);
    aws.autoScaling.putGroup({ name: 'workers', retains: true });
    expect(await retention('workers')).toEqual([{ TerminateHookAbandon: 'retain' }]);
    await complete(begin().token, 'ABANDON');
    expect(aws.autoScaling.instance(instanceId)?.lifecycleState).toBe('Terminating:Retained');
    expect(aws.ec2.get(instanceId)?.state).toBe('running');
  });

  it('of instances pass over unknown ids, and page', async () => {
    aws.autoScaling.attach('i-00000000000000002', 'workers');
    const some = await clients.autoScaling.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId, 'i-0000000000000dead'] }),
    );
    expect(some.AutoScalingInstances).toMatchObject([
      { InstanceId: instanceId, AutoScalingGroupName: 'workers', LifecycleState: 'InService' },
    ]);
    const first = await clients.autoScaling.send(new DescribeAutoScalingInstancesCommand({ MaxRecords: 1 }));
    const second = await clients.autoScaling.send(
      new DescribeAutoScalingInstancesCommand({ MaxRecords: 1, NextToken: first.NextToken }),
    );
    expect([first, second].map((page) => page.AutoScalingInstances?.length)).toEqual([1, 1]);
    expect(second.NextToken).toBeUndefined();
    const many = new DescribeAutoScalingInstancesCommand({ InstanceIds: Array<string>(51).fill(instanceId) });
    await expect(clients.autoScaling.send(many)).rejects.toThrow('limited to 50');
  });
});

describe('a warm pool', () => {
  it('is described apart from its group, with its instances', async () => {
    aws.autoScaling.putGroup({ name: 'workers', pool: { state: 'Stopped', reusesOnScaleIn: true } });
    await complete(begin().token);
    const pool = await clients.autoScaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName: 'workers' }));
    expect(pool).toMatchObject({
      WarmPoolConfiguration: { PoolState: 'Stopped', InstanceReusePolicy: { ReuseOnScaleIn: true } },
      Instances: [{ InstanceId: instanceId, LifecycleState: 'Warmed:Stopped' }],
    });
    const { AutoScalingGroups } = await clients.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['workers'] }),
    );
    expect(AutoScalingGroups).toMatchObject([{ WarmPoolSize: 1, WarmPoolConfiguration: { PoolState: 'Stopped' } }]);
    expect(AutoScalingGroups?.[0]?.Instances ?? []).toEqual([]);
    expect(aws.ec2.get(instanceId)?.state).toBe('stopped');
  });
});

describe('TerminateInstanceInAutoScalingGroup', () => {
  const terminate = (InstanceId = instanceId, ShouldDecrementDesiredCapacity = false) =>
    clients.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }),
    );

  it('begins a termination, of a retained instance anew, whose capacity is not counted any more', async () => {
    aws.autoScaling.putGroup({ name: 'workers', retains: true });
    const { Activity } = await terminate();
    expect(Activity).toMatchObject({ AutoScalingGroupName: 'workers', StatusCode: 'InProgress' });
    await expect(terminate()).rejects.toThrow("is in Terminating:Wait and can't be terminated");
    await complete(aws.autoScaling.actions()[0]?.token, 'ABANDON');
    await expect(terminate(instanceId, true)).rejects.toThrow('Terminating:Retained');
    await terminate();
    await complete(aws.autoScaling.actions()[1]?.token);
    expect(aws.ec2.get(instanceId)?.state).toBe('terminated');
    await expect(terminate()).rejects.toThrow(`No managed instance found for instance ID: ${instanceId}`);
  });
});
