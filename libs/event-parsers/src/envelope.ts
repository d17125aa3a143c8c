import * as v from 'valibot';
import { lenientTimeField, optionalText, requiredText, timeField, withFields, withJson } from './fields.ts';
import { nameForeign } from './foreign.ts';
import { notActionable, poison } from './outcome.ts';
import type { ParseOutcome } from './outcome.ts';
import type { QueueParser } from './parser.ts';
import { fingerprint, oneLine } from './text.ts';

/** A topic delivers to a queue once; more layers than these are a loop or an attack. */
const MAX_SNS_LAYERS = 3;

const DIRECT_DETAIL_TYPES: ReadonlyMap<string, string> = new Map([
  ['autoscaling:EC2_INSTANCE_TERMINATING', 'EC2 Instance-terminate Lifecycle Action'],
  ['autoscaling:EC2_INSTANCE_LAUNCHING', 'EC2 Instance-launch Lifecycle Action'],
]);

/**
 * The body an Auto Scaling group sends to a queue that it notifies itself.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html
 */
export const directAutoScalingSample = {
  Service: 'AWS Auto Scaling',
  Time: '2026-01-02T03:04:05.123Z',
  RequestId: '3a26f3ad-2b2c-4d2a-8f0e-9f1b2c3d4e5f',
  LifecycleActionToken: '0befcbdb-6ecd-498a-9ff7-ae9b54447cd6',
  AccountId: '123456789012',
  AutoScalingGroupName: 'workers',
  LifecycleHookName: 'drain-first',
  EC2InstanceId: 'i-0633ac2b0d9769723',
  LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  NotificationMetadata: null,
  Origin: 'AutoScalingGroup',
  Destination: 'EC2',
};

/**
 * The body an SNS topic without raw delivery puts around a message.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export const snsNotificationSample = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: 'arn:aws:sns:us-east-1:123456789012:node-termination',
  Message: JSON.stringify(directAutoScalingSample),
  Timestamp: '2026-01-02T03:04:05.678Z',
};

const anyObject = v.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const eventBridgeKind = v.object({ source: v.string(), 'detail-type': v.string() });

/** @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const eventBridgeEnvelope = v.object({
  id: requiredText,
  time: v.optional(timeField),
  detail: v.unknown(),
});

/** What tells the notifications of Auto Scaling apart. */
export const notificationKind = v.object({
  Event: v.nullish(v.string()),
  LifecycleTransition: v.nullish(v.string()),
});

/** Whether a notification is what Auto Scaling sends to see whether it may send. */
export function isTest({ Event, LifecycleTransition }: v.InferOutput<typeof notificationKind>): boolean {
  return [Event, LifecycleTransition].includes('autoscaling:TEST_NOTIFICATION');
}

/**
 * None of these is needed: a rule of EventBridge may pass the `detail` on alone.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
const directEnvelope = v.looseObject({
  RequestId: optionalText,
  LifecycleActionToken: optionalText,
  Time: lenientTimeField,
});

/** What tells one action from another where it has neither request nor token. */
const ACTION_FIELDS = ['AutoScalingGroupName', 'LifecycleHookName', 'EC2InstanceId', 'LifecycleTransition'];

const snsNotification = v.object({ Type: v.optional(v.string(), 'Notification'), Message: v.string() });

/** Finds who reads notices of a source and detail-type; notices that nobody reads are not looked into any further. */
export type FindParser = (source: string, detailType: string) => Pick<QueueParser, 'parse'> | undefined;

/** The moments that a notice may not say itself. */
export interface Clocks {
  readonly now: Date;
  /** When the message was put into the queue. */
  readonly sentAt: Date;
}

/**
 * Opens the body of a queue message and has the notice in it read.
 *
 * Takes EventBridge events, notifications that an Auto Scaling group sends straight to the queue, and either of them wrapped by SNS.
 */
export function openEnvelope(body: string, { now, sentAt }: Clocks, findParser: FindParser): ParseOutcome {
  return openLayer(body, 'body', 0);

  function openLayer(text: string, where: string, layer: number): ParseOutcome {
    return withJson(text, where, (value) =>
      withFields(anyObject, value, where, (fields) => {
        if (Object.hasOwn(fields, 'detail-type')) return openEventBridge(value);
        if (isFromGroup(fields)) return openDirect(value);
        if (!Object.hasOwn(fields, 'Message')) {
          const foreign = nameForeign(fields);
          if (foreign !== undefined) return notActionable(foreign);
          return poison(`${where}: is neither an EventBridge event, nor an Auto Scaling or SNS notification`);
        }
        return withFields(snsNotification, value, '', ({ Type, Message }) => {
          if (Type !== 'Notification') return notActionable(`SNS message of type "${oneLine(Type, 64)}"`);
          if (layer >= MAX_SNS_LAYERS) return poison(`Message: is wrapped by SNS more than ${MAX_SNS_LAYERS} times`);
          return openLayer(Message, 'Message', layer + 1);
        });
      }),
    );
  }

  function openEventBridge(value: unknown): ParseOutcome {
    return withFields(eventBridgeKind, value, '', ({ source, 'detail-type': detailType }) => {
      const parser = findParser(source, detailType);
      if (parser === undefined) {
        return notActionable(
          `source "${oneLine(source, 64)}" with detail-type "${oneLine(detailType, 128)}" is not handled`,
        );
      }
      return withFields(eventBridgeEnvelope, value, '', ({ id, time = sentAt, detail }) =>
        parser.parse({ id, time, detail, now }),
      );
    });
  }

  function openDirect(value: unknown): ParseOutcome {
    return withFields(notificationKind, value, '', (kind) => {
      if (isTest(kind)) return notActionable('Auto Scaling test notification');
      const word = kind.LifecycleTransition ?? kind.Event ?? '';
      const parser = findParser('aws.autoscaling', DIRECT_DETAIL_TYPES.get(word) ?? '');
      if (parser === undefined) return notActionable(`Auto Scaling notification "${oneLine(word, 64)}"`);
      return withFields(
        directEnvelope,
        value,
        '',
        ({ RequestId, LifecycleActionToken, Time: time = sentAt, ...rest }) =>
          parser.parse({ id: RequestId ?? LifecycleActionToken ?? nameAction(rest, time), time, detail: value, now }),
      );
    });
  }
}

/** Whether a notification is of an Auto Scaling group; others have an `Event`, too. */
function isFromGroup(fields: object): boolean {
  if (Object.hasOwn(fields, 'LifecycleTransition')) return true;
  return 'Event' in fields && (typeof fields.Event !== 'string' || fields.Event.startsWith('autoscaling:'));
}

/** Names it before its fields are looked at: one that is no text has no part in the name, and cannot be turned into one without risk. */
function nameAction(fields: Readonly<Record<string, unknown>>, time: Date): string {
  const texts = ACTION_FIELDS.map((name) => {
    const value = fields[name];
    return typeof value === 'string' ? value : '';
  });
  return fingerprint(...texts, time.toISOString());
}
