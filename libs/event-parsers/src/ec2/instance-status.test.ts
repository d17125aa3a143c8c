import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instanceId } from '../event.ts';
import { scheduledEvents, scheduledEventsSample } from '../imds/scheduled-events.ts';
import { anyText } from '../testing/any-text.ts';
import { eventOf, NOW } from '../testing/queue-bodies.ts';
import { instanceStatusSample, parseInstanceStatus } from './instance-status.ts';

const [entry] = instanceStatusSample.Events;

function parse(...Events: readonly unknown[]) {
  return parseInstanceStatus({ ...instanceStatusSample, Events }, NOW);
}

describe('an instance’s status', () => {
  it('has the same events as the instance’s own metadata', () => {
    const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now: NOW };
    const metadata = scheduledEvents.parse(JSON.stringify(scheduledEventsSample), context);
    expect(parseInstanceStatus(instanceStatusSample, NOW)).toEqual(metadata);
    expect(eventOf(metadata, 'SCHEDULED_EVENT').cause).toEqual({
      type: 'scheduled',
      eventId: 'instance-event-0d59937288b749b32',
    });
  });

  it.each([
    ['scheduled reboot', 'active'],
    ['[Completed] scheduled reboot', 'completed'],
    ['[Canceled] scheduled reboot', 'canceled'],
    ['[CANCELLED] scheduled reboot', 'canceled'],
    ['is not [Completed]', 'active'],
    [undefined, 'active'],
  ])('takes the state out of the description %j', (Description, state) => {
    expect(eventOf(parse({ ...entry, Description }), 'SCHEDULED_EVENT').state).toBe(state);
  });

  it('may have an event without an end', () => {
    expect(eventOf(parse({ ...entry, NotAfter: undefined }), 'SCHEDULED_EVENT')).not.toHaveProperty('endTime');
  });

  it('has all entries, and those that cannot be read take no other with them', () => {
    expect(
      parse(entry, { ...entry, NotBefore: 'soon' }, { ...entry, InstanceEventId: 'instance-event-2' }),
    ).toMatchObject({
      status: 'events',
      events: [{ id: 'instance-event-0d59937288b749b32' }, { id: 'instance-event-2' }],
      rejected: ['InstanceStatus.Events.1.NotBefore: is a string, not a time'],
    });
  });

  it.each([[], undefined])('is not actionable with the events %j', (Events) => {
    expect(parseInstanceStatus({ ...instanceStatusSample, Events }, NOW)).toEqual({
      status: 'not-actionable',
      reason: 'no scheduled events',
    });
  });

  it.each([
    [{ Events: [] }, 'InstanceStatus.InstanceId: is missing'],
    [
      { ...instanceStatusSample, Events: [{ ...entry, InstanceEventId: '' }] },
      'InstanceStatus.Events.0.InstanceEventId: is empty',
    ],
    [{ ...instanceStatusSample, Events: [{ ...entry, Code: undefined }] }, 'InstanceStatus.Events.0.Code: is missing'],
    [{ ...instanceStatusSample, Events: {} }, 'InstanceStatus.Events: is an object, not an array'],
    [
      { ...instanceStatusSample, Events: [{ ...entry, NotBefore: new Date(NaN) }] },
      'InstanceStatus.Events.0.NotBefore: is an object, not a time',
    ],
    [null, 'InstanceStatus: is null, not an object'],
  ])('is poison: %j', (status, reason) => {
    expect(parseInstanceStatus(status, NOW)).toEqual({ status: 'poison', reason });
  });

  it('never throws, and holds each description on one line', () => {
    const status = fc.record({
      InstanceId: fc.oneof(fc.constant('i-1'), anyText()),
      Events: fc.array(
        fc.record({ InstanceEventId: anyText(), Code: anyText(), Description: anyText(), NotBefore: fc.date() }),
      ),
    });
    fc.assert(
      fc.property(fc.oneof(status, fc.anything()), (input) => {
        const outcome = parseInstanceStatus(input, NOW);
        if (outcome.status !== 'events') return;
        for (const { description } of outcome.events) expect(description).toMatch(/^[^\p{Cc}\u2028\u2029]+$/u);
      }),
    );
  });
});
