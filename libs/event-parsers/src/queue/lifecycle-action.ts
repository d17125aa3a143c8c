import * as v from 'valibot';
import { isTest, notificationKind } from '../envelope.ts';
import { eventId } from '../event.ts';
import type { LifecycleLaunch, LifecycleTermination } from '../event.ts';
import { formatTime, instanceIdField, optionalText, requiredWord, withFields } from '../fields.ts';
import { notActionable, parsedEvents, poison } from '../outcome.ts';
import { defineQueueParser } from '../parser.ts';
import type { Envelope, QueueParser } from '../parser.ts';
import { keptText } from '../text.ts';

/** The action of a terminating instance, as EventBridge delivers it. */
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
    Origin: 'AutoScalingGroup',
    Destination: 'EC2',
  },
};

/** The action of a launching instance, as EventBridge delivers it. */
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
    Origin: 'EC2',
    Destination: 'AutoScalingGroup',
  },
};

/** What kind of notification it is, before the rest is read. */
const notification = v.looseObject(notificationKind.entries);

/** A place that a later version of the service may name is none that anything is done about. */
const place = v.fallback(v.optional(v.picklist(['EC2', 'AutoScalingGroup', 'WarmPool'])), undefined);

/** The longest name of a group or a hook. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html */
const name = v.pipe(requiredWord, v.maxLength(255, 'is longer than 255 characters'));

/** What the work needs: the token names the action, and so do group, hook and instance together. */
const action = v.object({
  LifecycleActionToken: v.pipe(
    optionalText,
    v.check((token) => token === undefined || token.length <= 255, 'is longer than 255 characters'),
  ),
  AutoScalingGroupName: name,
  LifecycleHookName: name,
  EC2InstanceId: instanceIdField,
  Origin: place,
  Destination: place,
  Action: v.fallback(v.optional(v.string()), undefined),
});

/**
 * Reads `EC2 Instance-terminate Lifecycle Action`, from EventBridge or straight from the group.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html#terminate-lifecycle-action
 */
export const lifecycleTermination = lifecycleParser(lifecycleTerminationSample, ({ id, time }) => ({
  kind: 'ASG_LIFECYCLE',
  id: eventId(`asg-lifecycle-term-${id}`),
  description: `ASG Lifecycle Termination event received. Instance will be interrupted at ${formatTime(time)}`,
}));

/**
 * Reads `EC2 Instance-launch Lifecycle Action`, from EventBridge or straight from the group.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html#launch-lifecycle-action
 */
export const lifecycleLaunch = lifecycleParser(lifecycleLaunchSample, ({ id, time }) => ({
  kind: 'ASG_LAUNCH_LIFECYCLE',
  id: eventId(`asg-lifecycle-launch-${id}`),
  description: `ASG Lifecycle Launch event received. Instance was started at ${formatTime(time)}`,
}));

/** Makes the parser of one transition, which the detail-type promises, and a notification may name itself. */
function lifecycleParser(
  sample: typeof lifecycleTerminationSample,
  own: (envelope: Envelope) => Pick<LifecycleTermination | LifecycleLaunch, 'kind' | 'id' | 'description'>,
): QueueParser {
  const { LifecycleTransition: transition } = sample.detail;
  return defineQueueParser({
    sample,
    detail: notification,
    toOutcome(detail, envelope) {
      if (isTest(detail)) return notActionable('Auto Scaling test notification');
      // Draining an instance that is being launched would be worse than leaving the message.
      if ((detail.LifecycleTransition ?? transition) !== transition)
        return poison('detail.LifecycleTransition: does not fit the detail-type');
      return withFields(action, detail, 'detail', (fields) => {
        const { AutoScalingGroupName: autoScalingGroupName, LifecycleActionToken: lifecycleActionToken } = fields;
        const { Origin: origin, Destination: destination } = fields;
        return parsedEvents({
          ...own(envelope),
          monitor: 'SQS_MONITOR',
          instanceId: fields.EC2InstanceId,
          noticedAt: envelope.time,
          startTime: envelope.now,
          hook: {
            autoScalingGroupName,
            lifecycleHookName: fields.LifecycleHookName,
            ...(lifecycleActionToken !== undefined && { lifecycleActionToken }),
          },
          autoScalingGroupName: keptText(autoScalingGroupName),
          ...(origin === undefined ? {} : { origin }),
          ...(destination === undefined ? {} : { destination }),
          ...(fields.Action === 'ReplaceRootVolume' ? { replacesRootVolume: true } : {}),
        });
      });
    },
  });
}
