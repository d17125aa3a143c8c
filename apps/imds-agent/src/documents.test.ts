import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import { expect, it } from 'vitest';
import { rebalanceAction, watchedDocuments } from './documents.ts';

function settings(env: Readonly<Record<string, string>>): ImdsAgentSettings {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node', ...env } });
  if (!parsed.ok || !('settings' in parsed)) throw new Error('the settings are not valid');
  return parsed.settings;
}

function intervals(env: Readonly<Record<string, string>>, isAtRisk: boolean): Record<string, number> {
  return Object.fromEntries(
    watchedDocuments(settings({ METADATA_POLL_INTERVAL_MS: '300', ...env }), () => isAtRisk).map((document) => [
      document.name,
      typeof document.intervalMs === 'number' ? document.intervalMs : document.intervalMs(),
    ]),
  );
}

const ALL = { ENABLE_ASG_LIFECYCLE_DRAINING: 'true', ENABLE_REBALANCE_MONITORING: 'true' };

it('watches what the settings ask for', () => {
  expect(Object.keys(intervals({}, false))).toEqual(['spot-instance-action', 'scheduled-events']);
  expect(Object.keys(intervals({ ENABLE_SPOT_INTERRUPTION_DRAINING: 'false' }, false))).toEqual(['scheduled-events']);
});

it('looks more seldom at what leaves more time', () => {
  expect(intervals(ALL, false)).toEqual({
    'spot-instance-action': 300,
    'target-lifecycle-state': 300,
    'rebalance-recommendation': 900,
    'scheduled-events': 3_000,
  });
});

it('looks for a Spot notice in a hurry while a rebalance recommendation stands', () => {
  expect(intervals(ALL, true)).toMatchObject({
    'spot-instance-action': 100,
    'target-lifecycle-state': 100,
    'rebalance-recommendation': 900,
  });
});

it.each([
  [{}, 'none'],
  [{ ENABLE_REBALANCE_MONITORING: 'true' }, 'cordon'],
  [{ ENABLE_REBALANCE_DRAINING: 'true' }, 'drain'],
  [{ ENABLE_REBALANCE_DRAINING: 'true', REBALANCE_ACTION: 'cordon' }, 'cordon'],
])('under %j a rebalance recommendation leads to %s', (env, action) => {
  expect(rebalanceAction(settings(env))).toBe(action);
});
