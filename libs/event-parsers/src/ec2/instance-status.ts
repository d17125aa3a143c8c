import * as v from 'valibot';
import type { ScheduledEventState } from '../event.ts';
import { instanceIdField, requiredText, requiredWord, withFields } from '../fields.ts';
import type { ParseOutcome } from '../outcome.ts';
import { readEntries, scheduledEvent } from '../scheduled-event.ts';

/** One instance's status as the SDK shows it, with an event that is scheduled. */
export const instanceStatusSample = {
  InstanceId: 'i-0b662ef9931388ba0',
  AvailabilityZone: 'us-east-1a',
  InstanceState: { Code: 16, Name: 'running' },
  Events: [
    {
      InstanceEventId: 'instance-event-0d59937288b749b32',
      Code: 'system-reboot',
      Description: 'scheduled reboot',
      NotBefore: new Date('2026-01-21T09:00:43Z'),
      NotAfter: new Date('2026-01-21T09:17:23Z'),
      NotBeforeDeadline: new Date('2026-01-28T09:00:43Z'),
    },
  ],
};

const NAME = 'InstanceStatus';

const instanceStatus = v.object({ InstanceId: instanceIdField, Events: v.optional(v.array(v.unknown()), []) });

const time = v.date('is not a time');

const entry = v.object({
  InstanceEventId: requiredText,
  Code: requiredWord,
  Description: v.fallback(v.string(), ''),
  NotBefore: time,
  NotAfter: v.fallback(v.optional(time), undefined),
});

/**
 * Reads the scheduled events of one instance out of an answer of `DescribeInstanceStatus`, as the AWS SDK gives it: one event for each entry,
 * also for those that are completed or canceled. They have the ids, and all else, of the same events in the instance's metadata.
 *
 * An entry that cannot be read takes no other entry with it.
 *
 * @param status - An `InstanceStatus`.
 * @param now - The clock.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusEvent.html
 */
export function parseInstanceStatus(status: unknown, now: Date): ParseOutcome {
  return withFields(instanceStatus, status, NAME, ({ InstanceId, Events }) =>
    readEntries(Events, entry, `${NAME}.Events`, (fields) =>
      scheduledEvent(
        {
          id: fields.InstanceEventId,
          code: fields.Code,
          reason: fields.Description,
          notBefore: fields.NotBefore,
          notAfter: fields.NotAfter,
          state: readState(fields.Description),
        },
        InstanceId,
        now,
      ),
    ),
  );
}

/** EC2 shows an event for up to a week after its end, and only its description says that it is over. */
function readState(description: string): ScheduledEventState {
  const word = /^\s*\[(completed|cancell?ed)\]/i.exec(description)?.[1]?.toLowerCase();
  if (word === undefined) return 'active';
  return word === 'completed' ? 'completed' : 'canceled';
}
