import { describe, expect, it } from 'vitest';

import { parseQueueMessage } from '../parse-queue-message.ts';
import { bodyOf, NOW } from '../testing/queue-bodies.ts';
import { lifecycleLaunchSample as sample } from './lifecycle-launch.ts';

describe('a launching lifecycle action', () => {
  it('becomes an event that carries its hook', () => {
    expect(parseQueueMessage(bodyOf(sample), NOW)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'ASG_LAUNCH_LIFECYCLE',
          id: 'asg-lifecycle-launch-6a7e8feb-b491-4cf7-a9f1-bf3703467718',
          monitor: 'SQS_MONITOR',
          description: 'ASG Lifecycle Launch event received. Instance was started at 2026-01-02 03:04:05 +0000 UTC',
          instanceId: 'i-0633ac2b0d9769723',
          noticedAt: new Date('2026-01-02T03:04:05Z'),
          startTime: NOW,
          hook: {
            autoScalingGroupName: 'workers',
            lifecycleHookName: 'wait-until-ready',
            lifecycleActionToken: '87654321-4321-4321-4321-210987654321',
          },
          autoScalingGroupName: 'workers',
        },
      ],
    });
  });

  it('is poison when its transition is the other one', () => {
    const body = bodyOf(sample, {}, { LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' });
    expect(parseQueueMessage(body, NOW).status).toBe('poison');
  });
});
