import { systemClock } from '@node-termination-handler/clock';
import type { Deadline } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { DrainProgress } from '@node-termination-handler/node-drainer';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterNode, NodeTarget } from '../cluster/cluster.ts';
import { after, scheduled, spot, START } from '../testing/events.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { InterruptionHandler } from './handler.ts';

/** A cluster with a node for whatever is asked for, whose drains end at once; it counts the looks and keeps the signals it was handed. */
class EndlessCluster extends ScriptedCluster {
  looks = 0;
  readonly signals = new Set<AbortSignal>();

  override find(target: NodeTarget, signal?: AbortSignal): Promise<ClusterNode | undefined> {
    this.looks += 1;
    if (signal !== undefined) this.signals.add(signal);
    if (!this.nodes.has(`node-${target.instanceId}`)) this.add(`node-${target.instanceId}`, target.instanceId ?? '');
    return Promise.resolve(this.nodes.get(`node-${target.instanceId}`));
  }

  override async *drain(node: ClusterNode, deadline: Deadline, signal: AbortSignal): AsyncGenerator<DrainProgress> {
    this.signals.add(signal);
    for await (const progress of super.drain(node, deadline, signal)) {
      if (progress.type === 'planned') this.drains.pop()!.finish();
      yield progress;
    }
  }

  /** Forgets what the test itself has gathered. */
  forget(): void {
    this.log.length = 0;
    this.marks.length = 0;
    this.signals.clear();
  }

  get listeners(): number {
    return [...this.signals].reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0);
  }
}

const DAY_S = 24 * 3600;
const AT_ONCE = 1_000;

describe('a process that runs for months', () => {
  const run = async (count: number, nodes: number, rememberedEvents?: number) => {
    const clock = new VirtualClock({ turns: 1 });
    const cluster = new EndlessCluster();
    const more = rememberedEvents === undefined ? {} : { rememberedEvents };
    const handler = new InterruptionHandler(cluster, { clock, holder: 'a', ...more });
    const stop = new AbortController();
    let steps = 0;
    void (async () => {
      for await (const _step of handler.progress(stop.signal)) steps += 1;
    })();
    const held: object[] = [];
    for (let first = 0; first < count; first += AT_ONCE) {
      const batch = Array.from({ length: AT_ONCE }, (_, index) =>
        handler.handle(spot(`spot-${first + index}`, { instance: `i-${(first + index) % nodes}`, inSeconds: 1e9 })),
      );
      const ends = await clock.run(Promise.all(batch));
      expect(ends.every(({ status }) => status === 'done')).toBe(true);
      held.push({
        timers: clock.timers,
        listeners: getEventListeners(stop.signal, 'abort').length + cluster.listeners,
        inWork: handler.inWork,
        remembered: handler.remembered,
      });
      cluster.forget();
    }
    await clock.advance(0);
    return { held, steps, handler, stop };
  };

  it('holds after 50,000 events of a few nodes what it held after the first thousand', async () => {
    const { held, steps } = await run(50_000, 10, 500);
    expect(held[0]).toEqual({
      timers: 0,
      listeners: 1,
      inWork: 0,
      remembered: { events: 500, nodes: 10, holds: 1_000 },
    });
    expect(held.at(-1)).toEqual(held[0]);
    expect(steps).toBeGreaterThanOrEqual(50_000 * 3);
  });

  it('remembers the newest of many events and nodes only, and knows those again', async () => {
    const { held, handler } = await run(15_000, 15_000);
    expect(held.at(-1)).toEqual({
      timers: 0,
      listeners: 1,
      inWork: 0,
      remembered: { events: 10_000, nodes: 2_000, holds: 2_000 },
    });
    const last = spot('spot-14999', { instance: 'i-14999' });
    expect(await handler.handle(last)).toMatchObject({ status: 'done' });
    expect(handler.inWork).toBe(0);
    expect(await handler.cancel(last.id, 'gone')).toMatchObject({ status: 'cancelled' });
  });

  it('never gives back a node of which it has forgotten who holds it', async () => {
    const cluster = new EndlessCluster();
    const handler = new InterruptionHandler(cluster, {
      clock: new VirtualClock({ turns: 1 }),
      policy: { cordonOnly: true },
    });
    const events = Array.from({ length: 150 }, (_, index) => scheduled(`e-${index}`));
    for (const event of events) await handler.handle(event);
    for (const { id } of events) await handler.cancel(id, 'gone');
    expect(handler.remembered.holds).toBe(0);
    expect(cluster.log.filter((entry) => entry.startsWith('restore'))).toEqual([]);
    expect(cluster.nodes.get('node-i-1')?.unschedulable).toBe(true);
  });
});

describe('a wait that is longer than a timer of Node', () => {
  beforeEach(() => vi.useFakeTimers({ now: START }));
  afterEach(() => vi.useRealTimers());

  it('does not end early, and does not look meanwhile', async () => {
    const cluster = new EndlessCluster();
    const handler = new InterruptionHandler(cluster, { clock: systemClock, policy: { scheduledEventLeadTimeMs: 0 } });
    void handler.handle(scheduled('e-1', { inSeconds: 30 * DAY_S }));
    await vi.advanceTimersByTimeAsync(29.9 * DAY_S * 1000);
    expect(cluster.looks).toBe(0);
    expect(handler.inWork).toBe(1);
    await vi.advanceTimersByTimeAsync(0.2 * DAY_S * 1000);
    expect(cluster.log).toEqual(['mark node-i-1', 'drain node-i-1']);
  });

  it('makes nobody ask all the time while another has a claim for as long', async () => {
    const cluster = new EndlessCluster();
    await cluster.find({ instanceId: 'i-1' });
    cluster.claim('node-i-1', { holder: 'b', state: 'draining', until: after(30 * DAY_S) });
    const handler = new InterruptionHandler(cluster, {
      clock: systemClock,
      holder: 'a',
      policy: { nodeTerminationGracePeriodSeconds: 60 * DAY_S },
    });
    void handler.handle(scheduled('e-1', { inSeconds: 60 * DAY_S }));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(cluster.looks).toBeLessThanOrEqual(8);
    const cancelled = handler.cancel(scheduled('e-1').id, 'gone');
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await cancelled).toMatchObject({ status: 'cancelled' });
    expect(cluster.looks).toBeLessThanOrEqual(8 + 2 * 61);
    expect(vi.getTimerCount()).toBe(0);
  });
});
