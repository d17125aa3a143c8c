import * as v from 'valibot';

import { eventId } from '../event.ts';
import { timeField, withFields, withJson } from '../fields.ts';
import { fingerprint } from '../fingerprint.ts';
import { parsedEvents } from '../outcome.ts';
import { formatTime } from '../time.ts';
import type { ImdsParser } from './imds-parser.ts';

/** The document as instance metadata shows it. */
export const rebalanceRecommendationDocumentSample = { noticeTime: '2026-01-02T03:04:05Z' };

const document = v.object({ noticeTime: timeField });

/**
 * Reads `events/recommendations/rebalance`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html#monitor-rebalance-recommendations
 */
export const rebalanceRecommendationDocument: ImdsParser = {
  path: '/latest/meta-data/events/recommendations/rebalance',
  parse: (body, { instanceId }) =>
    withJson(body, 'events/recommendations/rebalance', (value) =>
      withFields(document, value, 'events/recommendations/rebalance', ({ noticeTime }) =>
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
      ),
    ),
};
