import type { DrainReport } from '@node-termination-handler/node-drainer';
import { describe, expect, it, vi } from 'vitest';
import { CLAIM_ANNOTATION, holderName } from '../record/claims.ts';
import { after, lifecycle, scheduled, spot } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';
import { WEB } from '../testing/scripted-cluster.ts';

const drainedNodes = ({ cluster }: Scene): readonly string[] => cluster.drains.map(({ node }) => node);

/** Writes the claim of somebody of whom nothing is seen but this. */
function claimed(scene: Scene, claim: unknown): void {
  const text = typeof claim === 'string' ? claim : JSON.stringify(claim);
  scene.cluster.edit('node-1', { annotations: { [CLAIM_ANNOTATION]: text } });
}

describe('a claim', () => {
  it('is written with the cordon, beaten for while the drain runs, and ended when the node is settled', async () => {
    const scene = new Scene();
    void scene.start({ lease: 'nth' }).handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a', lease: 'nth' });
    expect(scene.lease.holders).toEqual(['kube-system/a']);
    await scene.pass(60_000);
    expect(scene.patches).toBe(1);
    await scene.finish();
    expect(scene.cluster.claim('node-1')).toBeUndefined();
    expect(scene.lease.holders).toEqual([]);
    expect(scene.patches).toBe(2);
  });

  it('is kept by one whose drain fails, who tries on', async () => {
    const scene = new Scene();
    void scene.start({ lease: 'nth' }).handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish('failed');
    await scene.pass(500);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a' });
    expect(scene.lease.holders).toEqual(['kube-system/a']);
  });

  it('of a living replica is waited for, and its work counts', async () => {
    const scene = new Scene();
    const [a, b] = [scene.start({ name: 'a', lease: 'nth' }), scene.start({ name: 'b', lease: 'nth' })];
    const results = [a.handler.handle(spot('spot-1'))];
    await scene.pass(200);
    results.push(b.handler.handle(spot('spot-1')));
    await scene.pass(100_000);
    expect(drainedNodes(scene)).toEqual(['node-1']);
    await scene.finish();
    expect(await Promise.all(results)).toMatchObject([
      { status: 'done', action: 'drain', nodeName: 'node-1', pods: { evicted: 1 } },
      { status: 'done', action: 'drain', nodeName: 'node-1', doneBy: 'kube-system/a' },
    ]);
    expect(b.toldOf('held-elsewhere')).toMatchObject([{ holder: 'kube-system/a' }]);
    expect(b.toldOf('drained')).toEqual([]);
    expect(scene.patches).toBe(2);
  });

  it('of a replica does not keep another notice from the record, nor its earlier end from the drain', async () => {
    const scene = new Scene();
    const [a, b] = [scene.start({ name: 'a', lease: 'nth' }), scene.start({ name: 'b', lease: 'nth' })];
    void a.handler.handle(lifecycle('action-1'));
    await scene.pass(200);
    void b.handler.handle(spot('spot-1', { inSeconds: 30 }));
    await scene.pass(200);
    expect(scene.entries()).toEqual(['action:acting', 'spot:acting']);
    expect(scene.cluster.drains).toMatchObject([{ deadline: { atMs: scene.clock.now() + 30_000 - 400 } }]);
    await scene.finish();
    expect(scene.entries()).toEqual(['action:settled', 'spot:settled']);
  });

  it('of a replica that died is taken over when its beat has stood still for 15 s', async () => {
    const scene = new Scene();
    const [a, b] = [scene.start({ name: 'a', lease: 'nth' }), scene.start({ name: 'b', lease: 'nth' })];
    void a.handler.handle(spot('spot-1'));
    await scene.pass(200);
    const result = b.handler.handle(spot('spot-1'));
    await scene.pass(10_000);
    a.kill();
    await scene.pass(14_000);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a' });
    await scene.pass(6_000);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/b' });
    expect(drainedNodes(scene)).toEqual(['node-1', 'node-1']);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', pods: { evicted: 1 } });
  });

  it('is counted when it is taken, taken over from another, and lost to it', async () => {
    const scene = new Scene();
    const counted: string[] = [];
    const start = (name: string) =>
      scene.start({ name, lease: 'nth', onClaim: (result) => void counted.push(`${name} ${result}`) });
    const a = start('a');
    void a.handler.handle(spot('spot-1', { inSeconds: 1_000 }));
    await scene.pass(200);
    expect(counted).toEqual(['a taken']);
    void start('b').handler.handle(spot('spot-1', { inSeconds: 1_000 }));
    await scene.pass(10_000);
    // It works on, and beats no more.
    scene.lease.die(holderName('kube-system', 'a'));
    await scene.pass(20_000);
    expect(counted).toEqual(['a taken', 'b taken-over', 'a lost']);
  });

  it('that is lost leaves what becomes of the pods to whoever has it', async () => {
    const scene = new Scene();
    const both = ['a', 'b'].map((name) => scene.start({ name, lease: 'nth' }));
    for (const { handler } of both) {
      void handler.handle(spot('spot-1', { inSeconds: 1_000 }));
      await scene.pass(10_000);
    }
    scene.lease.die(holderName('kube-system', 'a'));
    await scene.pass(20_000);
    expect(scene.cluster.drains.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    scene.cluster.drains[1]!.finish();
    await scene.pass(1_000);
    const node = scene.cluster.node('node-1');
    scene.cluster.nodes.delete('node-1');
    for (const { handler } of both) handler.seen({ type: 'removed', node });
    await scene.pass(61_000);
    expect(both.map(({ toldOf }) => toldOf('pod-outcome').map(({ outcome }) => outcome))).toEqual([[], ['evicted']]);
    expect(both.flatMap(({ toldOf }) => toldOf('pods-lost'))).toEqual([]);
  });

  it('that another was quicker to write is counted as refused', async () => {
    const scene = new Scene();
    const counted: string[] = [];
    scene.cluster.beforeChange = () => {
      claimed(scene, { holder: 'kube-system/b', incarnation: 'x', lease: 'nth' });
      return Promise.resolve();
    };
    const a = scene.start({ lease: 'nth', onClaim: (result) => void counted.push(result) });
    void a.handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(counted).toEqual(['refused']);
  });

  it('of a dead replica is taken over by one that knows the interruption from the record alone, too', async () => {
    const scene = new Scene();
    const [a] = [scene.start({ name: 'a', lease: 'nth' }), scene.start({ name: 'b', lease: 'nth' })];
    void a.handler.handle(spot('spot-1'));
    await scene.pass(200);
    a.kill();
    await scene.pass(20_000);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/b' });
    expect(drainedNodes(scene)).toEqual(['node-1', 'node-1']);
  });

  it('of one whose Lease cannot be read is believed for half of the time left, at most a minute', async () => {
    for (const [inSeconds, believedMs] of [
      [40, 20_000],
      [1000, 60_000],
    ] as const) {
      const scene = new Scene();
      claimed(scene, { holder: 'kube-system/agent', incarnation: 'x', lease: 'other' });
      void scene.start({ lease: 'nth' }).handler.handle(spot('spot-1', { inSeconds }));
      await scene.pass(believedMs - 500);
      expect(drainedNodes(scene)).toEqual([]);
      expect(scene.entries()).toEqual(['spot:acting']);
      await scene.pass(1000);
      expect(drainedNodes(scene)).toEqual(['node-1']);
      expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a' });
    }
  });

  it('that somebody unseen rewrites for ever holds nothing up for longer, and is not fought over', async () => {
    const scene = new Scene();
    claimed(scene, { holder: 'kube-system/agent', incarnation: 'x' });
    void scene.start().handler.handle(spot('spot-1', { inSeconds: 40 }));
    for (let n = 0; n < 30; n += 1) {
      await scene.pass(1000);
      claimed(scene, { holder: 'kube-system/agent', incarnation: `x${n}` });
    }
    expect(drainedNodes(scene)).toEqual(['node-1']);
    expect(scene.patches).toBe(2);
    expect(scene.cluster.drains[0]!.signal.aborted).toBe(false);
  });

  it('of the version before this one, which names a holder alone, is believed like one that cannot be seen', async () => {
    const scene = new Scene();
    claimed(scene, { holder: 'b', state: 'drained', until: '2026-01-02T04:00:00Z' });
    void scene.start().handler.handle(spot('spot-1', { inSeconds: 40 }));
    await scene.pass(19_000);
    expect(drainedNodes(scene)).toEqual([]);
    await scene.pass(2000);
    expect(drainedNodes(scene)).toEqual(['node-1']);
  });

  it('of an earlier start of the own pod is taken over at once', async () => {
    const scene = new Scene();
    claimed(scene, { holder: 'kube-system/a', incarnation: 'before', lease: 'nth' });
    void scene.start({ lease: 'nth' }).handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(drainedNodes(scene)).toEqual(['node-1']);
    expect(scene.cluster.claim('node-1')?.incarnation).not.toBe('before');
  });

  it('that is garbage counts as none, and is overwritten', async () => {
    const scene = new Scene();
    claimed(scene, '{"holder":7');
    void scene.start().handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(drainedNodes(scene)).toEqual(['node-1']);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a' });
  });

  it('that another wins in the moment between look and patch is left to it, and nobody beats for it', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ lease: 'nth' });
    let isFirst = true;
    scene.cluster.beforeChange = () => {
      if (isFirst) claimed(scene, { holder: 'kube-system/b', incarnation: 'b', lease: 'nth' });
      isFirst = false;
      return Promise.resolve();
    };
    void handler.handle(spot('spot-1'));
    await scene.pass(1000);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/b' });
    expect(scene.entries()).toEqual(['spot:acting']);
    expect(drainedNodes(scene)).toEqual([]);
    expect(scene.lease.holders).toEqual([]);
  });

  it('is no longer worked on by a process that another of its name has replaced', async () => {
    const scene = new Scene();
    const first = scene.start({ lease: 'nth' });
    void first.handler.handle(spot('spot-1'));
    await scene.pass(200);
    const second = scene.start({ lease: 'nth' });
    void second.handler.handle(spot('spot-1'));
    await scene.pass(200);
    scene.lease.tell();
    await scene.pass(200);
    expect(scene.cluster.drains.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await scene.finish();
    expect(scene.entries()).toEqual(['spot:settled']);
  });

  it('is looked at every two seconds where nobody watches the node', async () => {
    const scene = new Scene({ isWatched: false });
    claimed(scene, { holder: 'kube-system/b', incarnation: 'b' });
    const result = scene.start().handler.handle(spot('spot-1', { inSeconds: 100 }));
    await scene.pass(10_000);
    const reads = scene.cluster.log.filter((line) => line.startsWith('read')).length;
    expect(reads).toBeGreaterThan(2);
    expect(reads).toBeLessThan(10);
    // The other has done it.
    const { before } = { before: scene.cluster.node('node-1').annotations };
    const settled = before['aws-node-termination-handler/interruptions']!.replace('"acting"', '"settled"');
    scene.cluster.edit('node-1', {
      annotations: { 'aws-node-termination-handler/interruptions': settled, [CLAIM_ANNOTATION]: null },
    });
    await scene.pass(3000);
    expect(await result).toMatchObject({ status: 'done', doneBy: 'kube-system/b' });
    expect(drainedNodes(scene)).toEqual([]);
  });

  it('is read by whoever works on it every ten seconds where its watch is silent', async () => {
    const scene = new Scene();
    void scene.start().handler.handle(lifecycle('action-1'));
    await scene.pass(200);
    const [drain] = scene.cluster.drains;
    const reads = () => scene.cluster.log.filter((line) => line.startsWith('read')).length;
    await scene.pass(60_000);
    expect(reads()).toBe(0);
    scene.cluster.silentMs = 60_000;
    void scene.start({ name: 'b' }).handler.handle(spot('spot-1'));
    await scene.pass(11_000);
    expect(drain?.deadline.at).toEqual(after(120));
    await scene.pass(49_000);
    expect(reads()).toBeLessThanOrEqual(12);
  });

  it('is not written where the process has no name', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ holder: undefined });
    claimed(scene, { holder: 'kube-system/b', incarnation: 'b' });
    void handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(drainedNodes(scene)).toEqual(['node-1']);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/b' });
  });
});

