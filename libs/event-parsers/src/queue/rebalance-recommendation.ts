import * as v from 'valibot';
import { eventId } from '../event.ts';
import { formatTime, instanceIdField } from '../fields.ts';
import { parsedEvents } from '../outcome.ts';
import { defineQueueParser } from '../parser.ts';

/** A recommendation as EventBridge delivers it. */
export const rebalanceRecommendationSample = {
  version: '0',
  id: '5d5555d5-dd55-5555-5555-5555dd55d55d',
  'detail-type': 'EC2 Instance Rebalance Recommendation',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1b:instance/i-0b662ef9931388ba0'],
  detail: { 'instance-id': 'i-0b662ef9931388ba0' },
};

/**
 * Reads `EC2 Instance Rebalance Recommendation`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html#cp-eventbridge
 */
export const rebalanceRecommendation = defineQueueParser({
  sample: rebalanceRecommendationSample,
  detail: v.object({ 'instance-id': instanceIdField }),
  toOutcome({ 'instance-id': instanceId }, { id, time }) {
    return parsedEvents({
      kind: 'REBALANCE_RECOMMENDATION',
      id: eventId(`rebalance-recommendation-event-${id}`),
      monitor: 'SQS_MONITOR',
      description: `Rebalance recommendation event received. Instance ${instanceId} will be cordoned at ${formatTime(time)}`,
      instanceId,
      noticedAt: time,
      startTime: time,
    });
  },
});
