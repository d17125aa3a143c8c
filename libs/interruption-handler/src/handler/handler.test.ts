import { sleep } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { beforeEach, describe, expect, it } from 'vitest';
import { after, lifecycle, rebalance, scheduled, spot, START } from '../testing/events.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { InterruptionHandler } from './handler.ts';
import type { InterruptionHandlerOptions } from './engine.ts';
import type { InterruptionProgress } from './progress.ts';

let clock: VirtualClock;
let cluster: ScriptedCluster;
const stop = new AbortController();

beforeEach(() => {
  clock = new VirtualClock({ turns: 2 });
  cluster = new ScriptedCluster();
  cluster.add('node-1', 'i-1');
});

function start(options: InterruptionHandlerOptions = {}): {
  handler: InterruptionHandler;
  steps: InterruptionProgress[];
} {
  const handler = new InterruptionHandler(cluster, { clock, ...options });
  const steps: InterruptionProgress[] = [];
  void (async () => {
    for await (const step of handler.progress(stop.signal)) steps.push(step);
  })();
  return { handler, steps };
}

const pass = (ms: number): Promise<void> => clock.advance(ms);

describe('one event', () => {
  it('cordons, drains and then reports the node as done', async () => {
    const { handler, steps } = start();
    const result = handler.handle(spot('spot-1'));
    await pass(100);
    expect(cluster.log).toEqual(['mark node-1', 'drain node-1']);
    cluster.drains[0]!.finish();
    expect(await result).toEqual({ status: 'done', action: 'drain', nodeName: 'node-1', podsEvicted: 1 });
    await pass(0);
    expect(steps.map(({ type }) => type)).toEqual([
      'received',
      'cordoned',
      'drain-began',
      'draining',
      'draining',
      'drained',
    ]);
    expect(steps.at(-1)).toMatchObject({ pods: ['web-1'], podsEvicted: 1 });
  });

  it('marks the node with the event, and asks for an uncordon after a reboot only when the host restarts', async () => {
    const { handler } = start({ policy: { cordonOnly: true } });
    await handler.handle(spot('spot-1'));
    await handler.handle(scheduled('instance-event-1'));
    expect(cluster.marks[0]!.mark).toMatchObject({
      taint: { key: 'aws-node-termination-handler/spot-itn', value: 'spot-1' },
      labels: {},
      labelsIfSchedulable: {},
    });
    expect(cluster.marks[1]!.mark).toMatchObject({
      taint: { key: 'aws-node-termination-handler/scheduled-maintenance' },
      labels: { 'aws-node-termination-handler/event-id': 'instance-event-1' },
      labelsIfSchedulable: {
        'aws-node-termination-handler/action': 'UncordonAfterReboot',
        'aws-node-termination-handler/action-time': String(START.getTime() / 1000),
      },
    });
  });

  it('is drained by the time the instance goes away', async () => {
    const { handler } = start();
    void handler.handle(spot('spot-1', { inSeconds: 40 }));
    await pass(100);
    expect(cluster.drains[0]!.deadline.at).toEqual(after(40));
  });

  it('only cordons when told so', async () => {
    const { handler } = start({ policy: { cordonOnly: true } });
    expect(await handler.handle(spot('spot-1'))).toEqual({ status: 'done', action: 'cordon', nodeName: 'node-1' });
    expect(cluster.log).toEqual(['mark node-1']);
  });

  it('is ignored when the policy has no action for it, or it was handled before a reboot', async () => {
    const { handler } = start({ policy: { rebalanceAction: 'none' } });
    expect(await handler.handle(rebalance('r-1'))).toMatchObject({ status: 'ignored' });
    handler.ignore(spot('spot-1').id);
    expect(await handler.handle(spot('spot-1'))).toMatchObject({ status: 'ignored' });
    expect(cluster.log).toEqual([]);
  });

  it('comes back as not found when no node is its own, and is looked for again the next time', async () => {
    const { handler } = start({ policy: { cordonOnly: true } });
    expect(await handler.handle(spot('spot-9', { instance: 'i-9' }))).toEqual({ status: 'node-not-found' });
    cluster.add('node-9', 'i-9');
    expect(await handler.handle(spot('spot-9', { instance: 'i-9' }))).toMatchObject({ status: 'done' });
  });

  it('is not found when another node takes over the name between look and mark', async () => {
    const { handler } = start();
    cluster.beforeMark = () => {
      cluster.add('node-1', 'i-1', { uid: 'another' });
      return Promise.resolve();
    };
    expect(await handler.handle(spot('spot-1'))).toEqual({ status: 'node-not-found' });
    expect(cluster.log).toEqual([]);
  });

  it('tries on while the API server fails, and says each trouble once', async () => {
    const { handler, steps } = start({ policy: { cordonOnly: true } });
    cluster.failures.find.push(new Error('refused'));
    cluster.failures.mark.push(new Error('reset'), new Error('reset'), new Error('reset'));
    const result = handler.handle(spot('spot-1'));
    await pass(10_000);
    expect(await result).toMatchObject({ status: 'done' });
    expect(steps.filter(({ type }) => type === 'retrying')).toMatchObject([
      { step: 'find', reason: 'refused' },
      { step: 'mark', reason: 'reset' },
    ]);
  });

  it('tries until the deadline itself, and not on where the fault is its own', async () => {
    const { handler } = start({ policy: { cordonOnly: true } });
    cluster.beforeMark = () => (clock.monotonic() < 119_000 ? Promise.reject(new Error('down')) : Promise.resolve());
    expect(await clock.run(handler.handle(spot('spot-1')))).toMatchObject({ status: 'done' });
    cluster.beforeMark = () => Promise.reject(new TypeError('a fault'));
    const beganMs = clock.monotonic();
    expect(await clock.run(handler.handle(lifecycle('e-2')))).toMatchObject({ status: 'failed', reason: 'a fault' });
    expect(clock.monotonic() - beganMs).toBeLessThan(1000);
  });

  it('fails when the API server lets nothing happen before the deadline', async () => {
    const { handler, steps } = start();
    cluster.failures.mark.push(...Array.from({ length: 1000 }, () => new Error('down')));
    const result = handler.handle(spot('spot-1'));
    await pass(200_000);
    expect(await result).toMatchObject({ status: 'failed', nodeName: 'node-1' });
    expect(steps.at(-1)).toMatchObject({ type: 'cordon-failed' });
  });

  it('can be tried again after its drain failed', async () => {
    const { handler, steps } = start();
    const first = handler.handle(spot('spot-1'));
    await pass(100);
    cluster.drains[0]!.finish('failed', 'a budget never opened');
    expect(await first).toEqual({ status: 'failed', reason: 'a budget never opened', nodeName: 'node-1' });
    await pass(0);
    expect(steps.at(-1)).toMatchObject({ type: 'drain-failed', podsLeft: ['default/web-1'] });
    const second = handler.handle(spot('spot-1'));
    await pass(100);
    cluster.drains[1]!.finish();
    expect(await second).toMatchObject({ status: 'done' });
  });

  it('puts the out-of-service taint on a drained node only', async () => {
    const { handler } = start({ outOfServiceTaint: true });
    const failed = handler.handle(spot('spot-1'));
    await pass(100);
    cluster.drains[0]!.finish('failed');
    await failed;
    expect(cluster.log).not.toContain('out-of-service node-1');
    const drained = handler.handle(spot('spot-2'));
    await pass(100);
    cluster.drains[1]!.finish();
    await drained;
    expect(cluster.log).toContain('out-of-service node-1');
  });
});

