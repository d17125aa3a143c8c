import * as v from 'valibot';
import type { ScheduledEventState } from '../event.ts';
import { lenientTimeField, optionalWord, requiredText, requiredWord, timeField } from '../fields.ts';
import { defineImdsParser } from '../parser.ts';
import { readEntries, scheduledEvent } from '../scheduled-event.ts';

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
  Code: requiredWord,
  Description: v.fallback(v.string(), ''),
  EventId: requiredText,
  State: optionalWord,
});

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
  toOutcome: (entries, { instanceId, now }) =>
    readEntries(entries, entry, NAME, (fields) =>
      scheduledEvent(
        {
          id: fields.EventId,
          code: fields.Code,
          reason: fields.Description,
          notBefore: fields.NotBefore,
          notAfter: fields.NotAfter,
          state: readState(fields.State),
        },
        instanceId,
        now,
      ),
    ),
});

/** A state that is unknown or not given counts as the one that calls for action. */
function readState(text: string | undefined): ScheduledEventState {
  const word = text?.toLowerCase();
  if (word === 'cancelled') return 'canceled';
  return word === 'completed' || word === 'canceled' ? word : 'active';
}
