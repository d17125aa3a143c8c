import { randomUUID } from 'node:crypto';
import type { LifecycleAction } from '../auto-scaling/lifecycle-action.ts';
import { defaultOrigin, eventBridgeEnvelope } from './envelope.ts';
import type { EnvelopeOptions, EventBridgeEnvelope } from './envelope.ts';

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
