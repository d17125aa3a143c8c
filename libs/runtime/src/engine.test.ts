import { systemClock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import { createLogger } from '@node-termination-handler/logger';
import { createMetrics } from '@node-termination-handler/metrics';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it } from 'vitest';
import { clusterOptions, handlerOptions, startEngine } from './engine.ts';
import { memoryClient } from './telling/testing/memory-client.ts';

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
      marks: { taintEffect: false, excludeFromLoadBalancers: false, conditions: false },
      dryRun: false,
    });
    expect(
      handlerOptions(settings({ SCHEDULED_EVENT_LEAD_TIME: 'grace' }), 'none').policy?.scheduledEventLeadTimeMs,
    ).toBe(120_000);
    expect(handlerOptions(settings({ SCHEDULED_EVENT_LEAD_TIME: '5m' }), 'none').policy?.scheduledEventLeadTimeMs).toBe(
      300_000,
    );
    const marked = settings({
      TAINT_NODE: 'true',
      TAINT_EFFECT: 'NoExecute',
      EXCLUDE_FROM_LOAD_BALANCERS: 'true',
      EMIT_NODE_CONDITIONS: 'true',
    });
    expect(handlerOptions(marked, 'none').marks).toEqual({
      taintEffect: 'NoExecute',
      excludeFromLoadBalancers: true,
      conditions: true,
    });
  });

  it('claims nodes under the name of its pod, which a restarted container shares with the one before', () => {
    const holder = (env: Readonly<Record<string, string>>) => handlerOptions(settings(env), 'none').holder;
    expect(holder({ POD_NAME: 'agent-1', NAMESPACE: 'ops' })).toEqual({ name: 'ops/agent-1' });
    expect(holder({ POD_NAME: 'agent-1' })).toEqual({ name: 'default/agent-1' });
    expect(handlerOptions(settings({ POD_NAME: 'agent-1' }), 'none', 'nth').holder).toMatchObject({ lease: 'nth' });
  });

  it('claims nodes under a name of its own where it has no pod', () => {
    const [one, other] = [1, 2].map(() => handlerOptions(settings(), 'none').holder?.name);
    expect(one).toMatch(/^default\/node-termination-handler-/);
    expect(other).not.toBe(one);
  });

  it('has one clock for all that it does, which AWS puts right', () => {
    const clock = new VirtualClock();
    expect(clusterOptions(settings(), clock).drain?.clock).toBe(clock);
  });

  it('treats nodes as it is told', () => {
    expect(clusterOptions(settings(), systemClock)).toMatchObject({
      drain: {
        ...{ deleteEmptyDirData: true, ignoreDaemonSets: true, podGracePeriodSeconds: -1, skipPods: [] },
        disruptionCondition: false,
      },
    });
    expect(clusterOptions(settings(), systemClock, { disruptionCondition: true })).toMatchObject({
      drain: { disruptionCondition: true },
    });
    const told = clusterOptions(
      settings({
        POD_NAME: 'agent-1',
        NAMESPACE: 'kube-system',
        POD_TERMINATION_GRACE_PERIOD: '7',
        POD_DEADLINE_POLICY: 'respect',
      }),
      systemClock,
    );
    expect(told).toMatchObject({
      drain: {
        podGracePeriodSeconds: 7,
        skipPods: [{ namespace: 'kube-system', name: 'agent-1' }],
      },
    });
  });

  it('leaves its own pod alone, or has it go last with those of its Deployment', () => {
    const env = { POD_NAME: 'nth-6d4cf56db6-x2x4z', NAMESPACE: 'ops' };
    expect(clusterOptions(settings(env), systemClock).drain).not.toHaveProperty('goesLast');
    const { skipPods, goesLast } = clusterOptions(settings(env), systemClock, { ownPod: 'goes-last' }).drain ?? {};
    expect(skipPods).toEqual([]);
    expect(goesLast?.({ ref: { namespace: 'ops', name: env.POD_NAME, uid: 'u' }, controller: undefined })).toBe(true);
    const nameless = clusterOptions(settings({ POD_NAME: 'nth' }), systemClock, { ownPod: 'goes-last' });
    expect(nameless.drain).not.toHaveProperty('goesLast');
  });
});

it('the engine is started with the settings, tells what it does, and ends when all that follows from it is done', async () => {
  const opened = new AsyncDisposableStack();
  const { client } = memoryClient();
  const log = createLogger({ destination: { write: () => undefined } });
  using metrics = createMetrics();
  const told: string[] = [];
  const settled = Promise.withResolvers<undefined>();
  const handler = startEngine(
    { client, clock: systemClock, log, metrics, opened, settings: settings(), stop: new AbortController().signal },
    { rebalanceAction: 'none', tell: ({ type }) => told.push(type), untilSettled: () => settled.promise },
  );
  const at = new Date();
  const event = {
    ...({ kind: 'REBALANCE_RECOMMENDATION', monitor: 'REBALANCE_RECOMMENDATION_MONITOR', description: '' } as const),
    ...{ id: eventId('e-1'), instanceId: instanceId('i-1'), noticedAt: at, startTime: at },
  };
  expect(await handler.handle(event)).toMatchObject({ status: 'ignored' });
  let isClosed = false;
  const closing = opened.disposeAsync().then(() => (isClosed = true));
  expect(await handler.handle({ ...event, id: eventId('e-2') })).toEqual({ status: 'handed-back' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  settled.resolve(undefined);
  await closing;
  expect(told).toEqual(['received', 'ignored']);
});
