import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import { expect, it } from 'vitest';
import { Notices } from './notices.ts';

it('notices that are taken back are found, document by document', () => {
  const event = (id: string): InterruptionEvent => ({
    kind: 'REBALANCE_RECOMMENDATION',
    id: eventId(id),
    monitor: 'REBALANCE_RECOMMENDATION_MONITOR',
    description: '',
    instanceId: instanceId('i-1'),
    noticedAt: new Date(0),
    startTime: new Date(0),
  });
  const notices = new Notices();
  expect(notices.update('scheduled-events', [event('a'), event('b')]).gone).toEqual([]);
  expect(notices.update('spot-instance-action', [event('c')]).gone).toEqual([]);
  expect(notices.update('scheduled-events', [event('b')]).gone).toEqual(['a']);
  expect(notices.has(eventId('a'))).toBe(false);
  expect(notices.has(eventId('b'))).toBe(true);
  expect(notices.update('spot-instance-action', []).gone).toEqual(['c']);
});
