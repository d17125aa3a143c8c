import { sleep } from '@node-termination-handler/clock';
import { describe, expect, it, vi } from 'vitest';
import { after, lifecycle, rebalance, scheduled, spot } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';

describe('several events for one node', () => {
  it('share one drain, and the earliest end counts', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    const results = [
      handler.handle(lifecycle('term-1')),
      handler.handle(scheduled('e-1', { inSeconds: 60 })),
      handler.handle(spot('spot-1', { inSeconds: 30 })),
    ];
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(1);
    expect(scene.cluster.drains[0]!.deadline.at).toEqual(after(30));
    await scene.finish();
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(toldOf('drain-began')).toHaveLength(1);
    expect(toldOf('attached').map(({ event }) => event.id)).toEqual(['e-1', 'spot-1']);
    expect(toldOf('drained').map(({ event }) => event.id)).toEqual(['term-1', 'e-1', 'spot-1']);
    expect(scene.patches).toBe(2);
  });

  it('join the drain that runs, and an earlier end of one tightens it', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    const results = [handler.handle(lifecycle('term-1'))];
    await scene.pass(200);
    expect(scene.cluster.drains[0]!.deadline.at).toBeUndefined();
    results.push(handler.handle(spot('spot-1', { inSeconds: 40 })));
    await scene.pass(200);
    results.push(handler.handle(scheduled('e-1', { inSeconds: 100 })));
    await scene.pass(200);
    expect(scene.cluster.drains[0]!.deadline.at).toEqual(after(40));
    expect(toldOf('attached')).toMatchObject([
      { tightened: true, event: { id: 'spot-1' } },
      { tightened: false, event: { id: 'e-1' } },
    ]);
    await scene.finish();
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(scene.cluster.drains).toHaveLength(1);
  });

  it('share the result when they are the same event delivered twice', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    const results = [handler.handle(spot('spot-1')), handler.handle(spot('spot-1'))];
    await scene.pass(200);
    await scene.finish();
    const [one, two] = await Promise.all(results);
    expect(one).toMatchObject({ status: 'done' });
    expect(two).toEqual(one);
    const again = handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(await again).toEqual(one);
    expect(toldOf('drained')).toHaveLength(1);
    expect(scene.patches).toBe(2);
  });

  it('upgrade a cordon for a rebalance recommendation to a drain for a Spot interruption', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    expect(await handler.handle(rebalance('r-1'))).toMatchObject({ status: 'done', action: 'cordon' });
    const drained = handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish();
    expect(await drained).toMatchObject({ status: 'done', action: 'drain' });
    expect(toldOf('cordoned')).toMatchObject([
      { wasCordoned: false, final: true },
      { wasCordoned: true, final: false },
    ]);
  });

  it('of one cause stand in one entry, and an older notice replaces nothing of a newer one', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.handle({ ...spot('newer', { inSeconds: 60 }), noticedAt: after(10) });
    void handler.handle(spot('older', { inSeconds: 30 }));
    await scene.pass(200);
    expect(scene.cluster.record('node-1').entries).toMatchObject([{ key: 'spot', id: 'newer' }]);
    expect(scene.cluster.drains[0]!.deadline.at).toEqual(after(60));
  });

  it('one that comes while the drain ends has a look of its own', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const results = [handler.handle(spot('spot-1'))];
    await scene.pass(200);
    // Its patch is on its way when the drain ends.
    const held = Promise.withResolvers<undefined>();
    scene.cluster.beforeChange = () => held.promise;
    results.push(handler.handle(scheduled('e-1', { inSeconds: 60 })));
    await scene.pass(10);
    await scene.finish();
    scene.cluster.beforeChange = () => Promise.resolve();
    held.resolve(undefined);
    await scene.pass(1000);
    if (scene.cluster.drains.length > 1) await scene.finish();
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['done', 'done']);
    expect(scene.entries()).toEqual(['spot:settled', 'scheduled:settled']);
  });
});

