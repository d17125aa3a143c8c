import { describe, expect, it } from 'vitest';
import { instanceId } from '../event.ts';
import { eventOf, eventsOf, NOW } from '../testing/queue-bodies.ts';
import { scheduledEvents, scheduledEventsSample } from './scheduled-events.ts';

const context = { instanceId: instanceId('i-0b662ef9931388ba0'), now: NOW };
const [entry] = scheduledEventsSample;

function parse(...entries: readonly unknown[]) {
  return scheduledEvents.parse(JSON.stringify(entries), context);
}

describe('events/maintenance/scheduled', () => {
  it('becomes an event named by its own id', () => {
    expect(parse(entry)).toEqual({
      status: 'events',
      events: [
        {
          kind: 'SCHEDULED_EVENT',
          id: 'instance-event-0d59937288b749b32',
          monitor: 'SCHEDULED_EVENT_MONITOR',
          description:
            'system-reboot will occur between 2026-01-21 09:00:43 +0000 UTC and 2026-01-21 09:17:23 +0000 UTC because scheduled reboot',
          instanceId: 'i-0b662ef9931388ba0',
          noticedAt: NOW,
          startTime: new Date('2026-01-21T09:00:43Z'),
          endTime: new Date('2026-01-21T09:17:23Z'),
          code: 'system-reboot',
          state: 'active',
          cause: { type: 'scheduled', eventId: 'instance-event-0d59937288b749b32' },
          restartsHost: true,
        },
      ],
    });
  });

  it.each([undefined, '', 'later', null, 5])('may end at any time when NotAfter is %j', (NotAfter) => {
    const event = eventOf(parse({ ...entry, NotAfter }), 'SCHEDULED_EVENT');
    expect(event).not.toHaveProperty('endTime');
    expect(event.description).toBe(
      'system-reboot will occur after 2026-01-21 09:00:43 +0000 UTC because scheduled reboot',
    );
  });

  it.each([undefined, '', 7])('gives no reason when the description is %j', (Description) => {
    expect(eventOf(parse({ ...entry, NotAfter: '', Description }), 'SCHEDULED_EVENT').description).toBe(
      'system-reboot will occur after 2026-01-21 09:00:43 +0000 UTC',
    );
  });

  it('holds its description on one line', () => {
    const event = eventOf(parse({ ...entry, Description: '[Completed]\r\n  reboot\u2029' }), 'SCHEDULED_EVENT');
    expect(event.description).toMatch(/ because \[Completed\] reboot$/);
  });

  it.each([
    ['active', 'active'],
    ['completed', 'completed'],
    ['canceled', 'canceled'],
    ['Cancelled ', 'canceled'],
    ['pending', 'active'],
    [undefined, 'active'],
  ])('takes state %s for %s', (State, state) => {
    expect(eventOf(parse({ ...entry, State }), 'SCHEDULED_EVENT').state).toBe(state);
  });

  it.each([
    ['instance-stop', true],
    ['instance-retirement', true],
    ['instance-reboot', true],
    ['system-reboot', true],
    ['system-maintenance', true],
    ['something-new', false],
  ])('with code %s restarts the host: %s', (Code, restartsHost) => {
    expect(eventOf(parse({ ...entry, Code }), 'SCHEDULED_EVENT').restartsHost).toBe(restartsHost);
  });

  it.each([
    ['scheduled network maintenance', false, 'network-maintenance'],
    ['[Completed] Network maintenance', false, 'network-maintenance'],
    ['scheduled power maintenance', true, undefined],
    ['network and power maintenance', true, undefined],
    ['maintenance', true, undefined],
    ['', true, undefined],
  ])('tells maintenance of the network by its description: %s', (Description, restartsHost, withoutEnd) => {
    const event = eventOf(parse({ ...entry, Code: 'system-maintenance', Description }), 'SCHEDULED_EVENT');
    expect([event.restartsHost, event.withoutEnd]).toEqual([restartsHost, withoutEnd]);
    const reboot = eventOf(parse({ ...entry, Description }), 'SCHEDULED_EVENT');
    expect(reboot).not.toHaveProperty('withoutEnd');
  });

  it('lists all entries, and those that cannot be read take no other with them', () => {
    const outcome = parse(
      entry,
      'nonsense',
      { ...entry, EventId: 'instance-event-2', State: 'canceled' },
      { ...entry, EventId: '' },
    );
    expect(outcome).toMatchObject({
      status: 'events',
      events: [{ state: 'active' }, { id: 'instance-event-2', state: 'canceled' }],
      rejected: [
        'events/maintenance/scheduled.1: is a string, not an object',
        'events/maintenance/scheduled.3.EventId: is empty',
      ],
    });
  });

  it('counts the newest state of an event that is listed more than once (A23)', () => {
    const moved = { ...entry, NotBefore: '29 Jan 2026 09:00:43 GMT', NotAfter: '29 Jan 2026 09:17:23 GMT' };
    const canceled = { ...entry, State: 'canceled', Description: '[Canceled] scheduled reboot' };
    const completed = { ...moved, State: 'completed', Description: '[Completed] scheduled reboot' };
    const states = (...entries: readonly unknown[]) => {
      const outcome = parse(...entries);
      return eventsOf(outcome, 'SCHEDULED_EVENT').map(({ state, startTime }) => [state, startTime.getUTCDate()]);
    };
    expect(states(canceled, completed)).toEqual([['completed', 29]]);
    expect(states(completed, canceled)).toEqual([['completed', 29]]);
    expect(states(canceled, moved)).toEqual([['active', 29]]);
    expect(states(moved, canceled)).toEqual([['active', 29]]);
    expect(states(moved, completed)).toEqual([['completed', 29]]);
    expect(states(completed, moved)).toEqual([['completed', 29]]);
    expect(states(completed, { ...canceled, EventId: 'instance-event-2' })).toHaveLength(2);
  });

  it('is not actionable when it is empty', () => {
    expect(parse()).toEqual({ status: 'not-actionable', reason: 'no scheduled events' });
  });

  it.each([
    ['{}', 'events/maintenance/scheduled: is an object, not an array'],
    ['[{}]', 'events/maintenance/scheduled.0.NotBefore: is missing'],
    ['[{"NotBefore":"31 Feb 2026 09:00:43 GMT"}]', 'events/maintenance/scheduled.0.NotBefore: is not a time'],
    [
      '[{"NotBefore":"1 Feb 2026 09:00:43 GMT","Code":1}]',
      'events/maintenance/scheduled.0.Code: is a number, not a string',
    ],
    ['<html>', 'events/maintenance/scheduled: is not JSON'],
  ])('is poison: %s', (body, reason) => {
    expect(scheduledEvents.parse(body, context)).toEqual({ status: 'poison', reason });
  });
});
