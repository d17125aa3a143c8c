import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import { isoSeconds } from '../json-value.ts';
import type { LifecycleAction } from './auto-scaling/lifecycle.ts';
import type { InstanceState } from './ec2/instances.ts';

/** What every event has besides what it tells; all has a default. */
export interface EnvelopeOptions {
  /** Default: a new UUID. */
  readonly id?: string;
  /** Default: now. */
  readonly time?: Date;
  /** Default `123456789012`. */
  readonly account?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Whose now. Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * An EventBridge event as a rule delivers it to SQS.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export interface EventBridgeEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** In seconds: `2026-01-02T03:04:05Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What a group itself, or a topic, puts on a queue: no envelope, fields of its own. */
export type Notification = Readonly<Record<string, unknown>>;

/** The account and region that events come from unless told otherwise. */
export const defaultOrigin = { account: '123456789012', region: 'us-east-1' } as const;

function complete(options: EnvelopeOptions): Required<EnvelopeOptions> {
  const { clock = systemClock } = options;
  return { ...defaultOrigin, id: randomUUID(), time: new Date(clock.now()), clock, ...options };
}

/** Wraps a detail the way EventBridge does. */
function eventBridgeEnvelope(
  source: string,
  detailType: string,
  resources: readonly string[],
  detail: Readonly<Record<string, unknown>>,
  options: EnvelopeOptions,
): EventBridgeEnvelope {
  const { id, time, account, region } = complete(options);
  const from = { version: '0', id, 'detail-type': detailType, source, account } as const;
  return { ...from, time: isoSeconds(time), region, resources, detail };
}

function instanceEvent(
  detailType: string,
  instanceId: string,
  detail: Readonly<Record<string, unknown>>,
  options: EnvelopeOptions,
): EventBridgeEnvelope {
  const { account, region } = complete(options);
  const resources = [`arn:aws:ec2:${region}:${account}:instance/${instanceId}`];
  return eventBridgeEnvelope('aws.ec2', detailType, resources, { 'instance-id': instanceId, ...detail }, options);
}

/** What an interruption warning tells besides the instance. */
export interface InterruptionOptions extends EnvelopeOptions {
  /** What is about to be done to the instance. Default `terminate`. */
  readonly action?: 'terminate' | 'stop' | 'hibernate';
}

/**
 * A spot interruption warning, two minutes before the instance goes.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export function spotInterruptionEvent(instanceId: string, options: InterruptionOptions = {}): EventBridgeEnvelope {
  const detail = { 'instance-action': options.action ?? 'terminate' };
  return instanceEvent('EC2 Spot Instance Interruption Warning', instanceId, detail, options);
}

/**
 * A warning that an instance in an interruptible capacity reservation goes.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/interruptible-capacity-reservations.html
 */
export function capacityReservationEvent(instanceId: string, options: InterruptionOptions): EventBridgeEnvelope {
  const detail = { 'instance-action': options.action ?? 'terminate' };
  return instanceEvent('EC2 Capacity Reservation Instance Interruption Warning', instanceId, detail, options);
}

/**
 * A rebalance recommendation.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export function rebalanceRecommendationEvent(instanceId: string, options: EnvelopeOptions): EventBridgeEnvelope {
  return instanceEvent('EC2 Instance Rebalance Recommendation', instanceId, {}, options);
}

/**
 * A change of an instance's state.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-state-change-event.html
 */
export function stateChangeEvent(
  instanceId: string,
  state: InstanceState,
  options: EnvelopeOptions,
): EventBridgeEnvelope {
  return instanceEvent('EC2 Instance State-change Notification', instanceId, { state }, options);
}

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
  /** Names the event; an update of it has the same. Default: a new one. */
  readonly eventArn?: string;
  /** Default `upcoming`. */
  readonly statusCode?: 'upcoming' | 'open' | 'closed';
  /** What each instance is said to be in. Default `PENDING`. */
  readonly entityStatus?: 'PENDING' | 'IMPAIRED' | 'RESOLVED';
}

const hourMs = 3_600_000;

/**
 * An AWS Health event about one or many instances.
 * @see https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */
export function healthEvent(instanceIds: readonly string[], options: HealthEventOptions = {}): EventBridgeEnvelope {
  const { time, region, clock } = complete(options);
  const { service = 'EC2', category = 'scheduledChange' } = options;
  const eventTypeCode = options.eventTypeCode ?? 'AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED';
  const start = options.startTime ?? new Date(clock.now() + hourMs);
  const end = options.endTime ?? new Date(start.getTime() + hourMs);
  const { eventArn = `arn:aws:health:${region}::event/${service}/${eventTypeCode}/${randomUUID()}` } = options;
  const { statusCode = 'upcoming', entityStatus: status = 'PENDING' } = options;
  const detail = {
    eventArn,
    service,
    eventTypeCode,
    eventTypeCategory: category,
    eventScopeCode: 'ACCOUNT_SPECIFIC',
    communicationId: randomUUID(),
    startTime: start.toUTCString(),
    endTime: end.toUTCString(),
    lastUpdatedTime: time.toUTCString(),
    statusCode,
    eventRegion: region,
    eventDescription: [
      { language: 'en_US', latestDescription: 'One or more of your instances are scheduled for maintenance.' },
    ],
    affectedEntities: instanceIds.map((entityValue) => ({ entityValue, status })),
    page: '1',
    totalPages: '1',
  };
  return eventBridgeEnvelope('aws.health', 'AWS Health Event', instanceIds, detail, options);
}

function groupArn(group: string, options: EnvelopeOptions): string {
  const { account, region } = complete(options);
  return `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${randomUUID()}:autoScalingGroupName/${group}`;
}

/** What both forms of telling a lifecycle action have in common. */
function lifecycleFields({ token, instanceId, hook, way }: LifecycleAction): Notification {
  return {
    LifecycleActionToken: token,
    AutoScalingGroupName: hook.group,
    LifecycleHookName: hook.name,
    EC2InstanceId: instanceId,
    LifecycleTransition: hook.transition,
    ...(hook.notificationMetadata !== undefined && { NotificationMetadata: hook.notificationMetadata }),
    Origin: way.origin,
    Destination: way.destination,
    ...(way.action !== undefined && { Action: way.action }),
  };
}

/**
 * A lifecycle action as EventBridge tells it.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pools-eventbridge-events.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-eventbridge-events.html
 */
export function lifecycleEvent(action: LifecycleAction, options: EnvelopeOptions = {}): EventBridgeEnvelope {
  const { group, transition } = action.hook;
  const what = transition === 'autoscaling:EC2_INSTANCE_TERMINATING' ? 'terminate' : 'launch';
  const detailType = `EC2 Instance-${what} Lifecycle Action`;
  const resources = [groupArn(group, options)];
  return eventBridgeEnvelope('aws.autoscaling', detailType, resources, lifecycleFields(action), options);
}

/**
 * A lifecycle action as the group itself sends it to a queue that is the hook's notification target.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html
 */
export function directLifecycleNotification(action: LifecycleAction, options: EnvelopeOptions): Notification {
  const { id, time, account } = complete(options);
  const from = { AccountId: account, RequestId: id, Service: 'AWS Auto Scaling', Time: time.toISOString() };
  return { ...lifecycleFields(action), ...from };
}

/** What a group sends once, when a queue becomes the target of its hook. */
export function testNotification(group: string, options: EnvelopeOptions): Notification {
  const { id, time, account } = complete(options);
  return {
    AccountId: account,
    RequestId: id,
    AutoScalingGroupARN: groupArn(group, options),
    AutoScalingGroupName: group,
    Service: 'AWS Auto Scaling',
    Event: 'autoscaling:TEST_NOTIFICATION',
    Time: time.toISOString(),
  };
}

/**
 * Wraps a body the way a topic does on its way to a queue (without raw message delivery).
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
 */
export function snsNotification(message: string, options: EnvelopeOptions): Notification {
  const { time, account, region } = complete(options);
  const topicArn = `arn:aws:sns:${region}:${account}:interruptions`;
  return {
    Type: 'Notification',
    MessageId: randomUUID(),
    TopicArn: topicArn,
    Message: message,
    Timestamp: time.toISOString(),
    SignatureVersion: '1',
    Signature: 'EXAMPLE',
    SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${topicArn}:${randomUUID()}`,
  };
}
