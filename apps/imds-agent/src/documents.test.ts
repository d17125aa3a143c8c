import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import { expect, it } from 'vitest';
import { rebalanceAction, watchedDocuments } from './documents.ts';

function settings(env: Readonly<Record<string, string>>): ImdsAgentSettings {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node', ...env } });
  if (!parsed.ok || !('settings' in parsed)) throw new Error('the settings are not valid');
  return parsed.settings;
}

function intervals(env: Readonly<Record<string, string>>, isRebalanceAdvised: boolean): Record<string, number> {
  return Object.fromEntries(
    watchedDocuments(settings({ METADATA_POLL_INTERVAL_MS: '300', ...env }), () => isRebalanceAdvised).map(
      (document) => [document.name, document.intervalMs()],
    ),
  );
}

const ALL = { ENABLE_ASG_LIFECYCLE_DRAINING: 'true', ENABLE_REBALANCE_MONITORING: 'true' };

it('watches what the settings ask for', () => {
  expect(Object.keys(intervals({}, false))).toEqual(['spot-instance-action', 'scheduled-events']);
  expect(Object.keys(intervals({ ENABLE_SPOT_INTERRUPTION_DRAINING: 'false' }, false))).toEqual(['scheduled-events']);
  const lifecycle = { ENABLE_SPOT_INTERRUPTION_DRAINING: 'false', ENABLE_ASG_LIFECYCLE_DRAINING: 'true' };
  expect(Object.keys(intervals(lifecycle, false))).toEqual(['target-lifecycle-state', 'scheduled-events']);
  expect(Object.keys(intervals({ ENABLE_REBALANCE_MONITORING: 'true' }, false))).toContain('rebalance-recommendation');
});

it('looks more seldom at what leaves more time', () => {
  expect(intervals(ALL, false)).toEqual({
    'spot-instance-action': 300,
    'target-lifecycle-state': 300,
    'rebalance-recommendation': 900,
    'scheduled-events': 3_000,
  });
});

it('looks more often for a Spot notice while a rebalance recommendation stands', () => {
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
