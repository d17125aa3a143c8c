import * as v from 'valibot';
import { eventId } from '../event.ts';
import type { ScheduledEvent, ScheduledEventState } from '../event.ts';
import { describeIssue, formatTime, lenientTimeField, requiredText, timeField } from '../fields.ts';
import { notActionable, poison } from '../outcome.ts';
import type { ParseOutcome } from '../outcome.ts';
import { defineImdsParser } from '../parser.ts';
import type { ImdsContext } from '../parser.ts';
import { oneLine } from '../text.ts';

/** The document as instance metadata shows it. */
export const scheduledEventsSample = [
  {
    NotBefore: '21 Jan 2026 09:00:43 GMT',
    NotAfter: '21 Jan 2026 09:17:23 GMT',
    Code: 'system-reboot',
    Description: 'scheduled reboot',
    EventId: 'instance-event-0d59937288b749b32',
    State: 'active',
  },
];

const NAME = 'events/maintenance/scheduled';

const entry = v.object({
  NotBefore: timeField,
  NotAfter: lenientTimeField,
  Code: requiredText,
  Description: v.fallback(v.string(), ''),
  EventId: requiredText,
  State: v.optional(v.string()),
});

type Entry = v.InferOutput<typeof entry>;

/** After these the instance's operating system has started anew; `system-maintenance` leaves it running. */
const RESTARTING_CODES: readonly string[] = [
  'instance-stop',
  'instance-retirement',
  'instance-reboot',
  'system-reboot',
];

/**
 * Reads `events/maintenance/scheduled`: one event for each entry, also for those that are completed or canceled.
 *
 * An entry that cannot be read takes no other entry with it.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_scheduled_events.html
 */
export const scheduledEvents = defineImdsParser({
  name: NAME,
  document: v.array(v.unknown()),
  toOutcome: parseEntries,
});

function parseEntries(entries: readonly unknown[], context: ImdsContext): ParseOutcome {
  const events: ScheduledEvent[] = [];
  const rejected: string[] = [];
  for (const [index, input] of entries.entries()) {
    const result = v.safeParse(entry, input, { abortEarly: true });
    if (result.success) events.push(toEvent(result.output, context));
    else rejected.push(describeIssue(result.issues[0], `${NAME}.${index}`));
  }
  if (events.length > 0) return { status: 'events', events, ...(rejected.length > 0 && { rejected }) };
  const [first] = rejected;
  return first === undefined ? notActionable('no scheduled events') : poison(first);
}

function toEvent(fields: Entry, { instanceId, now }: ImdsContext): ScheduledEvent {
  const code = oneLine(fields.Code, 128);
  const reason = oneLine(fields.Description);
  const endTime = fields.NotAfter;
  const start = formatTime(fields.NotBefore);
  const when = endTime === undefined ? `after ${start}` : `between ${start} and ${formatTime(endTime)}`;
  return {
    kind: 'SCHEDULED_EVENT',
    id: eventId(fields.EventId),
    monitor: 'SCHEDULED_EVENT_MONITOR',
    description: `${code} will occur ${when}${reason === '' ? '' : ` because ${reason}`}`,
    instanceId,
    noticedAt: now,
    startTime: fields.NotBefore,
    ...(endTime !== undefined && { endTime }),
    code,
    state: readState(fields.State),
    cause: { type: 'scheduled', eventId: fields.EventId },
    restartsHost: RESTARTING_CODES.includes(code),
  };
}

/** A state that is unknown or not given counts as the one that calls for action. */
function readState(text: string | undefined): ScheduledEventState {
  const word = text?.trim().toLowerCase();
  if (word === 'cancelled') return 'canceled';
  return word === 'completed' || word === 'canceled' ? word : 'active';
}
