import { describe, expect, it } from 'vitest';
import { parseQueueMessage } from '../registry.ts';
import { bodyOf, eventOf, NOW } from '../testing/queue-bodies.ts';
import { stateChangeSample as sample } from './state-change.ts';

describe('a change of state', () => {
  it('becomes an event that starts now', () => {
    expect(parseQueueMessage(bodyOf(sample), NOW)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'STATE_CHANGE',
          id: 'ec2-state-change-event-7bf73129-1428-4cd3-a780-95db273d1602',
          monitor: 'SQS_MONITOR',
          description:
            'EC2 State Change event received. Instance i-0b662ef9931388ba0 went into shutting-down at 2026-01-02 03:04:05 +0000 UTC',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: new Date('2026-01-02T03:04:05Z'),
          startTime: NOW,
          state: 'shutting-down',
        },
      ],
    });
  });

  it.each(['stopping', 'stopped', 'shutting-down', 'terminated', 'Terminated'])('acts on %s', (state) => {
    const event = eventOf(parseQueueMessage(bodyOf(sample, {}, { state }), NOW), 'STATE_CHANGE');
    expect(event.state).toBe(state.toLowerCase());
  });

  it.each(['running', 'Running'])('says that the instance is back, or new, with %s', (state) => {
    const event = eventOf(parseQueueMessage(bodyOf(sample, {}, { state }), NOW), 'INSTANCE_RUNNING');
    expect(event).toMatchObject({
      id: 'ec2-state-change-event-7bf73129-1428-4cd3-a780-95db273d1602',
      instanceId: 'i-0b662ef9931388ba0',
      noticedAt: new Date('2026-01-02T03:04:05Z'),
      state: 'running',
    });
  });

  it.each(['pending', 'stop', ','])('leaves %s alone', (state) => {
    expect(parseQueueMessage(bodyOf(sample, {}, { state }), NOW)).toEqual({
      status: 'not-actionable',
      reason: `instance state "${state}" needs no action`,
    });
  });

  it('is poison without a state', () => {
    expect(parseQueueMessage(bodyOf(sample, {}, { state: undefined }), NOW)).toEqual({
      status: 'poison',
      reason: 'detail.state: is missing',
    });
  });
});
