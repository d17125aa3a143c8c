import * as v from 'valibot';
import { eventId } from './event.ts';
import type { EventId, InstanceId, ScheduledEvent, ScheduledEventState } from './event.ts';
import { describeIssue, formatTime } from './fields.ts';
import { firstOf, notActionable, poison } from './outcome.ts';
import type { ParseOutcome } from './outcome.ts';
import { keptText, oneLine } from './text.ts';

/** What EC2 says of an event that it has scheduled, in the instance's metadata and in its API. */
export interface ScheduledEventFields {
  /** Its `EventId`, the same in both. */
  readonly id: string;
  readonly code: string;
  readonly reason: string;
  readonly notBefore: Date;
  readonly notAfter: Date | undefined;
  readonly state: ScheduledEventState;
}

/** After these the instance's operating system has started anew. */
const RESTARTING_CODES: readonly string[] = [
  'instance-stop',
  'instance-retirement',
  'instance-reboot',
  'system-reboot',
  'system-maintenance',
];

/**
 * Maintenance is of the network or of the power, which only the description tells: the network comes back by itself, of the power the
 * instance restarts. What can't be told apart counts as a restart.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/schedevents_actions_maintenance.html
 */
function isNetworkMaintenance(code: string, reason: string): boolean {
  return code === 'system-maintenance' && /\bnetwork\b/i.test(reason) && !/\b(power|reboot)/i.test(reason);
}

/** Makes the event of one entry. */
export function scheduledEvent(fields: ScheduledEventFields, instanceId: InstanceId, now: Date): ScheduledEvent {
  const code = keptText(fields.code);
  const reason = oneLine(fields.reason);
  const { id, notBefore, notAfter, state } = fields;
  const start = formatTime(notBefore);
  const isOfNetwork = isNetworkMaintenance(code, reason);
  const when = notAfter === undefined ? `after ${start}` : `between ${start} and ${formatTime(notAfter)}`;
  return {
    kind: 'SCHEDULED_EVENT',
    id: eventId(id),
    monitor: 'SCHEDULED_EVENT_MONITOR',
    description: `${code} will occur ${when}${reason === '' ? '' : ` because ${reason}`}`,
    instanceId,
    noticedAt: now,
    startTime: notBefore,
    ...(notAfter !== undefined && { endTime: notAfter }),
    code,
    state,
    cause: { type: 'scheduled', eventId: keptText(id) },
    restartsHost: RESTARTING_CODES.includes(code) && !isOfNetwork,
    ...(isOfNetwork && { withoutEnd: 'network-maintenance' }),
  };
}

/**
 * Reads a list of entries. One that cannot be read takes no other with it. Of several entries of one event the newest counts: the list of past
 * events shows what was moved with each of its times.
 *
 * @param where - What the list is called in a reason.
 */
export function readEntries<T>(
  entries: readonly unknown[],
  entry: v.GenericSchema<unknown, T>,
  where: string,
  toEvent: (fields: T) => ScheduledEvent,
): ParseOutcome {
  const newest = new Map<EventId, ScheduledEvent>();
  const rejected: string[] = [];
  for (const [index, input] of entries.entries()) {
    const result = v.safeParse(entry, input, { abortEarly: true });
    if (!result.success) {
      rejected.push(describeIssue(result.issues[0], `${where}.${index}`));
      continue;
    }
    const event = toEvent(result.output);
    const other = newest.get(event.id);
    if (other === undefined || !isNewer(other, event)) newest.set(event.id, event);
  }
  const events = [...newest.values()];
  if (events.length > 0)
    return { status: 'events', events, ...(rejected.length > 0 && { rejected: firstOf(rejected) }) };
  const [first] = rejected;
  return first === undefined ? notActionable('no scheduled events') : poison(first);
}

/** Whether an event is later than another of its id: by its start, and of one start the one that is over, as nothing begins anew. */
function isNewer(one: ScheduledEvent, other: ScheduledEvent): boolean {
  const apart = one.startTime.getTime() - other.startTime.getTime();
  return apart > 0 || (apart === 0 && one.state !== 'active' && other.state === 'active');
}
