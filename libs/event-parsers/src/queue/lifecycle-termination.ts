import { eventId } from '../event.ts';
import { parsedEvents } from '../outcome.ts';
import { formatTime } from '../time.ts';
import { lifecycleKind, withLifecycleAction } from './lifecycle-detail.ts';
import { defineQueueParser } from './queue-parser.ts';

/** A lifecycle action as EventBridge delivers it. */
export const lifecycleTerminationSample = {
  version: '0',
  id: '782d5b4c-0f6f-1fd6-9d62-ecf6aed0a470',
  'detail-type': 'EC2 Instance-terminate Lifecycle Action',
  source: 'aws.autoscaling',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:26e7234b:autoScalingGroupName/workers'],
  detail: {
    LifecycleActionToken: '0befcbdb-6ecd-498a-9ff7-ae9b54447cd6',
    AutoScalingGroupName: 'workers',
    LifecycleHookName: 'drain-first',
    EC2InstanceId: 'i-0633ac2b0d9769723',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  },
};

/**
 * Reads `EC2 Instance-terminate Lifecycle Action`, from EventBridge or straight from the group.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html#terminate-lifecycle-action
 */
export const lifecycleTermination = defineQueueParser({
  source: 'aws.autoscaling',
  detailType: 'EC2 Instance-terminate Lifecycle Action',
  detail: lifecycleKind,
  toOutcome(detail, { id, time, now }) {
    return withLifecycleAction(detail, 'autoscaling:EC2_INSTANCE_TERMINATING', ({ instanceId, hook }) =>
      parsedEvents({
        kind: 'ASG_LIFECYCLE',
        id: eventId(`asg-lifecycle-term-${id}`),
        monitor: 'SQS_MONITOR',
        description: `ASG Lifecycle Termination event received. Instance will be interrupted at ${formatTime(time)}`,
        instanceId,
        noticedAt: time,
        startTime: now,
        hook,
        autoScalingGroupName: hook.autoScalingGroupName,
      }),
    );
  },
});
