import { describe, expect, it, vi } from 'vitest';
import { after, lifecycle, spot } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';
import { denied } from '../testing/scripted-cluster.ts';

const looks = ({ cluster }: Scene): number => cluster.log.filter((line) => line.startsWith('look')).length;

describe('the hook of a lifecycle action', () => {
  it('is completed at the end of its drain, which is a look, before the second patch', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => {
      scene.cluster.log.push('complete');
      return Promise.resolve();
    });
    const result = scene.start().handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(200);
    expect(complete).not.toHaveBeenCalled();
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', action: 'drain', nodeName: 'node-1', pods: { evicted: 1 } });
    expect(scene.cluster.log).toEqual(['patch node-1', 'drain node-1', 'complete', 'patch node-1']);
    expect(scene.cluster.record('node-1').entries).toMatchObject([{ progress: 'settled' }]);
    expect(scene.cluster.record('node-1').entries[0]).not.toHaveProperty('hook');
  });

  it('is completed once, though its node is emptied again when a webhook lets it be marked', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    scene.cluster.failures.change.push(...Array.from({ length: 9 }, denied));
    let result: unknown;
    void scene
      .start()
      .handler.handle(lifecycle('action-1'), { complete, hook: { timeoutMs: 120_000, defaultResult: 'CONTINUE' } })
      .then((end) => (result = end));
    await scene.pass(300);
    await scene.finish();
    expect(complete).toHaveBeenCalledTimes(1);
    await scene.pass(10_000);
    await scene.finish();
    await scene.pass(20_000);
    expect([scene.entries(), result]).toEqual([['action:acting'], undefined]);
    await scene.finish();
    expect([scene.entries(), result]).toMatchObject([['action:settled'], { status: 'done' }]);
    expect([complete.mock.calls.length, scene.cluster.drains.length]).toEqual([1, 3]);
  });

  it('is completed after its delay on a new look, also where its node can never be marked', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    scene.cluster.failures.change.push(...Array.from({ length: 1000 }, denied));
    const { handler } = scene.start({ completionDelayMs: 15_000 });
    void handler.handle(lifecycle('action-1'), { complete, hook: { timeoutMs: 120_000, defaultResult: 'CONTINUE' } });
    for (let second = 0; second < 12; second += 1) {
      await scene.pass(990);
      await scene.finish();
    }
    expect([complete.mock.calls.length, looks(scene)]).toEqual([0, 0]);
    for (let second = 0; second < 80; second += 1) {
      await scene.pass(990);
      await scene.finish();
    }
    expect([complete.mock.calls.length, looks(scene)]).toEqual([1, 1]);
  });

  it('is not completed when the drain fails', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    void scene.start().handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(200);
    await scene.finish('failed', 'a budget never opened');
    await scene.pass(60_000);
    expect(complete).not.toHaveBeenCalled();
    await scene.finish();
    expect(complete).toHaveBeenCalledTimes(1);
  });

  it('is asked for again until it is completed, each time on a new look, and its message stays in hand', async () => {
    const scene = new Scene();
    let failures = 3;
    const complete = vi.fn(() => ((failures -= 1) >= 0 ? Promise.reject(new Error('500')) : Promise.resolve()));
    let result: unknown;
    void scene
      .start()
      .handler.handle(lifecycle('action-1'), { complete })
      .then((end) => (result = end));
    await scene.pass(200);
    await scene.finish();
    expect([complete.mock.calls.length, scene.entries(), result]).toEqual([1, ['action:emptied'], undefined]);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a' });
    await scene.pass(60_000);
    expect(complete).toHaveBeenCalledTimes(4);
    expect(looks(scene)).toBeGreaterThanOrEqual(3);
    expect(result).toMatchObject({ status: 'done', action: 'drain' });
    expect(scene.cluster.drains).toHaveLength(1);
    expect([scene.entries(), scene.patches]).toEqual([['action:settled'], 3]);
  });

  it('that cannot be completed keeps no other interruption waiting', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const complete = vi.fn(() => Promise.reject(new Error('500')));
    void handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(200);
    await scene.finish();
    await scene.pass(40_000);
    void handler.handle({ ...spot('spot-1', { inSeconds: 300 }) });
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(2);
  });

  it('is completed after the delay and a look of its own, in three patches', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    const result = scene.start({ completionDelayMs: 30_000 }).handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(200);
    await scene.finish();
    expect(scene.entries()).toEqual(['action:emptied']);
    await scene.pass(29_000);
    expect(complete).not.toHaveBeenCalled();
    await scene.pass(1_000);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(await result).toMatchObject({ status: 'done', pods: { evicted: 1 } });
    expect(scene.cluster.log).toEqual(['patch node-1', 'drain node-1', 'patch node-1', 'look node-1', 'patch node-1']);
  });

  it.each(['before', 'after'])('that ends %s its node is empty is completed without delay, on a look', async (when) => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    const { handler } = scene.start({ completionDelayMs: 30_000 });
    const event = lifecycle('action-1');
    const result = handler.handle(event, { complete });
    await scene.pass(200);
    if (when === 'before') handler.hookChanged(event, 'ending');
    await scene.finish();
    await scene.pass(1_000);
    expect(complete).toHaveBeenCalledTimes(when === 'before' ? 1 : 0);
    if (when === 'after') handler.hookChanged(event, 'ending');
    await scene.pass(1_000);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(await result).toMatchObject({ status: 'done' });
    expect(looks(scene)).toBe(1);
  });

  it('is waited for no longer than anything asks for it: the delay ends with its interruption (A6)', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    const { handler } = scene.start({ completionDelayMs: 86_400_000 });
    const event = { ...lifecycle('action-1'), destination: 'WarmPool' } as const;
    const result = handler.handle(event, { complete });
    await scene.pass(200);
    await scene.finish();
    expect(scene.entries()).toEqual(['action:emptied']);
    const back = handler.putIntoService({ instanceId: 'i-1' }, after(60));
    await scene.pass(70_000);
    await back;
    expect(await result).toMatchObject({ status: 'cancelled' });
    expect([complete.mock.calls.length, handler.nodesInWork, scene.clock.timers]).toEqual([0, 0, 0]);
  });

  it('is known to wait for nothing but the delay, as soon as the node is empty', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ completionDelayMs: 30_000 });
    const event = lifecycle('action-1');
    const result = handler.handle(event, { complete: () => Promise.resolve() });
    await scene.pass(200);
    expect(handler.isEmptied(event)).toBe(false);
    await scene.finish();
    expect([handler.isEmptied(event), handler.isEmptied(lifecycle('action-2'))]).toEqual([true, false]);
    await scene.pass(31_000);
    expect(await result).toMatchObject({ status: 'done' });
    expect(handler.isEmptied(event)).toBe(false);
  });

  it('is not completed when the look after the delay finds a pod: the node is drained again first', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    const result = scene.start({ completionDelayMs: 30_000 }).handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(200);
    await scene.finish();
    scene.cluster.looks.push({ mustGo: 1, left: 0 });
    await scene.pass(31_000);
    expect([complete.mock.calls.length, scene.entries(), scene.cluster.drains.length]).toEqual([
      0,
      ['action:acting'],
      2,
    ]);
    await scene.finish();
    await scene.pass(31_000);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(await result).toMatchObject({ status: 'done' });
  });

  it('is not completed when nobody can look', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    const result = scene.start({ completionDelayMs: 1000 }).handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(200);
    await scene.finish();
    scene.cluster.failures.look.push(new Error('down'), new Error('down'));
    await scene.pass(1000);
    expect(complete).not.toHaveBeenCalled();
    await scene.pass(60_000);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(await result).toMatchObject({ status: 'done' });
  });

  it('is completed with the mark where only a cordon is asked for', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    const result = handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(100);
    expect(await result).toEqual({ status: 'done', action: 'cordon', nodeName: 'node-1' });
    expect(complete).toHaveBeenCalledTimes(1);
    expect(scene.cluster.log).toEqual(['patch node-1', 'patch node-1']);
  });

  it('is left to its owner where nobody completes it; the message goes when the node is empty', async () => {
    const scene = new Scene();
    let result: unknown;
    void scene
      .start()
      .handler.handle(lifecycle('action-1'))
      .then((end) => (result = end));
    await scene.pass(200);
    expect(result).toBeUndefined();
    await scene.finish();
    expect(result).toMatchObject({ status: 'done', action: 'drain' });
  });

  it('of two nodes that claim one instance is completed once, when the last of them is empty', async () => {
    const scene = new Scene();
    scene.cluster.add('node-2', 'i-1');
    const complete = vi.fn(() => Promise.resolve());
    let result: unknown;
    void scene
      .start()
      .handler.handle(lifecycle('action-1'), { complete })
      .then((end) => (result = end));
    await scene.pass(200);
    expect(scene.cluster.drains.map(({ node }) => node)).toEqual(['node-1', 'node-2']);
    scene.cluster.drains[0]!.finish();
    await scene.pass(1000);
    expect([complete.mock.calls.length, result]).toEqual([0, undefined]);
    scene.cluster.drains[1]!.finish();
    await scene.pass(1000);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(result).toMatchObject({ status: 'done' });
    expect([scene.entries('node-1'), scene.entries('node-2')]).toEqual([['action:settled'], ['action:settled']]);
  });

  it('of two nodes is asked for again, too, when completing it failed', async () => {
    const scene = new Scene();
    scene.cluster.add('node-2', 'i-1');
    let failures = 2;
    const complete = vi.fn(() => ((failures -= 1) >= 0 ? Promise.reject(new Error('500')) : Promise.resolve()));
    let result: unknown;
    void scene
      .start()
      .handler.handle(lifecycle('action-1'), { complete })
      .then((end) => (result = end));
    await scene.pass(200);
    for (const drain of scene.cluster.drains) drain.finish();
    await scene.pass(120_000);
    expect(result).toMatchObject({ status: 'done' });
    expect(complete).toHaveBeenCalledTimes(3);
  });

  it('of two nodes is not completed when the one that was empty first is so no more', async () => {
    const scene = new Scene();
    scene.cluster.add('node-2', 'i-1');
    const complete = vi.fn(() => Promise.resolve());
    let result: unknown;
    void scene
      .start({ policy: { nodeTerminationGracePeriodSeconds: 3600 } })
      .handler.handle(lifecycle('action-1'), { complete })
      .then((end) => (result = end));
    await scene.pass(200);
    scene.cluster.drains[0]!.finish();
    await scene.pass(600_000);
    // A pod has come to node-1; whoever looks finds it until it is drained again.
    scene.cluster.looks.push({ mustGo: 1, left: 0 }, { mustGo: 1, left: 0 });
    scene.cluster.drains[1]!.finish();
    await scene.pass(10);
    expect(complete).not.toHaveBeenCalled();
    for (let n = 0; n < 10 && result === undefined; n += 1) {
      await scene.pass(5_000);
      for (const drain of scene.cluster.drains) drain.finish();
    }
    await scene.pass(60_000);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(result).toMatchObject({ status: 'done' });
  });

  it('of two nodes waits no longer for one that is gone', async () => {
    const scene = new Scene();
    scene.cluster.add('node-2', 'i-1');
    const complete = vi.fn(() => Promise.resolve());
    let result: unknown;
    void scene
      .start()
      .handler.handle(lifecycle('action-1'), { complete })
      .then((end) => (result = end));
    await scene.pass(200);
    scene.cluster.drains[0]!.finish();
    scene.cluster.nodes.delete('node-2');
    scene.cluster.drains[1]!.finish();
    await scene.pass(1000);
    expect(complete).toHaveBeenCalledTimes(1);
    expect(result).toMatchObject({ status: 'done', nodeName: 'node-1' });
  });

  it('that a dead process left on an emptied node is completed by who has the message, after an own look', async () => {
    const scene = new Scene();
    const failing = vi.fn(() => Promise.reject(new Error('500')));
    const first = scene.start({ name: 'a', lease: 'nth' });
    void first.handler.handle(lifecycle('action-1'), { complete: failing });
    await scene.pass(200);
    await scene.finish();
    expect(scene.entries()).toEqual(['action:emptied']);
    first.kill();
    await first.handler.close({ graceMs: 0 });
    const logged = scene.cluster.log.length;
    const complete = vi.fn(() => Promise.resolve());
    const result = scene.start({ name: 'b', lease: 'nth' }).handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(1000);
    expect(await result).toMatchObject({ status: 'done', action: 'drain' });
    expect(complete).toHaveBeenCalledTimes(1);
    expect(scene.cluster.log.slice(logged)).toContain('look node-1');
    expect(scene.entries()).toEqual(['action:settled']);
  });

  it('is not completed on the word of the record when the successor finds a pod', async () => {
    const scene = new Scene();
    const first = scene.start({ name: 'a' });
    void first.handler.handle(lifecycle('action-1'), { complete: () => Promise.reject(new Error('500')) });
    await scene.pass(200);
    await scene.finish();
    first.kill();
    await first.handler.close({ graceMs: 0 });
    scene.cluster.looks.push({ mustGo: 2, left: 0 }, { mustGo: 2, left: 0 });
    const complete = vi.fn(() => Promise.resolve());
    void scene.start({ name: 'b' }).handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(1000);
    expect([complete.mock.calls.length, scene.cluster.drains.length]).toEqual([0, 2]);
    await scene.finish();
    expect(complete).toHaveBeenCalledTimes(1);
  });

  it('waits for a look that cannot be made, which is tried with pauses', async () => {
    const scene = new Scene();
    const first = scene.start({ name: 'a' });
    void first.handler.handle(lifecycle('action-1'), { complete: () => Promise.reject(new Error('500')) });
    await scene.pass(200);
    await scene.finish();
    first.kill();
    await first.handler.close({ graceMs: 0 });
    const before = looks(scene);
    scene.cluster.failures.look.push(...Array.from({ length: 1000 }, () => new Error('down')));
    const complete = vi.fn(() => Promise.resolve());
    void scene.start({ name: 'b' }).handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(60_000);
    expect(complete).not.toHaveBeenCalled();
    expect(looks(scene) - before).toBeLessThan(30);
    scene.cluster.failures.look.length = 0;
    await scene.pass(60_000);
    expect(complete).toHaveBeenCalledTimes(1);
  });

  it('is completed though another interruption came to the node meanwhile', async () => {
    const scene = new Scene();
    const complete = vi.fn(() => Promise.resolve());
    const { handler } = scene.start({ completionDelayMs: 10_000 });
    const results = [handler.handle(lifecycle('action-1'), { complete })];
    await scene.pass(200);
    await scene.finish();
    results.push(handler.handle(spot('spot-1')));
    await scene.pass(200);
    // The later interruption looks again.
    await scene.finish();
    await scene.pass(20_000);
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['done', 'done']);
    expect(complete).toHaveBeenCalledTimes(1);
  });
});
