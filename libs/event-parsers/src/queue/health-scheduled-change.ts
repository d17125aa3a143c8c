import * as v from 'valibot';
import { eventId, isInstanceId } from '../event.ts';
import type { InstanceId, ScheduledEvent, ScheduledEventState } from '../event.ts';
import {
  describeIssue,
  formatTime,
  lenientTimeField,
  optionalText,
  optionalWord,
  requiredWord,
  timeField,
  withFields,
} from '../fields.ts';
import { firstOf, notActionable, poison } from '../outcome.ts';
import { defineQueueParser } from '../parser.ts';
import type { Envelope } from '../parser.ts';
import { keptText, oneLine } from '../text.ts';

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

const healthKind = v.looseObject({ service: requiredWord, eventTypeCategory: requiredWord });

const scheduledChange = v.object({
  eventArn: optionalText,
  eventTypeCode: requiredWord,
  statusCode: optionalWord,
  startTime: v.nullish(timeField),
  endTime: lenientTimeField,
  affectedEntities: v.nullish(v.array(v.unknown()), []),
});

const entity = v.object({ entityValue: v.pipe(v.string(), v.trim()), status: optionalWord });

/** More entities of one message are not looked at: Health sends large changes in pages, and a body has room for thousands of made-up ones. */
const MAX_ENTITIES = 1_000;

type ScheduledChange = v.InferOutput<typeof scheduledChange>;

/**
 * Reads `AWS Health Event` as far as it is a scheduled change of EC2 instances: one event for each instance, also for those for which it is
 * over, with the whole change or by themselves.
 *
 * @see https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */
export const healthScheduledChange = defineQueueParser({
  sample: healthScheduledChangeSample,
  detail: healthKind,
  toOutcome(detail, envelope) {
    const { service, eventTypeCategory } = detail;
    if (service !== 'EC2') return notActionable(`AWS Health event of service "${oneLine(service, 64)}"`);
    if (eventTypeCategory !== 'scheduledChange') {
      return notActionable(`AWS Health event of category "${oneLine(eventTypeCategory, 64)}"`);
    }
    return withFields(scheduledChange, detail, 'detail', (change) => {
      const { states, rejected } = affectedInstances(change);
      const [first] = rejected;
      if (states.size === 0) {
        return first === undefined ? notActionable('AWS Health event affects no instance') : poison(first);
      }
      const events = [...states].map(([instance, state]) => toEvent(change, state, instance, envelope));
      return { status: 'events', events, ...(rejected.length > 0 && { rejected: firstOf(rejected) }) };
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
  const code = keptText(change.eventTypeCode);
  const hasStart = change.startTime !== undefined && change.startTime !== null;
  const withoutEnd = NETWORK_MAINTENANCE.test(code) ? 'network-maintenance' : hasStart ? undefined : 'no-start';
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
    ...(change.eventArn !== undefined && { cause: { type: 'health', eventArn: keptText(change.eventArn) } }),
    restartsHost: /REBOOT|POWER_MAINTENANCE/i.test(code),
    ...(withoutEnd !== undefined && { withoutEnd }),
  };
}

/** A status that is unknown or not given counts as the one that calls for action. */
function readState(statusCode: string | undefined): ScheduledEventState {
  const word = statusCode?.toLowerCase();
  return word === 'closed' || word === 'open' ? word : 'upcoming';
}

/** An instance's ARN, in any partition. @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-resources-for-iam-policies */
const INSTANCE_ARN = /^arn:[a-z0-9-]+:ec2:[a-z0-9-]*:\d*:instance\/(i-[0-9A-Za-z]{1,60})$/;

/** The instance that an entity names, by its id or its ARN: Health lists volumes, accounts and the like beside them. */
function instanceOf(entityValue: string): InstanceId | undefined {
  const id = INSTANCE_ARN.exec(entityValue)?.[1] ?? entityValue;
  return isInstanceId(id) ? id : undefined;
}

/** The instances with what the change means for each, and why other entities could not be understood. */
function affectedInstances({ affectedEntities, statusCode }: ScheduledChange): {
  readonly states: ReadonlyMap<InstanceId, ScheduledEventState>;
  readonly rejected: readonly string[];
} {
  const states = new Map<InstanceId, ScheduledEventState>();
  const rejected: string[] = [];
  for (const [index, input] of affectedEntities.slice(0, MAX_ENTITIES).entries()) {
    const result = v.safeParse(entity, input, { abortEarly: true });
    if (!result.success) {
      rejected.push(describeIssue(result.issues[0], `detail.affectedEntities.${index}`));
      continue;
    }
    const { entityValue, status } = result.output;
    const instance = instanceOf(entityValue);
    // One that is not impaired is listed, and not affected.
    if (instance === undefined || status === 'UNIMPAIRED') continue;
    const state = status === 'RESOLVED' ? 'closed' : readState(statusCode);
    // Named twice, it is over only if both say so.
    if (!states.has(instance) || state !== 'closed') states.set(instance, state);
  }
  const more = affectedEntities.length - MAX_ENTITIES;
  if (more > 0) rejected.push(`detail.affectedEntities: ${more} more than ${MAX_ENTITIES} are not looked at`);
  return { states, rejected };
}
