import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { instanceId } from '../event.ts';
import { NOW } from '../testing/queue-bodies.ts';
import { rebalanceRecommendationDocument, rebalanceRecommendationDocumentSample } from './rebalance-recommendation.ts';

const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now: NOW };

describe('events/recommendations/rebalance', () => {
  it('becomes an event that starts with the notice', () => {
    const fields = ['REBALANCE_RECOMMENDATION', 'i-0b662ef9931388ba0', '2026-01-02T03:04:05.000Z'];
    const hash = createHash('sha256').update(JSON.stringify(fields)).digest('hex');
    const body = JSON.stringify(rebalanceRecommendationDocumentSample);
    expect(rebalanceRecommendationDocument.parse(body, context)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'REBALANCE_RECOMMENDATION',
          id: `rebalance-recommendation-${hash}`,
          monitor: 'REBALANCE_RECOMMENDATION_MONITOR',
          description: 'Rebalance recommendation received. Instance will be cordoned at 2026-01-02 03:04:05 +0000 UTC',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: new Date('2026-01-02T03:04:05Z'),
          startTime: new Date('2026-01-02T03:04:05Z'),
        },
      ],
    });
  });

  it.each([
    ['{}', 'events/recommendations/rebalance.noticeTime: is missing'],
    ['{"noticeTime":"2026-01-02"}', 'events/recommendations/rebalance.noticeTime: is not a time'],
    ['{"noticeTime":', 'events/recommendations/rebalance: is not JSON'],
  ])('is poison: %s', (body, reason) => {
    expect(rebalanceRecommendationDocument.parse(body, context)).toEqual({ status: 'poison', reason });
  });
});