describe('several events for one node', () => {
  it('share one drain, and the earliest end counts', async () => {
    const { handler, steps } = start();
    const results = [
      handler.handle(lifecycle('term-1')),
      handler.handle(spot('spot-1', { inSeconds: 30 })),
      handler.handle(spot('spot-2', { inSeconds: 60 })),
    ];
    await pass(100);
    expect(cluster.drains).toHaveLength(1);
    expect(cluster.drains[0]!.deadline.at).toEqual(after(30));
    cluster.drains[0]!.finish();
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    await pass(0);
    expect(steps.filter(({ type }) => type === 'attached')).toMatchObject([{ tightened: true }, { tightened: false }]);
  });

  it('share the result when they are the same event delivered twice', async () => {
    const { handler, steps } = start();
    const first = handler.handle(spot('spot-1'));
    expect(handler.handle(spot('spot-1'))).toBe(first);
    await pass(100);
    cluster.drains[0]!.finish();
    await first;
    expect(await handler.handle(spot('spot-1'))).toBe(await first);
    await pass(0);
    expect(steps.filter(({ type }) => type === 'drained')).toHaveLength(1);
  });

  it('upgrade a cordon for a rebalance recommendation to a drain for a Spot interruption', async () => {
    const { handler } = start();
    expect(await handler.handle(rebalance('r-1'))).toMatchObject({ action: 'cordon' });
    const drained = handler.handle(spot('spot-1'));
    await pass(100);
    cluster.drains[0]!.finish();
    expect(await drained).toMatchObject({ action: 'drain' });
  });
});

