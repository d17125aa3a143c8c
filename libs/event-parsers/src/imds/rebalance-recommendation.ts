import * as v from 'valibot';
import { eventId } from '../event.ts';
import { formatTime, timeField } from '../fields.ts';
import { parsedEvents } from '../outcome.ts';
import { defineImdsParser } from '../parser.ts';
import { fingerprint } from '../text.ts';

/** The document as instance metadata shows it. */
export const rebalanceRecommendationDocumentSample = { noticeTime: '2026-01-02T03:04:05Z' };

/**
 * Reads `events/recommendations/rebalance`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html#monitor-rebalance-recommendations
 */
export const rebalanceRecommendationDocument = defineImdsParser({
  name: 'events/recommendations/rebalance',
  document: v.object({ noticeTime: timeField }),
  toOutcome: ({ noticeTime }, { instanceId }) =>
    parsedEvents({
      kind: 'REBALANCE_RECOMMENDATION',
      id: eventId(
        `rebalance-recommendation-${fingerprint('REBALANCE_RECOMMENDATION', instanceId, noticeTime.toISOString())}`,
      ),
      monitor: 'REBALANCE_RECOMMENDATION_MONITOR',
      description: `Rebalance recommendation received. Instance will be cordoned at ${formatTime(noticeTime)}`,
      instanceId,
      noticedAt: noticeTime,
      startTime: noticeTime,
    }),
});
