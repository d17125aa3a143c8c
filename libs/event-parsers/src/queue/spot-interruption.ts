import * as v from 'valibot';
import { eventId } from '../event.ts';
import { addSeconds, formatTime, instanceIdField, requiredWord } from '../fields.ts';
import { parsedEvents } from '../outcome.ts';
import { defineQueueParser } from '../parser.ts';
import { keptText } from '../text.ts';

/** EC2 interrupts a Spot Instance two minutes after it warned of it. */
const SPOT_WARNING_SECONDS = 120;

/** A warning as EventBridge delivers it. */
export const spotInterruptionSample = {
  version: '0',
  id: '1e5527d7-bb36-4607-3370-4164db56a40e',
  'detail-type': 'EC2 Spot Instance Interruption Warning',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1b:instance/i-0b662ef9931388ba0'],
  detail: { 'instance-id': 'i-0b662ef9931388ba0', 'instance-action': 'terminate' },
};

/**
 * Reads `EC2 Spot Instance Interruption Warning`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html#ec2-spot-instance-interruption-warning-event
 */
export const spotInterruption = defineQueueParser({
  sample: spotInterruptionSample,
  detail: v.object({ 'instance-id': instanceIdField, 'instance-action': requiredWord }),
  toOutcome({ 'instance-id': instanceId, 'instance-action': action }, { id, time }) {
    const startTime = addSeconds(time, SPOT_WARNING_SECONDS);
    return parsedEvents({
      kind: 'SPOT_ITN',
      id: eventId(`spot-itn-event-${id}`),
      monitor: 'SQS_MONITOR',
      description: `Spot Interruption event received. Instance ${instanceId} will be interrupted at ${formatTime(startTime)}`,
      instanceId,
      noticedAt: time,
      startTime,
      action: keptText(action),
    });
  },
});
