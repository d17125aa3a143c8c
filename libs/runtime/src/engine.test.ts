import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it } from 'vitest';
import { clusterOptions, handlerOptions } from './engine.ts';

function settings(env: Readonly<Record<string, string>> = {}) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1', ...env } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  return parsed.settings;
}

describe('the engine', () => {
  it('does as it is told by the settings', () => {
    expect(handlerOptions(settings(), 'cordon')).toMatchObject({
      policy: {
        cordonOnly: false,
        rebalanceAction: 'cordon',
        scheduledEventLeadTimeMs: 'immediate',
        nodeTerminationGracePeriodSeconds: 120,
      },
      outOfServiceTaint: false,
      dryRun: false,
    });
    expect(
      handlerOptions(settings({ SCHEDULED_EVENT_LEAD_TIME: 'grace' }), 'none').policy?.scheduledEventLeadTimeMs,
    ).toBe(120_000);
    expect(handlerOptions(settings({ SCHEDULED_EVENT_LEAD_TIME: '5m' }), 'none').policy?.scheduledEventLeadTimeMs).toBe(
      300_000,
    );
    expect(handlerOptions(settings({ ENABLE_OUT_OF_SERVICE_TAINT: 'true' }), 'none').outOfServiceTaint).toBe(true);
    expect(
      handlerOptions(settings({ ENABLE_OUT_OF_SERVICE_TAINT: 'true', CORDON_ONLY: 'true' }), 'none').outOfServiceTaint,
    ).toBe(false);
  });

  it('claims nodes under the name of its pod, which a restarted container shares with the one before', () => {
    const holder = (env: Readonly<Record<string, string>>) => handlerOptions(settings(env), 'none').holder;
    expect(holder({ POD_NAME: 'agent-1', NAMESPACE: 'ops' })).toBe('ops/agent-1');
    expect(holder({ POD_NAME: 'agent-1' })).toBe('agent-1');
  });

  it('claims nodes under a name of its own where it has no pod', () => {
    const [one, other] = [1, 2].map(() => handlerOptions(settings(), 'none').holder);
    expect(one).toMatch(/^node-termination-handler-/);
    expect(other).not.toBe(one);
  });

  it('treats nodes as it is told', () => {
    expect(clusterOptions(settings())).toMatchObject({
      taintEffect: false,
      drain: { deleteEmptyDirData: true, ignoreDaemonSets: true, podGracePeriodSeconds: -1, skipPods: [] },
    });
    const told = clusterOptions(
      settings({
        TAINT_NODE: 'true',
        TAINT_EFFECT: 'NoExecute',
        POD_NAME: 'agent-1',
        NAMESPACE: 'kube-system',
        POD_TERMINATION_GRACE_PERIOD: '7',
        POD_DEADLINE_POLICY: 'respect',
      }),
    );
    expect(told).toMatchObject({
      taintEffect: 'NoExecute',
      drain: {
        podGracePeriodSeconds: 7,
        onDeadline: 'respect',
        skipPods: [{ namespace: 'kube-system', name: 'agent-1' }],
      },
    });
  });
});
