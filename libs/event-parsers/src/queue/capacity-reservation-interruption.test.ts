import { describe, expect, it } from 'vitest';
import { parseQueueMessage } from '../registry.ts';
import { bodyOf, eventOf, NOW } from '../testing/queue-bodies.ts';
import {
  capacityReservationInterruptionSample as sample,
  interruptibleCapacityReservationInterruptionSample as other,
} from './capacity-reservation-interruption.ts';

describe('a capacity reservation interruption warning', () => {
  it('becomes an event that starts at the time of termination', () => {
    const body = bodyOf(sample, {}, { 'instance-termination-time': '2026-01-02T03:05:30Z' });
    expect(parseQueueMessage(body, NOW)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'CAPACITY_RESERVATION_ITN',
          id: 'capacity-reservation-itn-event-12345678-1234-1234-1234-123456789012',
          monitor: 'SQS_MONITOR',
          description:
            'Capacity Reservation Interruption event received. Instance i-0b662ef9931388ba0 will be interrupted at 2026-01-02 03:05:30 +0000 UTC',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: new Date('2026-01-02T03:04:05Z'),
          startTime: new Date('2026-01-02T03:05:30Z'),
          action: 'terminate',
        },
      ],
    });
  });

  it.each([undefined, '03:05', '', 7])('starts two minutes after the warning when it says %j', (time) => {
    const body = bodyOf(sample, {}, { 'instance-termination-time': time });
    expect(eventOf(parseQueueMessage(body, NOW), 'CAPACITY_RESERVATION_ITN').startTime).toEqual(
      new Date('2026-01-02T03:06:05Z'),
    );
  });

  it('has two names, and names the instance as a text or in a list', () => {
    expect(parseQueueMessage(bodyOf(other), NOW)).toEqual(parseQueueMessage(bodyOf(sample), NOW));
  });
});
