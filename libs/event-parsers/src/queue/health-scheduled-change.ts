import * as v from 'valibot';
import { eventId, isInstanceId } from '../event.ts';
import type { InstanceId, ScheduledEvent, ScheduledEventState } from '../event.ts';
import { formatTime, lenientTimeField, requiredText, timeField, withFields } from '../fields.ts';
import { notActionable, parsedEvents } from '../outcome.ts';
import { defineQueueParser } from '../parser.ts';
import type { Envelope } from '../parser.ts';
import { oneLine } from '../text.ts';

/** A scheduled change as EventBridge delivers it. */
export const healthScheduledChangeSample = {
  version: '0',
  id: '7fb65329-1628-4cf3-a740-95fg457h1402',
  'detail-type': 'AWS Health Event',
  source: 'aws.health',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['i-0b662ef9931388ba0', 'i-0633ac2b0d9769723'],
  detail: {
    eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED/1',
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED',
    eventTypeCategory: 'scheduledChange',
    statusCode: 'upcoming',
    startTime: 'Fri, 09 Jan 2026 15:10:09 GMT',
    endTime: 'Fri, 09 Jan 2026 17:10:09 GMT',
    eventDescription: [{ language: 'en_US', latestDescription: 'A description of the event will be provided here' }],
    affectedEntities: [
      { entityValue: 'i-0b662ef9931388ba0', tags: { stage: 'prod' } },
      { entityValue: 'i-0633ac2b0d9769723' },
    ],
  },
};

const healthKind = v.looseObject({ service: v.string(), eventTypeCategory: v.string() });

const scheduledChange = v.object({
  eventArn: v.fallback(v.optional(requiredText), undefined),
  eventTypeCode: requiredText,
  statusCode: v.optional(v.string()),
  startTime: v.optional(timeField),
  endTime: lenientTimeField,
  affectedEntities: v.array(v.object({ entityValue: v.string(), status: v.optional(v.unknown()) })),
});

type ScheduledChange = v.InferOutput<typeof scheduledChange>;

/**
 * Reads `AWS Health Event` as far as it is a scheduled change of EC2 instances: one event for each instance, also for those for which it is
 * over, with the whole change or by themselves.
 *
 * @see https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */
export const healthScheduledChange = defineQueueParser({
  source: 'aws.health',
  detailType: 'AWS Health Event',
  version: '0',
  detail: healthKind,
  toOutcome(detail, envelope) {
    const { service, eventTypeCategory } = detail;
    if (service !== 'EC2') return notActionable(`AWS Health event of service "${oneLine(service, 64)}"`);
    if (eventTypeCategory !== 'scheduledChange') {
      return notActionable(`AWS Health event of category "${oneLine(eventTypeCategory, 64)}"`);
    }
    return withFields(scheduledChange, detail, 'detail', (change) => {
      const instances = affectedInstances(change);
      if (instances.size === 0) return notActionable('AWS Health event affects no instance');
      return parsedEvents(...[...instances].map(([instance, state]) => toEvent(change, state, instance, envelope)));
    });
  },
});

/** The instance loses its network for a while, and goes on: `AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED`, and that of its host. */
const NETWORK_MAINTENANCE = /NETWORK_MAINTENANCE/i;

function toEvent(
  change: ScheduledChange,
  state: ScheduledEventState,
  instance: InstanceId,
  { id, time }: Envelope,
): ScheduledEvent {
  const code = oneLine(change.eventTypeCode, 128);
  const withoutEnd = NETWORK_MAINTENANCE.test(code)
    ? 'network-maintenance'
    : change.startTime === undefined
      ? 'no-start'
      : undefined;
  // A change that does not say when it starts may start at once.
  const startTime = change.startTime ?? time;
  const what =
    state === 'closed'
      ? `The event is over for instance ${instance}`
      : `Instance ${instance} will be interrupted at ${formatTime(startTime)}`;
  return {
    kind: 'SCHEDULED_EVENT',
    id: eventId(`aws-health-scheduled-change-event-${id}-${instance}`),
    monitor: 'SQS_MONITOR',
    description: `AWS Health scheduled change event received. ${what} (${code})`,
    instanceId: instance,
    noticedAt: time,
    startTime,
    ...(change.endTime !== undefined && { endTime: change.endTime }),
    code,
    state,
    ...(change.eventArn !== undefined && { cause: { type: 'health', eventArn: change.eventArn } }),
    restartsHost: /REBOOT|POWER_MAINTENANCE/i.test(code),
    ...(withoutEnd !== undefined && { withoutEnd }),
  };
}

/** A status that is unknown or not given counts as the one that calls for action. */
function readState(statusCode: string | undefined): ScheduledEventState {
  const word = statusCode?.toLowerCase();
  return word === 'closed' || word === 'open' ? word : 'upcoming';
}

/** The instances with what the change means for each: Health lists volumes, accounts and the like beside them. */
function affectedInstances({ affectedEntities, statusCode }: ScheduledChange): Map<InstanceId, ScheduledEventState> {
  const states = new Map<InstanceId, ScheduledEventState>();
  for (const { entityValue, status } of affectedEntities) {
    if (!isInstanceId(entityValue)) continue;
    const state = status === 'RESOLVED' ? 'closed' : readState(statusCode);
    // Named twice, it is over only if both say so.
    if (!states.has(entityValue) || state !== 'closed') states.set(entityValue, state);
  }
  return states;
}
