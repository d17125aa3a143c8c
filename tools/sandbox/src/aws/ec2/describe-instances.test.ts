import { DescribeInstancesCommand, paginateDescribeInstances, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { DescribeInstancesCommandInput } from '@aws-sdk/client-ec2';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsClients } from '../../testing/aws-clients.ts';
import { startAws } from '../simulator.ts';
import type { AwsSimulator } from '../simulator.ts';

const id = (n: number): string => `i-${n.toString(16).padStart(17, '0')}`;
let aws: AwsSimulator;
let clients: ReturnType<typeof awsClients>;

beforeEach(async () => {
  aws = await startAws();
  clients = awsClients(aws.url);
});
afterEach(async () => {
  clients[Symbol.dispose]();
  await aws[Symbol.asyncDispose]();
});

async function instanceIds(input: DescribeInstancesCommandInput): Promise<(string | undefined)[]> {
  const { Reservations = [] } = await clients.ec2.send(new DescribeInstancesCommand(input));
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId }) => InstanceId);
}
const describeIds = (...ids: string[]) => instanceIds({ InstanceIds: ids });

describe('DescribeInstances', () => {
  it('lags behind where it is told to: what was launched is not there yet, and what was stopped runs', async () => {
    const clock = new VirtualClock();
    await using lagging = await startAws({ clock });
    using asked = awsClients(lagging.url);
    const states = async (): Promise<unknown[]> => {
      const { Reservations = [] } = await asked.ec2.send(new DescribeInstancesCommand({}));
      return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ State }) => State?.Name);
    };
    lagging.ec2.put({ instanceId: id(1) });
    clock.setWallClock(60);
    lagging.ec2.setState(id(1), 'stopped');
    lagging.ec2.put({ instanceId: id(2) });
    expect(await states()).toEqual(['stopped', 'running']);
    lagging.ec2.setLag(50);
    expect(await states()).toEqual(['running']);
    const unknown = asked.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id(2)] }));
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    clock.setWallClock(50);
    expect(await states()).toEqual(['stopped', 'running']);
  });

  it('shows an instance with its state, names and tags', async () => {
    aws.ec2.put({
      instanceId: id(1),
      privateDnsName: 'node-1.internal',
      lifecycle: 'spot',
      tags: { 'a<b': 'x & "y"' },
    });
    const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id(1)] }));
    expect(Reservations?.[0]?.OwnerId).toBe('123456789012');
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId: id(1),
      State: { Code: 16, Name: 'running' },
      PrivateDnsName: 'node-1.internal',
      InstanceLifecycle: 'spot',
      Placement: { AvailabilityZone: 'us-east-1a' },
      Tags: [{ Key: 'a<b', Value: 'x & "y"' }],
    });
  });

  it('of another region knows no instance', async () => {
    aws.ec2.put({ instanceId: id(1) });
    const { ec2 } = awsClients(aws.url, 'eu-west-1');
    await expect(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id(1)] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
    expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations ?? []).toEqual([]);
  });

  it('keeps a terminated instance describable, without its names', async () => {
    aws.ec2.put({ instanceId: id(1) });
    aws.ec2.setState(id(1), 'terminated');
    const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id(1)] }));
    const instance = Reservations?.[0]?.Instances?.[0];
    expect([instance?.State?.Name, instance?.PrivateDnsName]).toEqual(['terminated', '']);
  });

  it('fails the whole call for one id that does not exist', async () => {
    aws.ec2.put({ instanceId: id(1) });
    await expect(describeIds(id(1), id(2))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance ID '${id(2)}' does not exist`,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(describeIds(id(2), id(3))).rejects.toThrow(`The instance IDs '${id(2)}, ${id(3)}' do not exist`);
    aws.ec2.remove(id(1));
    await expect(describeIds(id(1))).rejects.toThrow('does not exist');
  });

  it('fails the whole call for one malformed id, before it looks for the others', async () => {
    await expect(describeIds(id(2), 'i-nonsense')).rejects.toMatchObject({
      name: 'InvalidInstanceID.Malformed',
      message: 'Invalid id: "i-nonsense"',
    });
    await expect(describeIds('vol-1')).rejects.toThrow('Invalid id: "vol-1" (expecting "i-...")');
  });

  it('filters by state, tag and wildcard', async () => {
    aws.ec2.put({ instanceId: id(1), tags: { managed: 'yes' } });
    aws.ec2.put({ instanceId: id(2), tags: { managed: 'no', 'x.y': '' } });
    aws.ec2.put({ instanceId: id(3), state: 'stopped' });
    const filtered = (Name: string, ...Values: string[]) => instanceIds({ Filters: [{ Name, Values }] });
    expect(await filtered('instance-state-name', 'running')).toEqual([id(1), id(2)]);
    expect(await filtered('tag:managed', 'y*')).toEqual([id(1)]);
    expect(await filtered('tag:managed', 'n?')).toEqual([id(2)]);
    expect(await filtered('tag:managed', String.raw`n\?`)).toEqual([]);
    expect(await filtered('tag-key', 'x.y', 'managed')).toEqual([id(1), id(2)]);
    expect(await filtered('tag-key', 'xzy')).toEqual([]);
    await expect(filtered('colour', 'red')).rejects.toThrow("The filter 'colour' is invalid");
  });

  it.each([
    ['instance-id', id(1)],
    ['instance-state-code', '16'],
    ['instance-type', 'c7g.*'],
    ['instance-lifecycle', 'spot'],
    ['availability-zone', 'us-east-1b'],
    ['private-dns-name', 'node-1.*'],
    ['private-ip-address', '10.1.2.3'],
    ['reservation-id', 'r-1'],
  ])('filters by %s', async (Name, value) => {
    aws.ec2.put({
      instanceId: id(1),
      instanceType: 'c7g.large',
      lifecycle: 'spot',
      availabilityZone: 'us-east-1b',
      privateDnsName: 'node-1.internal',
      privateIpAddress: '10.1.2.3',
      reservationId: 'r-1',
    });
    aws.ec2.put({ instanceId: id(2), state: 'stopped' });
    expect(await instanceIds({ Filters: [{ Name, Values: [value] }] })).toEqual([id(1)]);
  });

  it('pages', async () => {
    for (let n = 1; n <= 12; n += 1) aws.ec2.put({ instanceId: id(n) });
    const sizes: number[] = [];
    for await (const page of paginateDescribeInstances({ client: clients.ec2, pageSize: 5 }, {})) {
      sizes.push(page.Reservations?.length ?? 0);
    }
    expect(sizes).toEqual([5, 5, 2]);
    await expect(instanceIds({ MaxResults: 4 })).rejects.toThrow('between 5 and 1000');
    await expect(instanceIds({ MaxResults: 5, NextToken: 'x' })).rejects.toThrow('pagination token');
    await expect(instanceIds({ MaxResults: 5, InstanceIds: [id(1)] })).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
  });

  it('groups instances of one reservation', async () => {
    aws.ec2.put({ instanceId: id(1), reservationId: 'r-1' });
    aws.ec2.put({ instanceId: id(2), reservationId: 'r-1' });
    const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations?.map(({ Instances }) => Instances?.length)).toEqual([2]);
  });

  it('answers a dry run as EC2 does', async () => {
    await expect(instanceIds({ DryRun: true })).rejects.toMatchObject({ name: 'DryRunOperation' });
  });

  it('says what it does not simulate, and counts it', async () => {
    const unknown = clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id(1)] }));
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidAction' });
    expect(aws.unknownCalls().map(({ service, action }) => [service, action])).toEqual([['ec2', 'TerminateInstances']]);
  });

  it('records who called, and with what', async () => {
    aws.ec2.put({ instanceId: id(1) });
    await describeIds(id(1));
    expect(aws.calls('ec2', 'DescribeInstances')).toMatchObject([
      { accessKeyId: 'AKIDTEST', region: 'us-east-1', status: 200, input: { 'InstanceId.1': id(1) } },
    ]);
  });

  it('throttles beyond the rate, in its own words', async () => {
    const lift = aws.throttle('ec2', { burst: 1, perSecond: 0 });
    await instanceIds({});
    await expect(instanceIds({})).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
      $metadata: { httpStatusCode: 503 },
    });
    lift();
    await instanceIds({});
  });
});
