import { DescribeInstanceStatusCommand, paginateDescribeInstanceStatus } from '@aws-sdk/client-ec2';
import type { DescribeInstanceStatusCommandInput, InstanceStatus } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsClients } from '../../testing/aws-clients.ts';
import { startAws } from '../simulator.ts';
import type { AwsSimulator } from '../simulator.ts';

const id = (n: number): string => `i-${n.toString(16).padStart(17, '0')}`;
const reboot = {
  eventId: 'instance-event-0d59937288b749b32',
  code: 'system-reboot',
  description: 'scheduled reboot',
  notBefore: new Date('2026-01-21T09:00:43Z'),
  notAfter: new Date('2026-01-21T09:17:23Z'),
} as const;
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

async function statuses(input: DescribeInstanceStatusCommandInput): Promise<InstanceStatus[]> {
  const { InstanceStatuses = [] } = await clients.ec2.send(new DescribeInstanceStatusCommand(input));
  return InstanceStatuses;
}
const ids = async (input: DescribeInstanceStatusCommandInput) =>
  (await statuses(input)).map(({ InstanceId }) => InstanceId);

describe('DescribeInstanceStatus', () => {
  it('shows the events that are scheduled for an instance', async () => {
    aws.ec2.put({ instanceId: id(1) });
    aws.ec2.setScheduledEvents(id(1), [reboot]);
    expect(await statuses({ InstanceIds: [id(1)] })).toMatchObject([
      {
        InstanceId: id(1),
        InstanceState: { Code: 16, Name: 'running' },
        Events: [
          {
            InstanceEventId: reboot.eventId,
            Code: 'system-reboot',
            Description: 'scheduled reboot',
            NotBefore: reboot.notBefore,
            NotAfter: reboot.notAfter,
          },
        ],
      },
    ]);
    aws.ec2.setScheduledEvents(id(1), []);
    expect((await statuses({}))[0]).not.toHaveProperty('Events.0');
  });

  it('shows running instances, unless all are asked for', async () => {
    aws.ec2.put({ instanceId: id(1) });
    aws.ec2.put({ instanceId: id(2), state: 'stopped' });
    expect(await ids({})).toEqual([id(1)]);
    expect(await ids({ InstanceIds: [id(1), id(2)] })).toEqual([id(1)]);
    expect(await ids({ IncludeAllInstances: true })).toEqual([id(1), id(2)]);
  });

  it.each([
    ['event.code', 'system-reboot'],
    ['event.description', 'scheduled*'],
    ['event.instance-event-id', reboot.eventId],
    ['instance-state-name', 'stopped'],
    ['instance-state-code', '80'],
    ['availability-zone', 'us-east-1b'],
  ])('filters by %s', async (Name, value) => {
    aws.ec2.put({ instanceId: id(1) });
    aws.ec2.put({ instanceId: id(2), state: 'stopped', availabilityZone: 'us-east-1b', scheduledEvents: [reboot] });
    expect(await ids({ IncludeAllInstances: true, Filters: [{ Name, Values: [value] }] })).toEqual([id(2)]);
    await expect(ids({ Filters: [{ Name: 'tag:a', Values: ['b'] }] })).rejects.toThrow("'tag:a' is invalid");
  });

  it('pages, and takes no more than 100 ids', async () => {
    for (let n = 1; n <= 101; n += 1) aws.ec2.put({ instanceId: id(n) });
    const sizes: number[] = [];
    for await (const page of paginateDescribeInstanceStatus({ client: clients.ec2, pageSize: 40 }, {})) {
      sizes.push(page.InstanceStatuses?.length ?? 0);
    }
    expect(sizes).toEqual([40, 40, 21]);
    const all = Array.from({ length: 101 }, (_, n) => id(n + 1));
    await expect(ids({ InstanceIds: all })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(ids({ InstanceIds: [id(200)] })).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  });
});
