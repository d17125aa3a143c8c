import { randomUUID } from 'node:crypto';
import { defaultOrigin } from './envelope.ts';
import type { EnvelopeOptions } from './envelope.ts';

/**
 * Wraps a body the way a topic does on its way to a queue (without raw message delivery).
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
 */
export function snsNotification(message: string, options: EnvelopeOptions = {}): Readonly<Record<string, unknown>> {
  const { account, region } = { ...defaultOrigin, ...options };
  const topicArn = `arn:aws:sns:${region}:${account}:interruptions`;
  return {
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: topicArn,
    Message: message,
    Timestamp: (options.time ?? new Date()).toISOString(),
    SignatureVersion: '1',
    Signature: 'EXAMPLE',
    SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${topicArn}:${randomUUID()}`,
  };
}
