import { describe, expect, it } from 'vitest';
import { after, lifecycle, spot, targetState } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';

const TARGET = { name: 'node-1', instanceId: 'i-1' };
const HOUR_MS = 3_600_000;

describe('an instance that its group puts into service again', () => {
  const intoPool = (id: string, seconds = 0) =>
    ({ ...lifecycle(id), noticedAt: after(seconds), destination: 'WarmPool' }) as const;
  const complete = () => Promise.resolve();

  it('is taken back by whoever hears of it, and the process that drained it does not begin anew (W3)', async () => {
    const scene = new Scene();
    const a = scene.start({ marks: { taintEffect: 'NoSchedule' } });
    const b = scene.start({ name: 'b', marks: { taintEffect: 'NoSchedule' } });
    const result = a.handler.handle(intoPool('action-1'), { complete });
    await scene.pass(200);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done' });
    await scene.pass(60_000);
    let isGivenBack: boolean | undefined;
    void b.handler.putIntoService(TARGET, after(50)).then(() => (isGivenBack = scene.isGivenBack));
    await scene.pass(1000);
    expect(isGivenBack).toBe(true);
    await scene.pass(HOUR_MS);
    expect([scene.isGivenBack, scene.cluster.drains.length]).toEqual([true, 1]);
    expect(b.toldOf('uncordoned')).toMatchObject([{ reason: 'its group puts the instance into service again' }]);
  });

  it('is taken back by one whose watch is behind and shows nothing of what was done', async () => {
    const scene = new Scene();
    const before = scene.cluster.node('node-1');
    const a = scene.start();
    void a.handler.handle(intoPool('action-1'), { complete });
    await scene.pass(200);
    await scene.finish();
    a.kill();
    const b = scene.start({ name: 'b' });
    scene.cluster.find = () => Promise.resolve([before]);
    await Promise.all([b.handler.putIntoService(TARGET, after(50)), scene.pass(1000)]);
    expect([scene.isGivenBack, scene.entries()]).toEqual([true, ['action:over']]);
  });

  it('can go there again, as often as it likes', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    for (let round = 0; round < 5; round += 1) {
      const result = handler.handle(intoPool(`action-${round}`, round * 100), { complete });
      await scene.pass(200);
      await scene.finish();
      expect(await result).toMatchObject({ status: 'done' });
      await scene.pass(50_000);
      await Promise.all([handler.putIntoService(TARGET, after(round * 100 + 50)), scene.pass(1000)]);
      expect(scene.isGivenBack).toBe(true);
      await scene.pass(48_790);
    }
    expect([scene.cluster.drains.length, handler.nodesInWork]).toEqual([5, 0]);
  });

  it('that goes for good is not taken back, nor for what is newer, nor for what has another cause', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    void handler.handle(lifecycle('action-1'), { complete: () => new Promise(() => undefined) });
    void handler.handle(intoPool('action-2', 70), { complete });
    void handler.handle(spot('spot-1', { inSeconds: 10 }));
    await scene.pass(80_000);
    await Promise.all([handler.putIntoService(TARGET, after(60)), scene.pass(1000)]);
    expect(scene.entries()).toEqual(['action:acting', 'action:settled', 'spot:settled']);
  });

  it('was not gone for good where its action is done, though the version before said so of what went into the pool', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await Promise.all([handler.handle(lifecycle('action-1'), { complete }), scene.pass(60_000)]);
    expect(scene.entries()).toEqual(['action:settled']);
    await Promise.all([handler.putIntoService(TARGET, after(0)), scene.pass(1000)]);
    expect(scene.entries()).toEqual(['action:settled']);
    await Promise.all([handler.putIntoService(TARGET, after(50)), scene.pass(1000)]);
    expect(scene.isGivenBack).toBe(true);
  });

  it('was in the pool as its metadata said it, each time with the same words', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    const target = (seconds: number) =>
      ({ ...targetState('target-1'), destination: 'WarmPool', noticedAt: after(seconds) }) as const;
    await handler.handle(target(0));
    await scene.pass(60_000);
    await Promise.all([handler.putIntoService(TARGET, after(50)), scene.pass(1000)]);
    expect(scene.isGivenBack).toBe(true);
    expect(await handler.handle(target(0))).toMatchObject({ status: 'cancelled' });
    await handler.handle(target(90));
    expect(scene.entries()).toEqual(['target:settled']);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
  });

  it('is told to wait until that stands on the node, or the process stops', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await Promise.all([handler.handle(intoPool('action-1'), { complete }), scene.pass(100)]);
    scene.cluster.failures.change.push(...Array.from({ length: 1000 }, () => new Error('down')));
    let end: unknown = 'waits';
    handler.putIntoService(TARGET, after(50)).then(
      () => (end = 'written'),
      (error: unknown) => (end = error),
    );
    await scene.pass(60_000);
    expect(end).toBe('waits');
    await Promise.all([handler.close({ graceMs: 100 }), scene.pass(5000)]);
    expect(end).toMatchObject({ message: 'the process stops' });
    await expect(handler.putIntoService(TARGET, after(50))).rejects.toThrow('the process stops');
    expect(scene.clock.timers).toBe(0);
  });

  it('is told to wait by a process that does not know the node yet, and whose first patch fails', async () => {
    const scene = new Scene();
    const a = scene.start({ policy: { cordonOnly: true } });
    await Promise.all([a.handler.handle(intoPool('action-1'), { complete }), scene.pass(100)]);
    a.kill();
    const b = scene.start({ name: 'b', policy: { cordonOnly: true } });
    scene.cluster.failures.change.push(new Error('down'));
    let isGivenBack: boolean | undefined;
    void b.handler.putIntoService(TARGET, after(50)).then(() => (isGivenBack = scene.isGivenBack));
    await scene.pass(60_000);
    expect([isGivenBack, scene.isGivenBack]).toEqual([true, true]);
  });

  it('has nothing to give back where its node is gone, or never was', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.putIntoService({ instanceId: 'i-9' }, after(50));
    await Promise.all([handler.handle(intoPool('action-1'), { complete }), scene.pass(100)]);
    const done = handler.putIntoService(TARGET, after(50));
    scene.cluster.nodes.delete('node-1');
    await Promise.all([done, scene.pass(1000)]);
    expect(handler.nodesInWork).toBe(0);
  });
});
