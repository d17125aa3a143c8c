import * as v from 'valibot';
import { eventId } from '../event.ts';
import { addSeconds, formatTime, requiredWord, timeField } from '../fields.ts';
import { parsedEvents } from '../outcome.ts';
import { defineImdsParser } from '../parser.ts';
import { fingerprint, keptText } from '../text.ts';

/** The document appears two minutes before the instance is interrupted. */
const WARNING_SECONDS = 120;

/** The document as instance metadata shows it. */
export const spotInstanceActionSample = { action: 'terminate', time: '2026-01-02T03:04:05Z' };

/**
 * Reads `spot/instance-action`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html#instance-action-metadata
 */
export const spotInstanceAction = defineImdsParser({
  name: 'spot/instance-action',
  document: v.object({ action: requiredWord, time: timeField }),
  toOutcome: ({ action, time }, { instanceId }) =>
    parsedEvents({
      kind: 'SPOT_ITN',
      id: eventId(`spot-itn-${fingerprint('SPOT_ITN', instanceId, action, time.toISOString())}`),
      monitor: 'SPOT_ITN_MONITOR',
      description: `Spot ITN received. Instance will be interrupted at ${formatTime(time)}`,
      instanceId,
      noticedAt: addSeconds(time, -WARNING_SECONDS),
      startTime: time,
      action: keptText(action),
    }),
});
