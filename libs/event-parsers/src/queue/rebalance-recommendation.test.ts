import { describe, expect, it } from 'vitest';
import { parseQueueMessage } from '../registry.ts';
import { bodyOf, NOW } from '../testing/queue-bodies.ts';
import { rebalanceRecommendationSample as sample } from './rebalance-recommendation.ts';

describe('a rebalance recommendation', () => {
  it('becomes an event that starts with the notice', () => {
    expect(parseQueueMessage(bodyOf(sample), NOW)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'REBALANCE_RECOMMENDATION',
          id: 'rebalance-recommendation-event-5d5555d5-dd55-5555-5555-5555dd55d55d',
          monitor: 'SQS_MONITOR',
          description:
            'Rebalance recommendation event received. Instance i-0b662ef9931388ba0 will be cordoned at 2026-01-02 03:04:05 +0000 UTC',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: new Date('2026-01-02T03:04:05Z'),
          startTime: new Date('2026-01-02T03:04:05Z'),
        },
      ],
    });
  });

  it('is poison without an instance', () => {
    expect(parseQueueMessage(bodyOf(sample, { detail: {} }), NOW)).toEqual({
      status: 'poison',
      reason: 'detail.instance-id: is missing',
    });
  });
});
