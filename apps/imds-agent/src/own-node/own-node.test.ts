import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { createLogger } from '@node-termination-handler/logger';
import { createHealth } from '@node-termination-handler/metrics';
import { KubernetesApiError } from '@node-termination-handler/node-drainer';
import type { ApiCall, KubernetesClient } from '@node-termination-handler/node-drainer';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import { describe, expect, it, vi } from 'vitest';
import { watchOwnNode } from './own-node.ts';

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
  const lookAt = vi.fn();
  const parts = {
    ...{ client, clock, health, handler: { lookAt }, log: createLogger({ format: 'json', destination }) },
    ...{ settings: parsed.settings, instance: { instanceId: 'i-1' } },
  };
  return { calls, clock, health, lines, lookAt, stop, parts };
}

const node = { metadata: { name: 'node-1', uid: 'uid-1', resourceVersion: '1' }, spec: {} };
const down = new Error('connect ECONNREFUSED');

describe('the watch of the own node', () => {
  it('reads it at the start and every ten minutes, and has the engine look at it each time', async () => {
    const { clock, health, calls, lines, lookAt, stop, parts } = setUp(() => node);
    const watching = watchOwnNode(parts, stop.signal);
    await clock.advance(0);
    expect([health.status().ready, calls.length]).toEqual([true, 1]);
    expect(lookAt.mock.calls).toMatchObject([[{ name: 'node-1', uid: 'uid-1' }]]);
    await clock.advance(1_200_000);
    expect(lookAt.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(lines).toEqual([]);
    stop.abort();
    await watching;
    expect(clock.timers).toBe(0);
  });

  it('says so, and is not ready, while it cannot be read', async () => {
    let isDown = false;
    const { clock, health, lines, lookAt, stop, parts } = setUp(() => (isDown ? down : node));
    const watching = watchOwnNode(parts, stop.signal);
    await clock.advance(0);
    isDown = true;
    const looked = lookAt.mock.calls.length;
    await clock.advance(750_000);
    expect(health.status()).toMatchObject({ alive: true, ready: false });
    expect(lines[0]).toMatchObject({
      message: 'the own node cannot be read, trying again',
      error: 'connect ECONNREFUSED',
    });
    expect(lookAt).toHaveBeenCalledTimes(looked);
    isDown = false;
    await clock.advance(80_000);
    expect(health.status().ready).toBe(true);
    expect(lookAt.mock.calls.length).toBeGreaterThan(looked);
    stop.abort();
    await watching;
    expect(clock.timers).toBe(0);
  });

  it('says that the cluster has no such node, after one look at all', async () => {
    const { clock, health, calls, lines, lookAt, stop, parts } = setUp((call) =>
      call.verb === 'list' ? { items: [], metadata: {} } : new KubernetesApiError(call, 404, undefined),
    );
    void watchOwnNode(parts, stop.signal);
    await clock.advance(1_000);
    expect(calls.map(({ verb }) => verb)).toEqual(['get', 'list']);
    expect(health.status().ready).toBe(false);
    expect(lines).toMatchObject([{ error: 'the cluster has no node node-1 (NODE_NAME), and none of instance i-1' }]);
    expect(lookAt).not.toHaveBeenCalled();
    stop.abort();
  });
});
