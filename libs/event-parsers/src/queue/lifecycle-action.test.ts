import { describe, expect, it } from 'vitest';
import { parseQueueMessage } from '../registry.ts';
import { bodyOf, eventOf, NOW } from '../testing/queue-bodies.ts';
import { lifecycleLaunchSample, lifecycleTerminationSample as sample } from './lifecycle-action.ts';

describe('a terminating lifecycle action', () => {
  it('becomes an event that carries its hook', () => {
    expect(parseQueueMessage(bodyOf(sample), NOW)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'ASG_LIFECYCLE',
          id: 'asg-lifecycle-term-782d5b4c-0f6f-1fd6-9d62-ecf6aed0a470',
          monitor: 'SQS_MONITOR',
          description:
            'ASG Lifecycle Termination event received. Instance will be interrupted at 2026-01-02 03:04:05 +0000 UTC',
          instanceId: 'i-0633ac2b0d9769723',
          noticedAt: new Date('2026-01-02T03:04:05Z'),
          startTime: NOW,
          hook: {
            autoScalingGroupName: 'workers',
            lifecycleHookName: 'drain-first',
            lifecycleActionToken: '0befcbdb-6ecd-498a-9ff7-ae9b54447cd6',
          },
          autoScalingGroupName: 'workers',
          origin: 'AutoScalingGroup',
          destination: 'EC2',
        },
      ],
    });
  });

  it('says whether its instance goes into the warm pool, or comes from there', () => {
    const eventWith = (detail: Readonly<Record<string, unknown>>) => {
      const outcome = parseQueueMessage(bodyOf(sample, {}, detail), NOW);
      return outcome.status === 'events' ? outcome.events[0] : outcome;
    };
    expect(eventWith({ Destination: 'WarmPool' })).toMatchObject({
      origin: 'AutoScalingGroup',
      destination: 'WarmPool',
    });
    expect(eventWith({ Origin: 'WarmPool' })).toMatchObject({ origin: 'WarmPool', destination: 'EC2' });
    const strange = eventWith({ Origin: 'Elsewhere', Destination: 7, Action: [] });
    expect(strange).toMatchObject({ kind: 'ASG_LIFECYCLE' });
    expect(['origin', 'destination', 'replacesRootVolume'].filter((field) => field in (strange ?? {}))).toEqual([]);
  });

  it('says when the root volume is replaced', () => {
    const places = { Origin: 'AutoScalingGroup', Destination: 'AutoScalingGroup' };
    for (const form of [sample, lifecycleLaunchSample])
      expect(parseQueueMessage(bodyOf(form, {}, { ...places, Action: 'ReplaceRootVolume' }), NOW)).toMatchObject({
        events: [{ origin: 'AutoScalingGroup', destination: 'AutoScalingGroup', replacesRootVolume: true }],
      });
    expect(parseQueueMessage(bodyOf(sample, {}, { ...places, Action: 'Refresh' }), NOW)).toMatchObject({
      events: [expect.not.objectContaining({ replacesRootVolume: true })],
    });
  });

  it.each([{ LifecycleTransition: 'autoscaling:TEST_NOTIFICATION' }, { Event: 'autoscaling:TEST_NOTIFICATION' }])(
    'is not actionable with %j',
    (detail) => {
      expect(parseQueueMessage(bodyOf(sample, {}, detail), NOW)).toEqual({
        status: 'not-actionable',
        reason: 'Auto Scaling test notification',
      });
    },
  );

  it.each([undefined, null, '', 5])('needs no token: %j', (LifecycleActionToken) => {
    const outcome = parseQueueMessage(bodyOf(sample, {}, { LifecycleActionToken }), NOW);
    expect(eventOf(outcome, 'ASG_LIFECYCLE').hook).toEqual({
      autoScalingGroupName: 'workers',
      lifecycleHookName: 'drain-first',
    });
  });

  it('shows its group as a text that adds nothing, and keeps the name that Auto Scaling knows (S7)', () => {
    const AutoScalingGroupName = 'workers","admin":true';
    const event = eventOf(parseQueueMessage(bodyOf(sample, {}, { AutoScalingGroupName }), NOW), 'ASG_LIFECYCLE');
    expect(event.hook?.autoScalingGroupName).toBe(AutoScalingGroupName);
    expect(event.autoScalingGroupName).toMatch(/^workers___admin_:true~[0-9a-f]{16}$/);
  });

  it('goes by the detail-type when the detail names no transition', () => {
    expect(parseQueueMessage(bodyOf(sample, {}, { LifecycleTransition: undefined }), NOW).status).toBe('events');
  });

  it.each([
    [
      { LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
      'LifecycleTransition: does not fit the detail-type',
    ],
    [{ LifecycleTransition: 3 }, 'LifecycleTransition: is a number, not a string'],
    [{ LifecycleActionToken: 'x'.repeat(256) }, 'LifecycleActionToken: is longer than 255 characters'],
    [{ EC2InstanceId: undefined }, 'EC2InstanceId: is missing'],
    [{ LifecycleHookName: 'x'.repeat(256) }, 'LifecycleHookName: is longer than 255 characters'],
    [{ AutoScalingGroupName: ['workers'] }, 'AutoScalingGroupName: is an array, not a string'],
    [{ LifecycleHookName: '' }, 'LifecycleHookName: is empty'],
    [{ EC2InstanceId: {} }, 'EC2InstanceId: is an object, not a string'],
  ])('is poison with %j', (detail, reason) => {
    expect(parseQueueMessage(bodyOf(sample, {}, detail), NOW)).toEqual({
      status: 'poison',
      reason: `detail.${reason}`,
    });
  });
});

describe('a launching lifecycle action', () => {
  it('becomes an event that carries its hook', () => {
    expect(parseQueueMessage(bodyOf(lifecycleLaunchSample), NOW)).toEqual({
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
          origin: 'EC2',
          destination: 'AutoScalingGroup',
        },
      ],
    });
  });

  it('is poison when its transition is the other one', () => {
    const body = bodyOf(lifecycleLaunchSample, {}, { LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' });
    expect(parseQueueMessage(body, NOW).status).toBe('poison');
  });
});
