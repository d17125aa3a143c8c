import { describe, expect, it } from 'vitest';
import { parseQueueMessage } from '../registry.ts';
import { bodyOf, eventOf, eventsOf, NOW } from '../testing/queue-bodies.ts';
import { healthScheduledChangeSample as sample } from './health-scheduled-change.ts';

const prefix = 'aws-health-scheduled-change-event-7fb65329-1628-4cf3-a740-95fg457h1402';

function parse(detail: Record<string, unknown>) {
  return parseQueueMessage(bodyOf(sample, {}, detail), NOW);
}

describe('a scheduled change from AWS Health', () => {
  it('becomes one event for each instance', () => {
    const events = eventsOf(parseQueueMessage(bodyOf(sample), NOW), 'SCHEDULED_EVENT');
    expect(events.map(({ id }) => id)).toEqual([`${prefix}-i-0b662ef9931388ba0`, `${prefix}-i-0633ac2b0d9769723`]);
    expect(events[1]).toEqual({
      kind: 'SCHEDULED_EVENT',
      id: `${prefix}-i-0633ac2b0d9769723`,
      monitor: 'SQS_MONITOR',
      description:
        'AWS Health scheduled change event received. Instance i-0633ac2b0d9769723 will be interrupted at 2026-01-09 15:10:09 +0000 UTC (AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED)',
      instanceId: 'i-0633ac2b0d9769723',
      noticedAt: new Date('2026-01-02T03:04:05Z'),
      startTime: new Date('2026-01-09T15:10:09Z'),
      endTime: new Date('2026-01-09T17:10:09Z'),
      code: 'AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED',
      state: 'upcoming',
      cause: { type: 'health', eventArn: sample.detail.eventArn },
      restartsHost: true,
    });
  });

  it('names its cause by its ARN, whatever the envelope: in an update, in another copy, when it is closed', () => {
    const bodies = [
      bodyOf(sample),
      bodyOf(sample, { id: 'update' }, { startTime: 'Sat, 10 Jan 2026 15:10:09 GMT' }),
      bodyOf(sample, { id: 'closed', region: 'us-west-2' }, { statusCode: 'closed' }),
    ];
    const events = bodies.flatMap((body) => eventsOf(parseQueueMessage(body, NOW), 'SCHEDULED_EVENT').slice(0, 1));
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    for (const { cause } of events) expect(cause).toEqual({ type: 'health', eventArn: sample.detail.eventArn });
  });

  it.each([undefined, '', 5])('has no cause when the ARN is %j, and is not lost for that', (eventArn) => {
    const event = eventOf(parse({ eventArn, affectedEntities: [{ entityValue: 'i-1' }] }), 'SCHEDULED_EVENT');
    expect(event).not.toHaveProperty('cause');
  });

  it('is over for all its instances when it is closed, and for one when that is resolved', () => {
    const affectedEntities = [{ entityValue: 'i-1' }, { entityValue: 'i-2', status: 'RESOLVED' }];
    const states = (detail: Record<string, unknown>) =>
      eventsOf(parse({ affectedEntities, ...detail }), 'SCHEDULED_EVENT').map(({ state }) => state);
    expect(states({})).toEqual(['upcoming', 'closed']);
    expect(states({ statusCode: 'closed' })).toEqual(['closed', 'closed']);
    const [, over] = eventsOf(parse({ affectedEntities }), 'SCHEDULED_EVENT');
    expect(over?.description).toBe(
      'AWS Health scheduled change event received. The event is over for instance i-2 (AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED)',
    );
  });

  it('leaves out what is no instance, and takes what is named twice for over only if both say so', () => {
    const affectedEntities = [
      { entityValue: 'i-1' },
      { entityValue: 'vol-0123456789abcdef0' },
      { entityValue: 'i-1' },
      { entityValue: '' },
      { entityValue: 'i-2', status: 'RESOLVED' },
      { entityValue: 'i-2', status: 'PENDING' },
      { entityValue: 'i-3', status: 'IMPAIRED' },
      { entityValue: 'i-3', status: 'RESOLVED' },
    ];
    const events = eventsOf(parse({ affectedEntities }), 'SCHEDULED_EVENT');
    expect(events.map(({ instanceId, state }) => [instanceId, state])).toEqual([
      ['i-1', 'upcoming'],
      ['i-2', 'upcoming'],
      ['i-3', 'upcoming'],
    ]);
  });

  it('names its instances by their ids or their ARNs, of any partition, alone or mixed (A19, A21)', () => {
    const affectedEntities = [
      { entityValue: 'arn:aws:ec2:us-east-1:123456789012:instance/i-1' },
      { entityValue: 'arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-2' },
      { entityValue: ' arn:aws-us-gov:ec2:us-gov-west-1:123456789012:instance/i-3\n' },
      { entityValue: 'arn:aws-iso-b:ec2:us-isob-east-1:123456789012:instance/i-4' },
      { entityValue: ' i-5' },
      { entityValue: 'i-1' },
      { entityValue: 'arn:aws:ec2:us-east-1:123456789012:volume/vol-1' },
      { entityValue: 'arn:aws:rds:us-east-1:123456789012:instance/i-6' },
      { entityValue: 'arn:aws:ec2:us-east-1:123456789012:instance/../i-7' },
    ];
    const events = eventsOf(parse({ affectedEntities }), 'SCHEDULED_EVENT');
    expect(events.map(({ instanceId }) => instanceId)).toEqual(['i-1', 'i-2', 'i-3', 'i-4', 'i-5']);
    expect(events[0]?.id).toBe(`${prefix}-i-1`);
  });

  it('rejects the entities that nobody can read, and they take no other with them (A20)', () => {
    const affectedEntities = [
      { tags: {} },
      { entityValue: 'i-1' },
      'i-2',
      { entityValue: 5 },
      null,
      { entityValue: 'i-3' },
    ];
    const outcome = parse({ affectedEntities });
    expect(eventsOf(outcome, 'SCHEDULED_EVENT').map(({ instanceId }) => instanceId)).toEqual(['i-1', 'i-3']);
    expect(outcome).toHaveProperty('rejected', [
      'detail.affectedEntities.0.entityValue: is missing',
      'detail.affectedEntities.2: is a string, not an object',
      'detail.affectedEntities.3.entityValue: is a number, not a string',
      'detail.affectedEntities.4: is null, not an object',
    ]);
  });

  it('is looked at for a thousand entities, and gives ten reasons at most (S9)', () => {
    const affectedEntities = Array.from({ length: 3_000 }, (_, index) =>
      index % 2 === 0 ? 5 : { entityValue: `i-${index}` },
    );
    const outcome = parse({ affectedEntities });
    expect(eventsOf(outcome, 'SCHEDULED_EVENT')).toHaveLength(500);
    const { rejected = [] } = outcome.status === 'events' ? outcome : {};
    expect(rejected).toHaveLength(10);
    expect(rejected.at(-1)).toBe('492 more');
  });

  it.each([
    ['Fri, 09 Jan 2026 15:10:09 +0000', '2026-01-09T15:10:09.000Z'],
    ['Fri, 09 Jan 2026 15:10:09 PST', '2026-01-09T23:10:09.000Z'],
    ['2026-01-09T15:10:09Z', '2026-01-09T15:10:09.000Z'],
    ['Wed, 31 Dec 2025 23:59:60 GMT', '2026-01-01T00:00:00.000Z'],
  ])('starts at %s (A20, C16)', (startTime, expected) => {
    const event = eventOf(parse({ affectedEntities: [{ entityValue: 'i-1' }], startTime }), 'SCHEDULED_EVENT');
    expect(event.startTime.toISOString()).toBe(expected);
  });

  it.each([
    ['AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', false, undefined],
    ['AWS_EC2_INSTANCE_STOP_SCHEDULED', false, undefined],
    ['AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED', true, undefined],
    ['AWS_EC2_INSTANCE_POWER_MAINTENANCE_SCHEDULED', true, undefined],
    ['AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED', false, 'network-maintenance'],
    ['AWS_EC2_DEDICATED_HOST_NETWORK_MAINTENANCE_SCHEDULED', false, 'network-maintenance'],
  ])('tells by its code whether the host restarts, and whether the instance goes: %s', (eventTypeCode, ...told) => {
    const event = eventOf(parse({ affectedEntities: [{ entityValue: 'i-1' }], eventTypeCode }), 'SCHEDULED_EVENT');
    expect([event.restartsHost, event.withoutEnd]).toEqual(told);
  });

  it.each([
    ['open', 'open'],
    ['UPCOMING', 'upcoming'],
    ['whatever', 'upcoming'],
    [undefined, 'upcoming'],
  ])('takes status %s for %s', (statusCode, state) => {
    const outcome = parse({ affectedEntities: [{ entityValue: 'i-1' }], statusCode });
    expect(eventOf(outcome, 'SCHEDULED_EVENT').state).toBe(state);
  });

  it('may start at once when it does not say when, and may end at any time', () => {
    const outcome = parse({ affectedEntities: [{ entityValue: 'i-1' }], startTime: undefined, endTime: 'later' });
    const event = eventOf(outcome, 'SCHEDULED_EVENT');
    expect(event.startTime).toEqual(new Date('2026-01-02T03:04:05Z'));
    expect(event).not.toHaveProperty('endTime');
    expect(event.withoutEnd).toBe('no-start');
  });

  it.each([
    [{ service: 'EBS' }, 'AWS Health event of service "EBS"'],
    [{ eventTypeCategory: 'accountNotification' }, 'AWS Health event of category "accountNotification"'],
    [{ affectedEntities: [] }, 'AWS Health event affects no instance'],
    // Without entities it affects no instance (A7).
    [{ affectedEntities: undefined }, 'AWS Health event affects no instance'],
    [{ affectedEntities: null }, 'AWS Health event affects no instance'],
    // What is not impaired is not affected (C16).
    [{ affectedEntities: [{ entityValue: 'i-1', status: 'UNIMPAIRED' }] }, 'AWS Health event affects no instance'],
    [{ affectedEntities: [{ entityValue: '123456789012' }] }, 'AWS Health event affects no instance'],
  ])('is not actionable with %j', (detail, reason) => {
    expect(parse(detail)).toEqual({ status: 'not-actionable', reason });
  });

  it.each([
    [{ service: undefined }, 'detail.service: is missing'],
    [{ startTime: 'Sat, 32 Jun 2016 15:10:09 GMT' }, 'detail.startTime: is not a time'],
    [{ startTime: 12 }, 'detail.startTime: is a number, not a string'],
    [{ eventTypeCode: undefined }, 'detail.eventTypeCode: is missing'],
    [{ affectedEntities: {} }, 'detail.affectedEntities: is an object, not an array'],
    [{ affectedEntities: ['i-1'] }, 'detail.affectedEntities.0: is a string, not an object'],
    [{ affectedEntities: [{ entityValue: 5 }] }, 'detail.affectedEntities.0.entityValue: is a number, not a string'],
  ])('is poison with %j', (detail, reason) => {
    expect(parse(detail)).toEqual({ status: 'poison', reason });
  });

  it('holds its description on one line whatever the code', () => {
    const outcome = parse({ affectedEntities: [{ entityValue: 'i-1' }], eventTypeCode: 'A\r\nB\u2028C' });
    const event = eventOf(outcome, 'SCHEDULED_EVENT');
    expect(event.code).toMatch(/^A__B_C~[0-9a-f]{16}$/);
    expect(event.description).toMatch(/\(A__B_C~[0-9a-f]{16}\)$/);
  });
});
