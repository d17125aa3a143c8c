import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { eventId } from '@node-termination-handler/event-parsers';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth, createMetrics } from '@node-termination-handler/metrics';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { ApiCall, KubernetesClient } from '@node-termination-handler/node-drainer';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it } from 'vitest';
import { uncordonAfterReboot } from './after-reboot.ts';
import { watchOwnNode } from './own-node.ts';

const marks = {
  'aws-node-termination-handler/action': 'UncordonAfterReboot',
  'aws-node-termination-handler/action-time': '1000000000',
  'aws-node-termination-handler/event-id': 'instance-event-1',
};

function setUp(answer: (call: ApiCall) => unknown) {
  const parsed = loadImdsAgentSettings({ argv: [], env: { NODE_NAME: 'node-1' } });
  if (!parsed.ok || parsed.mode !== 'run') throw new Error('expected settings');
  const calls: ApiCall[] = [];
  const client: KubernetesClient = {
    request: <T>(call: ApiCall) => {
      calls.push(call);
      const value = answer(call);
      return value instanceof Error ? Promise.reject(value) : Promise.resolve(value as T);
    },
    watch: () => {
      throw new Error('nothing is watched');
    },
    close: () => undefined,
  };
  const clock = new VirtualClock();
  const health = createHealth({ clock });
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
  const stop = new AbortController();
  const metrics = createMetrics();
  const parts = {
    ...{ client, clock, health, metrics, log: createLogger({ json: true, destination }) },
    ...{ settings: parsed.settings, stop: stop.signal, instance: { instanceId: 'i-1' } },
  };
  return { calls, clock, health, lines, stop, parts };
}

const node = (labels: Readonly<Record<string, string>> = {}) => ({
  metadata: { name: 'node-1', uid: 'uid-1', resourceVersion: '1', labels },
  spec: { unschedulable: true },
});
const down = new Error('connect ECONNREFUSED');

describe('the first look at the own node', () => {
  it('uncordons it after the reboot that it was cordoned for', async () => {
    const { clock, lines, calls, parts } = setUp(() => node(marks));
    expect(await clock.run(uncordonAfterReboot(parts))).toEqual({ over: eventId('instance-event-1') });
    expect(calls.map(({ verb }) => verb)).toContain('patch');
    expect(lines).toMatchObject([
      {
        message: 'Successfully completed action UncordonAfterReboot',
        'node-name': 'node-1',
        'event-id': 'instance-event-1',
      },
    ]);
  });

  it('leaves a node alone that asks for nothing', async () => {
    const { clock, lines, calls, parts } = setUp(() => node());
    expect(await clock.run(uncordonAfterReboot(parts))).toEqual({});
    expect([calls.length, lines]).toEqual([1, []]);
  });

  it('is tried for a quarter of a minute, and then given up with a word', async () => {
    const { clock, lines, parts } = setUp(() => down);
    expect(await clock.run(uncordonAfterReboot(parts))).toEqual({ failure: down });
    expect(clock.monotonic()).toBeGreaterThan(10_000);
    expect(clock.monotonic()).toBeLessThanOrEqual(15_000);
    expect(lines).toMatchObject([{ level: 'warn', error: 'connect ECONNREFUSED' }]);
  });
});

describe('the watch of the own node', () => {
  it('takes the first look for an answer, and asks again every ten minutes', async () => {
    let isDown = false;
    const { clock, health, calls, lines, stop, parts } = setUp(() => (isDown ? down : node()));
    const watching = watchOwnNode(parts, Promise.resolve({}), stop.signal);
    await clock.advance(0);
    expect([health.status().ready, calls.length]).toEqual([true, 0]);
    isDown = true;
    await clock.advance(750_000);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    expect(lines[0]).toMatchObject({
      message: 'the own node cannot be read, trying again',
      error: 'connect ECONNREFUSED',
    });
    isDown = false;
    await clock.advance(80_000);
    expect(health.status().ready).toBe(true);
    stop.abort();
    await watching;
    expect(clock.timers).toBe(0);
  });

  it('says that the cluster has no such node, after one look at all', async () => {
    const { clock, health, calls, lines, stop, parts } = setUp((call) =>
      call.verb === 'list' ? { items: [], metadata: {} } : new KubernetesApiError(call, 404, undefined),
    );
    const looking = uncordonAfterReboot(parts);
    void watchOwnNode(parts, looking, stop.signal);
    await clock.advance(1_000);
    expect(calls.map(({ verb }) => verb)).toEqual(['get', 'list']);
    expect(health.status().ready).toBe(false);
    expect(lines).toMatchObject([{ error: 'the cluster has no node node-1 (NODE_NAME), and none of instance i-1' }]);
    stop.abort();
  });
});
