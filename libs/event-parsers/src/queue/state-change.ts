import * as v from 'valibot';
import { eventId } from '../event.ts';
import type { StateChange } from '../event.ts';
import { formatTime, instanceIdField, requiredWord } from '../fields.ts';
import { notActionable, parsedEvents } from '../outcome.ts';
import { defineQueueParser } from '../parser.ts';
import { oneLine } from '../text.ts';

/** A change of state as EventBridge delivers it. */
export const stateChangeSample = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-01-02T03:04:05Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-0b662ef9931388ba0'],
  detail: { 'instance-id': 'i-0b662ef9931388ba0', state: 'shutting-down' },
};

/**
 * Reads `EC2 Instance State-change Notification`; states on the way down, and `running`; `pending` leads to nothing.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
 */
export const stateChange = defineQueueParser({
  sample: stateChangeSample,
  detail: v.object({ 'instance-id': instanceIdField, state: requiredWord }),
  toOutcome({ 'instance-id': instanceId, state: word }, { id, time, now }) {
    const state = word.toLowerCase();
    const notice = {
      id: eventId(`ec2-state-change-event-${id}`),
      monitor: 'SQS_MONITOR',
      description: `EC2 State Change event received. Instance ${instanceId} went into ${state} at ${formatTime(time)}`,
      instanceId,
      noticedAt: time,
      startTime: now,
    } as const;
    if (state === 'running') return parsedEvents({ ...notice, kind: 'INSTANCE_RUNNING', state });
    if (endsTheInstance(state)) return parsedEvents({ ...notice, kind: 'STATE_CHANGE', state });
    return notActionable(`instance state "${oneLine(state, 64)}" needs no action`);
  },
});

function endsTheInstance(state: string): state is StateChange['state'] {
  return state === 'stopping' || state === 'stopped' || state === 'shutting-down' || state === 'terminated';
}
