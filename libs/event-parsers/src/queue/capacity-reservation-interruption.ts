import * as v from 'valibot';
import { eventId } from '../event.ts';
import { addSeconds, formatTime, instanceIdField, lenientTimeField, requiredWord } from '../fields.ts';
import { parsedEvents } from '../outcome.ts';
import { defineQueueParser } from '../parser.ts';
import type { QueueParser } from '../parser.ts';
import { keptText } from '../text.ts';

/** EC2 ends an instance of an interruptible reservation two minutes after it warned of it. */
const CAPACITY_RESERVATION_WARNING_SECONDS = 120;

/** A warning as EventBridge delivers it. */
export const capacityReservationInterruptionSample = {
  version: '0',
  id: '12345678-1234-1234-1234-123456789012',
  'detail-type': 'EC2 Capacity Reservation Instance Interruption Warning',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-0b662ef9931388ba0'],
  detail: {
    'instance-id': 'i-0b662ef9931388ba0',
    'instance-action': 'terminate',
    'instance-termination-time': '2026-01-02T03:06:05Z',
    azId: 'use1-az1',
  },
};

/**
 * Reads `EC2 Capacity Reservation Instance Interruption Warning`.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-interruptible-cr.html
 */
export const capacityReservationInterruption = defineQueueParser({
  sample: capacityReservationInterruptionSample,
  detail: v.object({
    'instance-id': instanceIdField,
    'instance-action': requiredWord,
    'instance-termination-time': lenientTimeField,
  }),
  toOutcome(detail, { id, time }) {
    const { 'instance-id': instanceId, 'instance-action': action } = detail;
    const startTime = detail['instance-termination-time'] ?? addSeconds(time, CAPACITY_RESERVATION_WARNING_SECONDS);
    return parsedEvents({
      kind: 'CAPACITY_RESERVATION_ITN',
      id: eventId(`capacity-reservation-itn-event-${id}`),
      monitor: 'SQS_MONITOR',
      description: `Capacity Reservation Interruption event received. Instance ${instanceId} will be interrupted at ${formatTime(startTime)}`,
      instanceId,
      noticedAt: time,
      startTime,
      action: keptText(action),
    });
  },
});

/** The same warning by the other of the two names that editions of its page give it; its `resources` is a text there. */
export const interruptibleCapacityReservationInterruptionSample = {
  ...capacityReservationInterruptionSample,
  'detail-type': 'EC2 Interruptible Capacity Reservation Instance Interruption Warning',
  resources: 'arn:aws:ec2:us-east-1:123456789012:instance/i-0b662ef9931388ba0',
};

/** Reads the same warning by its other name. */
export const interruptibleCapacityReservationInterruption: QueueParser = {
  ...capacityReservationInterruption,
  detailType: interruptibleCapacityReservationInterruptionSample['detail-type'],
};