describe('what ends while a patch is on its way', () => {
  it('is a drain that is not begun again, and its hook is completed once', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const complete = vi.fn(() => Promise.resolve());
    const results = [handler.handle(lifecycle('term-1'), { complete })];
    await scene.pass(200);
    const held = Promise.withResolvers<undefined>();
    scene.cluster.beforeChange = () => held.promise;
    results.push(handler.handle(scheduled('e-1')));
    await scene.pass(10);
    await scene.finish();
    scene.cluster.beforeChange = () => Promise.resolve();
    held.resolve(undefined);
    await scene.pass(1000);
    expect([scene.cluster.drains.length, complete.mock.calls.length]).toEqual([1, 1]);
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['done', 'done']);
    expect(scene.entries()).toEqual(['action:settled', 'scheduled:settled']);
  });

  it('is a completion that is not asked for again', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const complete = vi.fn(() => sleep(scene.clock, 10_000));
    complete.mockRejectedValueOnce(new Error('503'));
    const results = [handler.handle(lifecycle('term-1'), { complete })];
    await scene.pass(200);
    await scene.finish();
    expect([scene.entries(), complete.mock.calls.length]).toEqual([['action:emptied'], 1]);
    await scene.pass(6000);
    expect(complete).toHaveBeenCalledTimes(2);
    scene.cluster.beforeChange = () => sleep(scene.clock, 30_000);
    results.push(handler.handle(rebalance('r-1')));
    await scene.pass(90_000);
    expect(complete).toHaveBeenCalledTimes(2);
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['done', 'done']);
  });
});

describe('many nodes', () => {
  it('are all cordoned before the first is drained', async () => {
    const scene = new Scene();
    for (const n of [2, 3, 4]) scene.cluster.add(`node-${n}`, `i-${n}`);
    const { handler } = scene.start();
    let changes = 0;
    scene.cluster.beforeChange = async () => {
      const beganMs = scene.clock.monotonic();
      changes += 1;
      const untilMs = beganMs + changes * 20;
      await new Promise<void>((resolve) => scene.clock.startTimer(untilMs - beganMs, resolve));
    };
    for (const n of [1, 2, 3, 4]) void handler.handle(spot(`spot-${n}`, { instance: `i-${n}` }));
    await scene.pass(1000);
    expect(scene.cluster.log.slice(0, 4).every((line) => line.startsWith('patch'))).toBe(true);
    expect(scene.cluster.log.slice(4).every((line) => line.startsWith('drain'))).toBe(true);
    expect(scene.cluster.drains).toHaveLength(4);
  });

  it('are not held up for long by a cordon that hangs', async () => {
    const scene = new Scene();
    scene.cluster.add('node-2', 'i-2');
    const { handler } = scene.start();
    void handler.handle(spot('spot-1'));
    await scene.pass(10);
    scene.cluster.beforeChange = () => new Promise(() => undefined);
    void handler.handle(spot('spot-2', { instance: 'i-2' }));
    await scene.pass(5500);
    expect(scene.cluster.drains.map(({ node }) => node)).toEqual(['node-1']);
  });

  it('are drained in the order of their deadlines when places are few', async () => {
    const scene = new Scene();
    for (const n of [2, 3]) scene.cluster.add(`node-${n}`, `i-${n}`);
    const { handler } = scene.start({ concurrentDrains: 1 });
    void handler.handle(scheduled('e-1', { inSeconds: 10_000 }));
    await scene.pass(200);
    void handler.handle(scheduled('e-2', { instance: 'i-2', inSeconds: 9_000 }));
    void handler.handle(scheduled('e-3', { instance: 'i-3', inSeconds: 3_000 }));
    await scene.pass(200);
    for (let n = 0; n < 3; n += 1) await scene.finish();
    expect(scene.cluster.drains.map(({ node }) => node)).toEqual(['node-1', 'node-3', 'node-2']);
  });
});
