import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { instanceId } from '../event.ts';
import { eventOf, NOW } from '../testing/queue-bodies.ts';
import { spotInstanceAction, spotInstanceActionSample } from './spot-instance-action.ts';

const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now: NOW };

function parse(document: unknown, at = context) {
  return spotInstanceAction.parse(JSON.stringify(document), at);
}

describe('spot/instance-action', () => {
  it('becomes an event noticed two minutes before its time', () => {
    const fields = ['SPOT_ITN', 'i-0b662ef9931388ba0', 'terminate', '2026-01-02T03:04:05.000Z'];
    const hash = createHash('sha256').update(JSON.stringify(fields)).digest('hex');
    expect(parse(spotInstanceActionSample)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'SPOT_ITN',
          id: `spot-itn-${hash}`,
          monitor: 'SPOT_ITN_MONITOR',
          description: 'Spot ITN received. Instance will be interrupted at 2026-01-02 03:04:05 +0000 UTC',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: new Date('2026-01-02T03:02:05Z'),
          startTime: new Date('2026-01-02T03:04:05Z'),
          action: 'terminate',
        },
      ],
    });
  });

  it('is another notice with another action, time or instance', () => {
    const ids = [
      parse(spotInstanceActionSample),
      parse({ ...spotInstanceActionSample, action: 'stop' }),
      parse({ ...spotInstanceActionSample, time: '2026-01-02T03:04:06Z' }),
      parse(spotInstanceActionSample, { ...context, instanceId: instanceId('i-1') }),
    ].map((outcome) => eventOf(outcome, 'SPOT_ITN').id);
    expect(new Set(ids).size).toBe(4);
  });

  it.each([
    [{ time: '2026-01-02T03:04:05Z' }, 'spot/instance-action.action: is missing'],
    [{ action: 'stop', time: 'soon' }, 'spot/instance-action.time: is not a time'],
    [{ action: 'stop' }, 'spot/instance-action.time: is missing'],
    ['terminate', 'spot/instance-action: is a string, not an object'],
  ])('is poison with %j', (document, reason) => {
    expect(parse(document)).toEqual({ status: 'poison', reason });
  });
});
