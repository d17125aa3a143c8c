import * as v from 'valibot';

import { eventId } from '../event.ts';
import type { ScheduledEvent, ScheduledEventState } from '../event.ts';
import { describeIssue, requiredText, timeField, withFields, withJson } from '../fields.ts';
import { oneLine } from '../one-line.ts';
import { notActionable, poison } from '../outcome.ts';
import type { ParseOutcome } from '../outcome.ts';
import { formatTime, parseTime } from '../time.ts';
import type { ImdsContext, ImdsParser } from './imds-parser.ts';

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

const document = v.array(v.unknown());

const entry = v.object({
  NotBefore: timeField,
  NotAfter: v.optional(v.unknown()),
  Code: requiredText,
  Description: v.optional(v.unknown()),
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
export const scheduledEvents: ImdsParser = {
  path: `/latest/meta-data/${NAME}`,
  parse: (body, context) =>
    withJson(body, NAME, (value) => withFields(document, value, NAME, (entries) => parseEntries(entries, context))),
};

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
  const reason = typeof fields.Description === 'string' ? oneLine(fields.Description) : '';
  // An end nobody waits for is no reason to lose the notice.
  const endTime = typeof fields.NotAfter === 'string' ? parseTime(fields.NotAfter) : undefined;
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
    restartsHost: RESTARTING_CODES.includes(code),
  };
}

/** A state that is unknown or not given counts as the one that calls for action. */
function readState(text: string | undefined): ScheduledEventState {
  const word = text?.trim().toLowerCase();
  if (word === 'cancelled') return 'canceled';
  return word === 'completed' || word === 'canceled' ? word : 'active';
}