describe('an event that ends before its time', () => {
  it('leaves the node alone when nothing was done yet', async () => {
    const { handler, steps } = start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
    const result = handler.handle(scheduled('e-1', { inSeconds: 3600 }));
    await pass(1000);
    expect(steps.at(-1)).toMatchObject({ type: 'waiting', until: after(3540) });
    await handler.cancel(scheduled('e-1').id, 'gone');
    expect(await result).toEqual({ status: 'cancelled', reason: 'gone' });
    expect(cluster.log).toEqual([]);
  });

  it('is acted on when its lead time begins', async () => {
    const { handler } = start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
    void handler.handle(scheduled('e-1', { inSeconds: 3600 }));
    await pass(3_539_000);
    expect(cluster.log).toEqual([]);
    await pass(2_000);
    expect(cluster.log).toEqual(['mark node-1', 'drain node-1']);
    expect(cluster.drains[0]!.deadline.at).toEqual(after(3600));
  });

  it('stops its drain and uncordons the node it had cordoned', async () => {
    const { handler, steps } = start();
    const result = handler.handle(scheduled('e-1'));
    await pass(100);
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    expect(await result).toMatchObject({ status: 'cancelled' });
    expect(cluster.drains[0]!.signal.aborted).toBe(true);
    expect(cluster.log.at(-1)).toBe('restore node-1 and uncordon');
    await pass(0);
    expect(steps.at(-1)).toMatchObject({ type: 'uncordoned' });
  });

  it('uncordons after the work was done, too, but not while another event holds the node', async () => {
    const { handler } = start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    await handler.handle(scheduled('e-2'));
    await handler.handle(scheduled('e-1', { state: 'completed' }));
    expect(cluster.log.filter((entry) => entry.startsWith('restore'))).toEqual([]);
    await handler.handle(scheduled('e-2', { state: 'completed' }));
    expect(cluster.log.at(-1)).toBe('restore node-1 and uncordon');
  });

  it('lets the drain of another event go on', async () => {
    const { handler } = start();
    const scheduledResult = handler.handle(scheduled('e-1'));
    const spotResult = handler.handle(spot('spot-1'));
    await pass(100);
    await handler.cancel(scheduled('e-1').id, 'gone');
    expect(await scheduledResult).toMatchObject({ status: 'cancelled' });
    expect(cluster.drains[0]!.signal.aborted).toBe(false);
    cluster.drains[0]!.finish();
    expect(await spotResult).toMatchObject({ status: 'done' });
  });

  it('never uncordons a node that somebody else had cordoned', async () => {
    cluster.add('node-1', 'i-1', { unschedulable: true });
    const { handler } = start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    await handler.cancel(scheduled('e-1').id, 'gone');
    expect(cluster.log.at(-1)).toBe('restore node-1');
  });

  it('tries the uncordon again, and says when it fails for good', async () => {
    const { handler, steps } = start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    cluster.failures.restore.push(...Array.from({ length: 1000 }, () => new Error('down')));
    const cancelled = handler.cancel(scheduled('e-1').id, 'gone');
    await pass(120_000);
    expect(await cancelled).toMatchObject({ status: 'cancelled' });
    expect(steps.at(-1)).toMatchObject({ type: 'uncordon-failed', reason: 'down' });
  });

  it('is over before the same event, delivered again, is begun anew', async () => {
    const { handler } = start();
    const held = Promise.withResolvers<undefined>();
    let marks = 0;
    cluster.beforeMark = async () => {
      marks += 1;
      if (marks === 1) await held.promise;
    };
    const first = handler.handle(lifecycle('e-1'));
    await pass(10);
    void handler.cancel(lifecycle('e-1').id, 'gone');
    const second = handler.handle(lifecycle('e-1'));
    await pass(10);
    held.resolve(undefined);
    expect(await clock.run(first)).toMatchObject({ status: 'cancelled' });
    await pass(1000);
    expect(cluster.log.at(-1)).toBe('drain node-1');
    cluster.drains.at(-1)!.finish();
    expect(await second).toMatchObject({ status: 'done' });
    expect(cluster.nodes.get('node-1')!.unschedulable).toBe(true);
  });

  it('takes nothing back that another event has come to need while it failed', async () => {
    const { handler } = start();
    void handler.handle(lifecycle('e-1'));
    await pass(1000);
    cluster.failures.restore.push(new Error('down'));
    void handler.cancel(lifecycle('e-1').id, 'gone');
    await pass(20);
    void handler.handle(spot('spot-1'));
    await pass(5000);
    expect(cluster.log.filter((line) => line.startsWith('restore'))).toEqual([]);
    expect(cluster.nodes.get('node-1')!.unschedulable).toBe(true);
    expect(cluster.drains.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('is nothing when nobody knows the event', async () => {
    const { handler } = start();
    expect(await handler.cancel(spot('spot-1').id, 'gone')).toMatchObject({ status: 'ignored' });
  });
});

describe('many nodes', () => {
  it('are all cordoned before the first is drained', async () => {
    for (const n of [2, 3, 4]) cluster.add(`node-${n}`, `i-${n}`);
    const { handler } = start();
    let marks = 0;
    cluster.beforeMark = () => sleep(clock, (marks += 1) * 20);
    for (const n of [1, 2, 3, 4]) void handler.handle(spot(`spot-${n}`, { instance: `i-${n}` }));
    await pass(1_000);
    expect(cluster.log.slice(0, 4).every((entry) => entry.startsWith('mark'))).toBe(true);
    expect(cluster.log.slice(4).every((entry) => entry.startsWith('drain'))).toBe(true);
    expect(cluster.drains).toHaveLength(4);
  });

  it('are not held up for long by a cordon that hangs', async () => {
    cluster.add('node-2', 'i-2');
    const { handler } = start();
    void handler.handle(spot('spot-1'));
    await pass(10);
    cluster.beforeMark = () => new Promise(() => undefined);
    void handler.handle(spot('spot-2', { instance: 'i-2' }));
    await pass(5_500);
    expect(cluster.drains.map(({ node }) => node)).toEqual(['node-1']);
  });

  it('are drained in the order of their deadlines when places are few', async () => {
    for (const n of [2, 3]) cluster.add(`node-${n}`, `i-${n}`);
    const { handler } = start({ concurrentDrains: 1 });
    void handler.handle(spot('spot-1', { inSeconds: 100 }));
    await pass(100);
    void handler.handle(spot('spot-2', { instance: 'i-2', inSeconds: 90 }));
    void handler.handle(spot('spot-3', { instance: 'i-3', inSeconds: 30 }));
    await pass(100);
    for (const n of [0, 1, 2]) {
      cluster.drains[n]!.finish();
      await pass(100);
    }
    expect(cluster.drains.map(({ node }) => node)).toEqual(['node-1', 'node-3', 'node-2']);
  });
});
