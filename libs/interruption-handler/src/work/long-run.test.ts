import { listenersOn, systemClock } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { DrainProgress, NodeRef } from '@node-termination-handler/node-drainer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterNode, DrainOrder } from '../cluster/cluster.ts';
import { holderName } from '../record/claims.ts';
import { after, rebalance, scheduled, spot, START } from '../testing/events.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { InterruptionHandler } from './handler.ts';

/** A cluster with a node for whatever is asked for, whose drains end at once; it keeps the signals it was handed. */
class EndlessCluster extends ScriptedCluster {
  readonly signals = new Set<AbortSignal>();

  override find(target: NodeRef, signal?: AbortSignal): Promise<readonly ClusterNode[]> {
    if (signal !== undefined) this.signals.add(signal);
    const { instanceId = '' } = target;
    if (!this.nodes.has(`node-${instanceId}`)) this.add(`node-${instanceId}`, instanceId);
    return super.find(target);
  }

  override async *drain(node: ClusterNode, options: DrainOrder, signal: AbortSignal): AsyncGenerator<DrainProgress> {
    this.signals.add(signal);
    for await (const progress of super.drain(node, options, signal)) {
      if (progress.type === 'planned') this.drains.pop()?.finish();
      yield progress;
    }
  }

  /** Forgets what the test itself has gathered. */
  forget(): void {
    this.log.length = 0;
    this.signals.clear();
  }

  get listeners(): number {
    return [...this.signals].reduce((sum, signal) => sum + listenersOn(signal), 0);
  }
}

const DAY_S = 24 * 3600;
const AT_ONCE = 1_000;

describe('a process that runs for months', () => {
  it('holds after 50,000 events of a few nodes what it held after the first thousand', async () => {
    const clock = new VirtualClock({ turns: 1 });
    const cluster = new EndlessCluster();
    const handler = new InterruptionHandler(cluster, { clock, holder: { name: holderName('kube-system', 'a') } });
    const stop = new AbortController();
    let steps = 0;
    void (async () => {
      for await (const _step of handler.progress(stop.signal)) steps += 1;
    })();
    const held: object[] = [];
    for (let first = 0; first < 50_000; first += AT_ONCE) {
      const batch = Array.from({ length: AT_ONCE }, (_, index) => {
        const n = first + index;
        return handler.handle({ ...spot(`spot-${n}`, { instance: `i-${n % 10}` }), startTime: after(1e9) });
      });
      await clock.advance(1_000);
      expect((await Promise.all(batch)).every(({ status }) => status === 'done' || status === 'carried')).toBe(true);
      held.push({
        timers: clock.timers,
        listeners: listenersOn(stop.signal) + cluster.listeners,
        nodes: handler.nodesInWork,
        entries: cluster.record('node-i-1').entries.length,
        patches: cluster.log.filter((line) => line.startsWith('patch')).length > 20,
      });
      cluster.forget();
    }
    expect(held[0]).toMatchObject({ timers: 10, nodes: 10, entries: 1 });
    expect(held.at(-1)).toEqual(held[1]);
    expect(held.slice(1).every((each) => JSON.stringify(each) === JSON.stringify(held[1]))).toBe(true);
    expect(steps).toBeGreaterThanOrEqual(50_000);
    await handler.close({ graceMs: 0 });
    expect([handler.nodesInWork, clock.timers, cluster.listeners]).toEqual([0, 0, 0]);
  });

  it('holds nothing of nodes whose interruptions are over, however many there were', async () => {
    const clock = new VirtualClock({ turns: 1 });
    const cluster = new EndlessCluster();
    const handler = new InterruptionHandler(cluster, { clock, policy: { cordonOnly: true } });
    for (let n = 0; n < 5_000; n += 1) {
      const event = { instance: `i-${n}` };
      await handler.handle(scheduled(`e-${n}`, event));
      await handler.handle(scheduled(`e-${n}`, { ...event, state: 'canceled' }));
      if (n % 500 === 499) await clock.advance(10);
    }
    await clock.advance(1_000);
    expect([handler.nodesInWork, clock.timers, cluster.listeners]).toEqual([0, 0, 0]);
    expect([...cluster.nodes.values()].some(({ unschedulable }) => unschedulable)).toBe(false);
  });

  it('keeps a record of at most twenty entries, however many events one node has', async () => {
    const clock = new VirtualClock({ turns: 1 });
    const cluster = new EndlessCluster();
    const handler = new InterruptionHandler(cluster, {
      clock,
      policy: { cordonOnly: true, scheduledEventLeadTimeMs: 'immediate' },
    });
    for (let n = 0; n < 200; n += 1) {
      await handler.handle(scheduled(`e-${n}`, { inSeconds: 7200 }));
      await handler.handle(scheduled(`e-${n}`, { state: 'canceled' }));
      await clock.advance(1_000);
    }
    expect(cluster.record('node-i-1').entries.length).toBeLessThanOrEqual(20);
    expect([handler.nodesInWork, cluster.node('node-i-1').unschedulable]).toEqual([0, false]);
  });

  it('tells an event that needs nothing once, and remembers only the newest thousand of them', async () => {
    const clock = new VirtualClock({ turns: 1 });
    const cluster = new EndlessCluster();
    const handler = new InterruptionHandler(cluster, { clock, policy: { rebalanceAction: 'none' } });
    const stop = new AbortController();
    const told: string[] = [];
    void (async () => {
      for await (const { event } of handler.progress(stop.signal)) told.push(event.id);
    })();
    for (let n = 0; n < 1_500; n += 1) await handler.handle(rebalance(`r-${n}`));
    await handler.handle(rebalance('r-1499'));
    await clock.advance(0);
    expect(told).toHaveLength(2 * 1_500);
    await handler.handle(rebalance('r-0'));
    await clock.advance(0);
    expect(told).toHaveLength(2 * 1_501);
  });
});

describe('a wait that is longer than a timer of Node', () => {
  beforeEach(() => vi.useFakeTimers({ now: START }));
  afterEach(() => vi.useRealTimers());

  it('does not end early, and asks for nothing meanwhile', async () => {
    const cluster = new EndlessCluster();
    const handler = new InterruptionHandler(cluster, { clock: systemClock, policy: { scheduledEventLeadTimeMs: 0 } });
    void handler.handle(scheduled('e-1', { inSeconds: 30 * DAY_S }));
    await vi.advanceTimersByTimeAsync(29.9 * DAY_S * 1000);
    expect(cluster.log).toEqual(['patch node-i-1']);
    expect(handler.nodesInWork).toBe(1);
    await vi.advanceTimersByTimeAsync(0.2 * DAY_S * 1000);
    expect(cluster.log.slice(0, 3)).toEqual(['patch node-i-1', 'patch node-i-1', 'drain node-i-1']);
  });
});
