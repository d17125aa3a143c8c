import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it } from 'vitest';
import { rebalanceAction, watchedDocuments } from './documents.ts';
import { Notices } from './notices.ts';
import { rebootWish } from './uncordon-after-reboot.ts';
import { parseUptime } from './uptime.ts';

function settings(env: Readonly<Record<string, string>> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', ...env } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  return parsed.settings;
}

describe('the documents', () => {
  const names = (env?: Readonly<Record<string, string>>) => watchedDocuments(settings(env)).map(({ name }) => name);

  it('are watched as the settings say', () => {
    expect(names()).toEqual(['spot-instance-action', 'scheduled-events']);
    expect(names({ ENABLE_SPOT_INTERRUPTION_DRAINING: 'false', ENABLE_ASG_LIFECYCLE_DRAINING: 'true' })).toEqual([
      'target-lifecycle-state',
      'scheduled-events',
    ]);
    expect(names({ ENABLE_REBALANCE_MONITORING: 'true' })).toContain('rebalance-recommendation');
  });
});

it('a rebalance recommendation is ignored, cordoned or drained as the settings say', () => {
  expect(rebalanceAction(settings())).toBe('none');
  expect(rebalanceAction(settings({ ENABLE_REBALANCE_MONITORING: 'true' }))).toBe('cordon');
  expect(rebalanceAction(settings({ ENABLE_REBALANCE_DRAINING: 'true' }))).toBe('drain');
  expect(rebalanceAction(settings({ ENABLE_REBALANCE_DRAINING: 'true', REBALANCE_ACTION: 'cordon' }))).toBe('cordon');
});

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

describe('after a reboot', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  const marked = {
    'aws-node-termination-handler/action': 'UncordonAfterReboot',
    'aws-node-termination-handler/action-time': String(now.getTime() / 1000 - 600),
    'aws-node-termination-handler/event-id': 'e-1',
  };

  it('the node is taken back when the host has come up since it was marked', () => {
    expect(rebootWish(marked, 300, now)).toEqual({ status: 'rebooted', event: 'e-1' });
    expect(rebootWish(marked, 601, now)).toEqual({ status: 'not-yet' });
  });

  it('nothing is done for a node without the wish, or with one that makes no sense', () => {
    expect(rebootWish({}, 300, now)).toEqual({ status: 'none' });
    expect(rebootWish({ ...marked, 'aws-node-termination-handler/action': 'Else' }, 300, now)).toEqual({
      status: 'none',
    });
    expect(rebootWish({ ...marked, 'aws-node-termination-handler/action-time': 'soon' }, 300, now)).toEqual({
      status: 'none',
    });
  });

  it('the uptime is read as /proc/uptime writes it', () => {
    expect(parseUptime('12345.67 54321.00\n')).toBe(12345.67);
    expect(parseUptime('9\n')).toBe(9);
    expect(parseUptime('never')).toBeUndefined();
    expect(parseUptime('')).toBeUndefined();
  });
});
