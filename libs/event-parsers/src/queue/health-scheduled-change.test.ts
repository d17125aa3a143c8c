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
    expect(event.code).toBe('A B C');
    expect(event.description).toMatch(/\(A B C\)$/);
  });
});
