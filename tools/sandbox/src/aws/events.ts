import { randomUUID } from 'node:crypto';
import type { LifecycleAction } from './auto-scaling/lifecycle.ts';
import type { InstanceState } from './ec2/instances.ts';

/** What every EventBridge envelope has besides its detail; all has a default. */
export interface EnvelopeOptions {
  /** Default: a new UUID. */
  readonly id?: string;
  /** Default: now. */
  readonly time?: Date;
  /** Default `123456789012`. */
  readonly account?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
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

/** `2026-01-02T03:04:05Z`: EventBridge writes times without fractions. */
function envelopeTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The account and region that messages come from unless told otherwise. */
export const defaultOrigin = { account: '123456789012', region: 'us-east-1' } as const;

/** Wraps a detail the way EventBridge does. */
export function eventBridgeEnvelope(
  source: string,
  detailType: string,
  resources: readonly string[],
  detail: Readonly<Record<string, unknown>>,
  options: EnvelopeOptions = {},
): EventBridgeEnvelope {
  return {
    version: '0',
    id: options.id ?? randomUUID(),
    'detail-type': detailType,
    source,
    account: options.account ?? defaultOrigin.account,
    time: envelopeTime(options.time ?? new Date()),
    region: options.region ?? defaultOrigin.region,
    resources,
    detail,
  };
}

/** The ARN of an instance, as the `resources` of EC2 events name it. */
function instanceArn(instanceId: string, options: EnvelopeOptions = {}): string {
  const { account, region } = { ...defaultOrigin, ...options };
  return `arn:aws:ec2:${region}:${account}:instance/${instanceId}`;
}

/** What is about to be done to an instance. */
export type InstanceAction = 'terminate' | 'stop' | 'hibernate';

/**
 * A spot interruption warning, two minutes before the instance goes.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export function spotInterruptionEvent(
  instanceId: string,
  options: EnvelopeOptions & { readonly action?: InstanceAction } = {},
): EventBridgeEnvelope {
  const detail = { 'instance-id': instanceId, 'instance-action': options.action ?? 'terminate' };
  const resources = [instanceArn(instanceId, options)];
  return eventBridgeEnvelope('aws.ec2', 'EC2 Spot Instance Interruption Warning', resources, detail, options);
}

/**
 * A rebalance recommendation.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export function rebalanceRecommendationEvent(instanceId: string, options: EnvelopeOptions = {}): EventBridgeEnvelope {
  const resources = [instanceArn(instanceId, options)];
  const detail = { 'instance-id': instanceId };
  return eventBridgeEnvelope('aws.ec2', 'EC2 Instance Rebalance Recommendation', resources, detail, options);
}

/**
 * A change of an instance's state.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-state-change-event.html
 */
export function stateChangeEvent(
  instanceId: string,
  state: InstanceState,
  options: EnvelopeOptions = {},
): EventBridgeEnvelope {
  const resources = [instanceArn(instanceId, options)];
  const detail = { 'instance-id': instanceId, state };
  return eventBridgeEnvelope('aws.ec2', 'EC2 Instance State-change Notification', resources, detail, options);
}

/**
 * A warning that an instance in an interruptible capacity reservation goes.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/interruptible-capacity-reservations.html
 */
export function capacityReservationEvent(
  instanceId: string,
  options: EnvelopeOptions & { readonly action?: InstanceAction } = {},
): EventBridgeEnvelope {
  const detail = { 'instance-id': instanceId, 'instance-action': options.action ?? 'terminate' };
  const detailType = 'EC2 Capacity Reservation Instance Interruption Warning';
  return eventBridgeEnvelope('aws.ec2', detailType, [instanceArn(instanceId, options)], detail, options);
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

function groupArn(group: string, options: EnvelopeOptions): string {
  const { account, region } = { ...defaultOrigin, ...options };
  return `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${randomUUID()}:autoScalingGroupName/${group}`;
}

/**
 * A lifecycle action as EventBridge tells it.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/automating-ec2-auto-scaling-with-eventbridge.html
 */
export function lifecycleEvent(action: LifecycleAction, options: EnvelopeOptions = {}): EventBridgeEnvelope {
  const terminating = action.hook.transition === 'autoscaling:EC2_INSTANCE_TERMINATING';
  const detail = {
    LifecycleActionToken: action.token,
    AutoScalingGroupName: action.hook.group,
    LifecycleHookName: action.hook.name,
    EC2InstanceId: action.instanceId,
    LifecycleTransition: action.hook.transition,
    ...(action.hook.notificationMetadata !== undefined && { NotificationMetadata: action.hook.notificationMetadata }),
    Origin: terminating ? 'AutoScalingGroup' : 'EC2',
    Destination: terminating ? 'EC2' : 'AutoScalingGroup',
  };
  const detailType = `EC2 Instance-${terminating ? 'terminate' : 'launch'} Lifecycle Action`;
  return eventBridgeEnvelope('aws.autoscaling', detailType, [groupArn(action.hook.group, options)], detail, options);
}

/**
 * A lifecycle action as the group itself sends it to a queue that is the hook's notification target.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html
 */
export function directLifecycleNotification(
  action: LifecycleAction,
  options: EnvelopeOptions = {},
): Readonly<Record<string, unknown>> {
  const terminating = action.hook.transition === 'autoscaling:EC2_INSTANCE_TERMINATING';
  return {
    Origin: terminating ? 'AutoScalingGroup' : 'EC2',
    LifecycleHookName: action.hook.name,
    Destination: terminating ? 'EC2' : 'AutoScalingGroup',
    AccountId: options.account ?? defaultOrigin.account,
    RequestId: options.id ?? randomUUID(),
    LifecycleTransition: action.hook.transition,
    AutoScalingGroupName: action.hook.group,
    Service: 'AWS Auto Scaling',
    Time: (options.time ?? new Date()).toISOString(),
    EC2InstanceId: action.instanceId,
    ...(action.hook.notificationMetadata !== undefined && { NotificationMetadata: action.hook.notificationMetadata }),
    LifecycleActionToken: action.token,
  };
}

/** What a group sends once, when a queue becomes the target of its hook. */
export function testNotification(group: string, options: EnvelopeOptions = {}): Readonly<Record<string, unknown>> {
  const { account, region } = { ...defaultOrigin, ...options };
  return {
    AccountId: account,
    RequestId: options.id ?? randomUUID(),
    AutoScalingGroupARN: groupArn(group, { account, region }),
    AutoScalingGroupName: group,
    Service: 'AWS Auto Scaling',
    Event: 'autoscaling:TEST_NOTIFICATION',
    Time: (options.time ?? new Date()).toISOString(),
  };
}

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
