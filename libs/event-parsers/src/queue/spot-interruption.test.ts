import { describe, expect, it } from 'vitest';
import { parseQueueMessage } from '../registry.ts';
import { bodyOf, eventOf, NOW } from '../testing/queue-bodies.ts';
import { spotInterruptionSample as sample } from './spot-interruption.ts';

describe('a spot interruption warning', () => {
  it('becomes an event that starts two minutes after the warning', () => {
    expect(parseQueueMessage(bodyOf(sample), NOW)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'SPOT_ITN',
          id: 'spot-itn-event-1e5527d7-bb36-4607-3370-4164db56a40e',
          monitor: 'SQS_MONITOR',
          description:
            'Spot Interruption event received. Instance i-0b662ef9931388ba0 will be interrupted at 2026-01-02 03:06:05 +0000 UTC',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: new Date('2026-01-02T03:04:05Z'),
          startTime: new Date('2026-01-02T03:06:05Z'),
          action: 'terminate',
        },
      ],
    });
  });

  it('counts from the clock when the envelope has no time', () => {
    const event = eventOf(parseQueueMessage(bodyOf(sample, { time: undefined }), NOW), 'SPOT_ITN');
    expect(event.noticedAt).toEqual(NOW);
    expect(event.startTime).toEqual(new Date('2026-01-02T03:07:00Z'));
  });

  it.each([
    [{ 'instance-id': undefined }, 'detail.instance-id: is missing'],
    [{ 'instance-id': 7 }, 'detail.instance-id: is a number, not a string'],
    [{ 'instance-id': 'i-1\ni-2' }, 'detail.instance-id: is not an EC2 instance id'],
    [{ 'instance-action': null }, 'detail.instance-action: is null, not a string'],
    [{ 'instance-action': '' }, 'detail.instance-action: is empty'],
  ])('is poison with %j', (detail, reason) => {
    expect(parseQueueMessage(bodyOf(sample, {}, detail), NOW)).toEqual({ status: 'poison', reason });
  });
});
