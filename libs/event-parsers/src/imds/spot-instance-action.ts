import * as v from 'valibot';

import { eventId } from '../event.ts';
import { requiredText, timeField, withFields, withJson } from '../fields.ts';
import { fingerprint } from '../fingerprint.ts';
import { oneLine } from '../one-line.ts';
import { parsedEvents } from '../outcome.ts';
import { addSeconds, formatTime } from '../time.ts';
import type { ImdsParser } from './imds-parser.ts';

/** The document appears two minutes before the instance is interrupted. */
const WARNING_SECONDS = 120;

/** The document as instance metadata shows it. */
export const spotInstanceActionSample = { action: 'terminate', time: '2026-01-02T03:04:05Z' };

const document = v.object({ action: requiredText, time: timeField });

/**
 * Reads `spot/instance-action`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html#instance-action-metadata
 */
export const spotInstanceAction: ImdsParser = {
  path: '/latest/meta-data/spot/instance-action',
  parse: (body, { instanceId }) =>
    withJson(body, 'spot/instance-action', (value) =>
      withFields(document, value, 'spot/instance-action', ({ action, time }) =>
        parsedEvents({
          kind: 'SPOT_ITN',
          id: eventId(`spot-itn-${fingerprint('SPOT_ITN', instanceId, action, time.toISOString())}`),
          monitor: 'SPOT_ITN_MONITOR',
          description: `Spot ITN received. Instance will be interrupted at ${formatTime(time)}`,
          instanceId,
          noticedAt: addSeconds(time, -WARNING_SECONDS),
          startTime: time,
          action: oneLine(action, 64),
        }),
      ),
    ),
};