describe('a process that stops', () => {
  it('lets a drain end within the grace, and takes nothing new', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    const closed = handler.close({ graceMs: 20_000 });
    expect(await handler.handle(scheduled('e-1'))).toEqual({ status: 'handed-back' });
    await scene.pass(5000);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done' });
    await closed;
    expect([handler.nodesInWork, scene.clock.timers]).toEqual([0, 0]);
    expect(scene.entries()).toEqual(['spot:settled']);
    expect(scene.cluster.claim('node-1')).toBeUndefined();
  });

  it('hands back what does not end in time, ends its claim and leaves the node cordoned', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ lease: 'nth' });
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    const closed = handler.close({ graceMs: 20_000 });
    await scene.pass(21_000);
    expect(await result).toEqual({ status: 'handed-back' });
    await closed;
    expect(scene.cluster.claim('node-1')).toBeUndefined();
    expect(scene.cluster.drains[0]!.signal.aborted).toBe(true);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    expect(scene.entries()).toEqual(['spot:acting']);
    expect([scene.lease.holders, scene.lease.listeners, scene.clock.timers]).toEqual([[], 0, 0]);
  });

  it('hands back at once a drain that something holds, and one whose last pods are who drains', async () => {
    const budget = { kind: 'budget', name: 'web' } as const;
    const until = { until: new Date(), attempt: 1, isNew: true } as const;
    const me = { ...WEB, uid: 'me' };
    const last = { pod: me, decision: 'evict', reason: '', group: 'last', graceSeconds: 60 } as const;
    const reports: readonly (readonly DrainReport[])[] = [
      [{ type: 'blocked', pod: WEB, heldBy: budget, message: 'no', advice: '', ...until }],
      [
        { type: 'planned', pods: [last], warnings: [], deadline: undefined },
        { type: 'gone', pod: WEB, podsLeft: 1 },
        { type: 'evicted', pod: me, hurried: false, graceSeconds: 60 },
      ],
    ];
    for (const isTold of ['before', 'meanwhile']) {
      for (const some of reports) {
        const scene = new Scene();
        const { handler } = scene.start({ lease: 'nth' });
        const result = handler.handle(spot('spot-1'));
        await scene.pass(200);
        const tell = async () => {
          for (const report of some) scene.cluster.drains[0]!.tell(report);
          await scene.pass(10);
        };
        if (isTold === 'before') await tell();
        const closed = handler.close({ graceMs: 20_000 });
        await scene.pass(10);
        if (isTold === 'meanwhile') await tell();
        expect(await result).toEqual({ status: 'handed-back' });
        await closed;
        expect(scene.cluster.claim('node-1')).toBeUndefined();
        expect([scene.lease.holders, scene.clock.timers]).toEqual([[], 0]);
      }
    }
  });

  it('lets a drain end whose pods are in their grace', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    scene.cluster.drains[0]!.tell({ type: 'evicted', pod: WEB, hurried: false, graceSeconds: 30 });
    const closed = handler.close({ graceMs: 20_000 });
    await scene.pass(15_000);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done' });
    await closed;
  });

  it('hands back at once a hook whose delay runs, and completes one that is due', async () => {
    for (const [delayMs, status] of [
      [60_000, 'handed-back'],
      [0, 'done'],
    ] as const) {
      const scene = new Scene();
      const { handler } = scene.start({ completionDelayMs: delayMs });
      const gate = Promise.withResolvers<undefined>();
      const complete = vi.fn(() => gate.promise.then(() => undefined));
      const result = handler.handle(lifecycle('action-1'), { complete });
      await scene.pass(200);
      await scene.finish();
      const closed = handler.close({ graceMs: 20_000 });
      await scene.pass(1000);
      gate.resolve(undefined);
      await scene.pass(1000);
      expect(await result).toMatchObject({ status });
      await closed;
      expect(complete).toHaveBeenCalledTimes(delayMs === 0 ? 1 : 0);
    }
  });

  it('has told what its successor tells no more', async () => {
    const scene = new Scene();
    const [a, b] = [scene.start({ name: 'a', lease: 'nth' }), scene.start({ name: 'b', lease: 'nth' })];
    void a.handler.handle(lifecycle('action-1'));
    await scene.pass(200);
    const closed = a.handler.close({ graceMs: 0 });
    await scene.pass(100);
    await closed;
    void b.handler.handle(lifecycle('action-1'));
    await scene.pass(500);
    await scene.finish();
    expect([a, b].map((one) => one.toldOf('cordoned').map(({ isFirst }) => isFirst))).toEqual([[true], [false]]);
    expect([a.toldOf('drained').length, b.toldOf('drained').length]).toEqual([0, 1]);
  });

  it('is followed at once by a replica that has the message', async () => {
    const scene = new Scene();
    const [a, b] = [scene.start({ name: 'a', lease: 'nth' }), scene.start({ name: 'b', lease: 'nth' })];
    void a.handler.handle(spot('spot-1'));
    await scene.pass(200);
    const result = b.handler.handle(spot('spot-1'));
    await scene.pass(1000);
    const closed = a.handler.close({ graceMs: 0 });
    await scene.pass(500);
    await closed;
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: holderName('kube-system', 'b') });
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', pods: { evicted: 1 } });
  });

  it('hands back at once what waits for another replica, for its time or for the API server', async () => {
    const scene = new Scene();
    claimed(scene, { holder: 'kube-system/b', incarnation: 'b' });
    scene.cluster.add('node-2', 'i-2');
    const { handler } = scene.start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
    const results = [
      handler.handle(spot('spot-1')),
      handler.handle(scheduled('e-1', { instance: 'i-2', inSeconds: 1800 })),
    ];
    await scene.pass(100);
    scene.cluster.failures.find.push(...Array.from({ length: 10 }, () => new Error('down')));
    results.push(handler.handle(spot('spot-3', { instance: 'i-3' })));
    await scene.pass(10);
    const patches = scene.patches;
    await handler.close({ graceMs: 20_000 });
    expect(await Promise.all(results)).toEqual(Array.from({ length: 3 }, () => ({ status: 'handed-back' })));
    expect(scene.patches).toBe(patches);
    expect([handler.nodesInWork, scene.clock.timers]).toEqual([0, 0]);
  });

  it('begins nothing for what it hears of while it stops', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    await handler.close({ graceMs: 0 });
    const target = { instanceId: 'i-1' };
    await expect(handler.returned(target, new Date(scene.clock.now()))).rejects.toThrow('the process stops');
    await handler.listed(target, { source: 'imds', causes: new Set(['scheduled']), events: [] });
    handler.lookAt(scene.cluster.node('node-1'));
    handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(1000);
    expect([handler.nodesInWork, scene.patches, scene.clock.timers]).toEqual([0, 1, 0]);
  });

  it('waits no longer than a moment for an API server that does not answer', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.handle(spot('spot-1'));
    await scene.pass(200);
    scene.cluster.beforeChange = () => new Promise(() => undefined);
    let isClosed = false;
    void handler.close({ graceMs: 1000 }).then(() => (isClosed = true));
    await scene.pass(10_000);
    expect(isClosed).toBe(true);
  });
});
