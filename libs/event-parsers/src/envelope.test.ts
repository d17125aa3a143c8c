import { describe, expect, it } from 'vitest';
import { directAutoScalingSample, snsNotificationSample } from './envelope.ts';
import { parseQueueMessage } from './registry.ts';
import { lifecycleLaunchSample, lifecycleTerminationSample } from './queue/lifecycle-action.ts';
import { spotInterruptionSample } from './queue/spot-interruption.ts';
import { bodyOf, eventOf, NOW, wrapInSns } from './testing/queue-bodies.ts';

function parse(body: string) {
  return parseQueueMessage(body, NOW);
}

describe('a notification straight from an Auto Scaling group', () => {
  it('becomes the same event as through EventBridge, named by its request', () => {
    const event = eventOf(parse(bodyOf(directAutoScalingSample)), 'ASG_LIFECYCLE');
    expect(event).toEqual({
      ...eventOf(parse(bodyOf(lifecycleTerminationSample)), 'ASG_LIFECYCLE'),
      id: 'asg-lifecycle-term-3a26f3ad-2b2c-4d2a-8f0e-9f1b2c3d4e5f',
      description:
        'ASG Lifecycle Termination event received. Instance will be interrupted at 2026-01-02 03:04:05.123 +0000 UTC',
      noticedAt: new Date('2026-01-02T03:04:05.123Z'),
    });
  });

  it('is a launch by its transition', () => {
    const body = bodyOf(directAutoScalingSample, { LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' });
    expect(eventOf(parse(body), 'ASG_LAUNCH_LIFECYCLE').id).toBe(
      'asg-lifecycle-launch-3a26f3ad-2b2c-4d2a-8f0e-9f1b2c3d4e5f',
    );
  });

  it.each([undefined, null, '', 'noon', 12])('takes the time at which it was sent when its own is %j', (Time) => {
    const body = bodyOf(directAutoScalingSample, { Time });
    const sentAt = new Date('2026-01-02T03:04:07Z');
    expect(eventOf(parseQueueMessage(body, NOW, sentAt), 'ASG_LIFECYCLE').noticedAt).toEqual(sentAt);
    expect(eventOf(parse(body), 'ASG_LIFECYCLE').noticedAt).toEqual(NOW);
  });

  it('may be the bare detail of an event (A3)', () => {
    const body = JSON.stringify(lifecycleTerminationSample.detail);
    const sentAt = new Date('2026-01-02T03:04:07Z');
    const event = eventOf(parseQueueMessage(body, NOW, sentAt), 'ASG_LIFECYCLE');
    expect(event).toEqual({
      ...eventOf(parse(bodyOf(lifecycleTerminationSample)), 'ASG_LIFECYCLE'),
      id: `asg-lifecycle-term-${lifecycleTerminationSample.detail.LifecycleActionToken}`,
      description:
        'ASG Lifecycle Termination event received. Instance will be interrupted at 2026-01-02 03:04:07 +0000 UTC',
      noticedAt: sentAt,
    });
    expect(eventOf(parseQueueMessage(wrapInSns(body), NOW, sentAt), 'ASG_LIFECYCLE')).toEqual(event);
    expect(eventOf(parse(JSON.stringify(lifecycleLaunchSample.detail)), 'ASG_LAUNCH_LIFECYCLE').id).toBe(
      `asg-lifecycle-launch-${lifecycleLaunchSample.detail.LifecycleActionToken}`,
    );
  });

  it('is known by group, hook, instance, transition and time where it has neither request nor token (A3)', () => {
    const { LifecycleActionToken: _token, ...detail } = lifecycleTerminationSample.detail;
    const at = (changes: object, sentAt: Date) => {
      const event = eventOf(parseQueueMessage(JSON.stringify({ ...detail, ...changes }), NOW, sentAt), 'ASG_LIFECYCLE');
      expect(event.hook).not.toHaveProperty('lifecycleActionToken');
      return event.id;
    };
    const sent = new Date('2026-01-02T03:04:07Z');
    expect(at({}, sent)).toMatch(/^asg-lifecycle-term-[0-9a-f]{64}$/);
    expect(at({}, sent)).toBe(at({ NotificationMetadata: 'more' }, sent));
    const others = [at({ LifecycleHookName: 'other' }, sent), at({ EC2InstanceId: 'i-2' }, sent), at({}, NOW)];
    expect(new Set([at({}, sent), ...others]).size).toBe(4);
  });

  it.each([
    [{ LifecycleTransition: 'autoscaling:TEST_NOTIFICATION' }, 'Auto Scaling test notification'],
    [{ LifecycleTransition: undefined, Event: 'autoscaling:TEST_NOTIFICATION' }, 'Auto Scaling test notification'],
    [
      { LifecycleTransition: undefined, Event: 'autoscaling:EC2_INSTANCE_LAUNCH' },
      'Auto Scaling notification "autoscaling:EC2_INSTANCE_LAUNCH"',
    ],
    [{ LifecycleTransition: '__proto__' }, 'Auto Scaling notification "__proto__"'],
  ])('is not actionable with %j', (changes, reason) => {
    expect(parse(bodyOf(directAutoScalingSample, changes))).toEqual({ status: 'not-actionable', reason });
  });

  it.each([
    [{ LifecycleTransition: [] }, 'LifecycleTransition: is an array, not a string'],
    [{ EC2InstanceId: 'x' }, 'detail.EC2InstanceId: is not an EC2 instance id'],
  ])('is poison with %j', (changes, reason) => {
    expect(parse(bodyOf(directAutoScalingSample, changes))).toEqual({ status: 'poison', reason });
  });
});

describe('a message wrapped by SNS', () => {
  it.each([spotInterruptionSample, directAutoScalingSample])('reads as it would alone', (sample) => {
    expect(parse(wrapInSns(bodyOf(sample)))).toEqual(parse(bodyOf(sample)));
  });

  it('reads the sample', () => {
    expect(parse(bodyOf(snsNotificationSample))).toEqual(parse(bodyOf(directAutoScalingSample)));
  });

  it('may come without a type', () => {
    const body = JSON.stringify({ Message: bodyOf(spotInterruptionSample) });
    expect(parse(body).status).toBe('events');
  });

  it.each([
    [JSON.stringify({ Type: 'SubscriptionConfirmation', Message: 'You have chosen …' }), 'SubscriptionConfirmation'],
    [JSON.stringify({ Type: 'UnsubscribeConfirmation', Message: '{}' }), 'UnsubscribeConfirmation'],
  ])('is not actionable: %s', (body, type) => {
    expect(parse(body)).toEqual({ status: 'not-actionable', reason: `SNS message of type "${type}"` });
  });

  it.each([
    [JSON.stringify({ Type: 'Notification', Message: 'ALARM: too hot' }), 'Message: is not JSON'],
    [JSON.stringify({ Type: 'Notification', Message: '' }), 'Message: is empty'],
    [JSON.stringify({ Type: 'Notification', Message: { id: 1 } }), 'Message: is an object, not a string'],
    [JSON.stringify({ Type: 4, Message: '{}' }), 'Type: is a number, not a string'],
    [
      JSON.stringify({ Type: 'Notification', Message: '{}' }),
      'Message: is neither an EventBridge event, nor an Auto Scaling or SNS notification',
    ],
  ])('is poison: %s', (body, reason) => {
    expect(parse(body)).toEqual({ status: 'poison', reason });
  });

  it('is unwrapped three times and no more', () => {
    const wrap = (times: number) =>
      Array.from({ length: times }).reduce<string>(wrapInSns, bodyOf(spotInterruptionSample));
    expect(parse(wrap(3)).status).toBe('events');
    expect(parse(wrap(4))).toEqual({ status: 'poison', reason: 'Message: is wrapped by SNS more than 3 times' });
  });
});

describe('an EventBridge event', () => {
  it.each([
    [{ source: 'aws.s3' }, 'source "aws.s3" with detail-type "EC2 Spot Instance Interruption Warning" is not handled'],
    [{ 'detail-type': 'EC2 Fleet Error' }, 'source "aws.ec2" with detail-type "EC2 Fleet Error" is not handled'],
    [{ 'detail-type': 'toString\n' }, 'source "aws.ec2" with detail-type "toString" is not handled'],
  ])('that nobody reads is not actionable: %j', (changes, reason) => {
    expect(parse(bodyOf(spotInterruptionSample, changes))).toEqual({ status: 'not-actionable', reason });
  });

  it.each([
    [{ source: undefined }, 'source: is missing'],
    [{ source: 1 }, 'source: is a number, not a string'],
    [{ 'detail-type': {} }, 'detail-type: is an object, not a string'],
    [{ id: undefined }, 'id: is missing'],
    [{ id: '' }, 'id: is empty'],
    [{ time: 'yesterday' }, 'time: is not a time'],
    [{ time: 1_767_323_045 }, 'time: is a number, not a string'],
    [{ detail: undefined }, 'detail: is missing'],
    [{ detail: null }, 'detail: is null, not an object'],
    [{ detail: 'terminate' }, 'detail: is a string, not an object'],
    [{ detail: true }, 'detail: is a boolean, not an object'],
  ])('is poison with %j', (changes, reason) => {
    const body = JSON.stringify({ ...spotInterruptionSample, ...changes });
    expect(parse(body)).toEqual({ status: 'poison', reason });
  });

  it.each(['"><script>\u0000\n', 'x","admin":true,"y":"', '\u001b[2J\u202e\r\n', 'x'.repeat(250_000)])(
    'lets no id into logs and webhooks that could add to them: %j (S7)',
    (id) => {
      const event = eventOf(parse(bodyOf(spotInterruptionSample, { id })), 'SPOT_ITN');
      expect(event.id).toMatch(/^spot-itn-event-[A-Za-z0-9._:/=@+-]+~[0-9a-f]{16}$/);
      expect(event.id.length).toBeLessThanOrEqual(128);
    },
  );
});

describe('a message that is somebody else’s', () => {
  const s3 = { Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put' }] };
  const alarm = { AlarmName: 'too "hot"\n', NewStateValue: 'ALARM', OldStateValue: 'OK', Trigger: {} };
  it.each([
    [s3, 'records of "aws:s3"'],
    [{ Records: [{ EventSource: 'aws:sns', Sns: { Message: 'hello' } }] }, 'records of "aws:sns"'],
    [{ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }, 'Amazon S3 notification "s3:TestEvent"'],
    [{ Event: 'other:thing' }, 'foreign notification "other:thing"'],
    [alarm, 'CloudWatch alarm "too "hot""'],
    [{ source: 'aws.cloudwatch', alarmArn: 'arn:aws:cloudwatch:x' }, 'CloudWatch alarm "arn:aws:cloudwatch:x"'],
    [{ notificationType: 'Bounce', mail: {} }, 'SES notification "Bounce"'],
    [{ messageType: 'ConfigurationItemChangeNotification' }, 'message of type "ConfigurationItemChangeNotification"'],
    [{ 'Event Source': 'db-instance', 'Event Message': 'Backing up' }, 'event of "db-instance"'],
    [{ s3Bucket: 'b', s3ObjectKey: ['k'] }, 'CloudTrail notification'],
    [{ source: 'aws.partner', payload: 1 }, 'message of "aws.partner"'],
  ])('is not actionable where it says what it is: %j (A22)', (message, reason) => {
    expect(parse(JSON.stringify(message))).toEqual({ status: 'not-actionable', reason });
    expect(parse(wrapInSns(JSON.stringify(message)))).toEqual({ status: 'not-actionable', reason });
  });

  it.each([
    { message: 'foo1' },
    { Records: [] },
    { Records: ['text'] },
    { Records: [{ eventSource: 5 }] },
    { notificationType: 'Bounce' },
    { source: 'shop' },
    { AlarmName: '' },
  ])('is poison where it does not: %j', (message) => {
    expect(parse(JSON.stringify(message))).toEqual({
      status: 'poison',
      reason: 'body: is neither an EventBridge event, nor an Auto Scaling or SNS notification',
    });
  });
});

describe('a body that is none of these', () => {
  it.each([
    ['', 'body: is empty'],
    [' \n', 'body: is empty'],
    ['hello', 'body: is not JSON'],
    ['{"source":"aws.ec2"', 'body: is not JSON'],
    ['null', 'body: is null, not an object'],
    ['42', 'body: is a number, not an object'],
    ['"text"', 'body: is a string, not an object'],
    ['[]', 'body: is an array, not an object'],
    ['{}', 'body: is neither an EventBridge event, nor an Auto Scaling or SNS notification'],
    [
      '{"__proto__":{"detail-type":"EC2 Spot Instance Interruption Warning","source":"aws.ec2"}}',
      'body: is neither an EventBridge event, nor an Auto Scaling or SNS notification',
    ],
  ])('is poison: %j', (body, reason) => {
    expect(parse(body)).toEqual({ status: 'poison', reason });
  });

  it('is poison at 256 KiB and at any depth, and no reason quotes it', () => {
    const bodies = [
      'x'.repeat(262_144),
      JSON.stringify('x'.repeat(262_000)),
      '['.repeat(262_144),
      '['.repeat(131_072) + ']'.repeat(131_072),
      '{"Message":'.repeat(20_000) + '1' + '}'.repeat(20_000),
      bodyOf(spotInterruptionSample, {}, { 'instance-id': `i-${'x'.repeat(262_000)}` }),
    ];
    for (const body of bodies) {
      const outcome = parse(body);
      expect(outcome.status).toBe('poison');
      expect(JSON.stringify(outcome).length).toBeLessThan(200);
    }
  });

  it('bounds the reason of a huge notice that nobody reads', () => {
    const outcome = parse(bodyOf(spotInterruptionSample, { 'detail-type': 'y'.repeat(262_000) }));
    expect(outcome.status).toBe('not-actionable');
    expect(JSON.stringify(outcome).length).toBeLessThan(400);
  });

  it('cannot reach the prototype of objects', () => {
    const body = bodyOf(spotInterruptionSample).replace('{', '{"__proto__":{"polluted":true},');
    expect(parse(body)).toEqual(parse(bodyOf(spotInterruptionSample)));
    expect({}).not.toHaveProperty('polluted');
  });
});
