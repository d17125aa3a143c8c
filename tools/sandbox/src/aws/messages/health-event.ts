import { randomUUID } from 'node:crypto';
import { eventBridgeEnvelope } from './envelope.ts';
import type { EnvelopeOptions, EventBridgeEnvelope } from './envelope.ts';

/** What a health event tells; all has a default. */
export interface HealthEventOptions extends EnvelopeOptions {
  /** Default `EC2`. */
  readonly service?: string;
  /** Default `scheduledChange`. */
  readonly category?: string;
  /** Default `AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED`. */
  readonly eventTypeCode?: string;
  /** Default: in an hour. */
  readonly startTime?: Date;
  /** Default: an hour after the start. */
  readonly endTime?: Date;
}

const hourMs = 3_600_000;

/**
 * An AWS Health event about one or many instances.
 * @see https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */
export function healthEvent(instanceIds: readonly string[], options: HealthEventOptions = {}): EventBridgeEnvelope {
  const { service = 'EC2', category = 'scheduledChange' } = options;
  const eventTypeCode = options.eventTypeCode ?? 'AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED';
  const start = options.startTime ?? new Date(Date.now() + hourMs);
  const end = options.endTime ?? new Date(start.getTime() + hourMs);
  const region = options.region ?? 'us-east-1';
  const detail = {
    eventArn: `arn:aws:health:${region}::event/${service}/${eventTypeCode}/${randomUUID()}`,
    service,
    eventTypeCode,
    eventTypeCategory: category,
    eventScopeCode: 'ACCOUNT_SPECIFIC',
    communicationId: randomUUID(),
    startTime: start.toUTCString(),
    endTime: end.toUTCString(),
    lastUpdatedTime: (options.time ?? new Date()).toUTCString(),
    statusCode: 'upcoming',
    eventRegion: region,
    eventDescription: [
      { language: 'en_US', latestDescription: 'One or more of your instances are scheduled for maintenance.' },
    ],
    affectedEntities: instanceIds.map((entityValue) => ({ entityValue, status: 'PENDING' })),
    page: '1',
    totalPages: '1',
  };
  return eventBridgeEnvelope('aws.health', 'AWS Health Event', instanceIds, detail, options);
}
