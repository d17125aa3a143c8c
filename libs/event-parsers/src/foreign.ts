import { oneLine } from './text.ts';

/** A field that is a text, as it may be shown; `undefined` where there is none. */
function shown(fields: object, key: string): string | undefined {
  const value: unknown = Object.hasOwn(fields, key) ? (fields as Readonly<Record<string, unknown>>)[key] : undefined;
  return typeof value === 'string' && value.trim() !== '' ? oneLine(value, 64) : undefined;
}

/** How a service's own messages, which are no events of EventBridge, say whose they are. */
type Recognise = (fields: object) => string | undefined;

const RECOGNISERS: readonly Recognise[] = [
  // Records of S3, SES, SNS, SQS, Kinesis, DynamoDB: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
  (fields) => {
    const records: unknown = 'Records' in fields ? fields.Records : undefined;
    const [first] = Array.isArray(records) ? (records as readonly unknown[]) : [];
    if (typeof first !== 'object' || first === null) return undefined;
    const source = shown(first, 'eventSource') ?? shown(first, 'EventSource');
    return source === undefined ? undefined : `records of "${source}"`;
  },
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html#supported-notification-event-types
  (fields) => {
    const event = shown(fields, 'Event');
    return event === undefined ? undefined : `${shown(fields, 'Service') ?? 'foreign'} notification "${event}"`;
  },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-notification-format.html
  (fields) => {
    const name = shown(fields, 'AlarmName');
    return name === undefined ? undefined : `CloudWatch alarm "${name}"`;
  },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
  (fields) => {
    const arn = shown(fields, 'alarmArn');
    return arn === undefined ? undefined : `CloudWatch alarm "${arn}"`;
  },
  // https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
  (fields) => {
    const type = shown(fields, 'notificationType') ?? shown(fields, 'eventType');
    return type !== undefined && 'mail' in fields ? `SES notification "${type}"` : undefined;
  },
  // https://docs.aws.amazon.com/config/latest/developerguide/example-sns-notification.html
  (fields) => {
    const type = shown(fields, 'messageType');
    return type === undefined ? undefined : `message of type "${type}"`;
  },
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
  (fields) => {
    const source = shown(fields, 'Event Source');
    return source === undefined ? undefined : `event of "${source}"`;
  },
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
  (fields) => ('s3Bucket' in fields && 's3ObjectKey' in fields ? 'CloudTrail notification' : undefined),
  (fields) => {
    const source = shown(fields, 'source') ?? shown(fields, 'eventSource');
    return source !== undefined && /^aws[.:]|\.amazonaws\.com$/.test(source) ? `message of "${source}"` : undefined;
  },
];

/**
 * Says whose a message is that is none of ours, where it tells so itself: queues and topics are shared, and somebody else's message is no
 * reason for a warning. Read only once it is known to be no notice.
 *
 * @returns `undefined` when it does not tell.
 */
export function nameForeign(fields: object): string | undefined {
  for (const recognise of RECOGNISERS) {
    const name = recognise(fields);
    if (name !== undefined) return name;
  }
  return undefined;
}
