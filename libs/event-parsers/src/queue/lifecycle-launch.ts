import { eventId } from '../event.ts';
import { parsedEvents } from '../outcome.ts';
import { formatTime } from '../time.ts';
import { lifecycleKind, withLifecycleAction } from './lifecycle-detail.ts';
import { defineQueueParser } from './queue-parser.ts';

/** A lifecycle action as EventBridge delivers it. */
export const lifecycleLaunchSample = {
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'EC2 Instance-launch Lifecycle Action',
  source: 'aws.autoscaling',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:26e7234b:autoScalingGroupName/workers'],
  detail: {
    LifecycleActionToken: '87654321-4321-4321-4321-210987654321',
    AutoScalingGroupName: 'workers',
    LifecycleHookName: 'wait-until-ready',
    EC2InstanceId: 'i-0633ac2b0d9769723',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  },
};

/**
 * Reads `EC2 Instance-launch Lifecycle Action`, from EventBridge or straight from the group.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html#launch-lifecycle-action
 */
export const lifecycleLaunch = defineQueueParser({
  source: 'aws.autoscaling',
  detailType: 'EC2 Instance-launch Lifecycle Action',
  detail: lifecycleKind,
  toOutcome(detail, { id, time, now }) {
    return withLifecycleAction(detail, 'autoscaling:EC2_INSTANCE_LAUNCHING', ({ instanceId, hook }) =>
      parsedEvents({
        kind: 'ASG_LAUNCH_LIFECYCLE',
        id: eventId(`asg-lifecycle-launch-${id}`),
        monitor: 'SQS_MONITOR',
        description: `ASG Lifecycle Launch event received. Instance was started at ${formatTime(time)}`,
        instanceId,
        noticedAt: time,
        startTime: now,
        hook,
        autoScalingGroupName: hook.autoScalingGroupName,
      }),
    );
  },
});
