import { describe, expect, it, vi } from 'vitest';
import type { InterruptionHandlerOptions } from './engine.ts';
import { lifecycle, scheduled, spot } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';

const HOUR_S = 3600;
const shown: InterruptionHandlerOptions = { marks: { conditions: true } };
const waits: InterruptionHandlerOptions = { ...shown, policy: { scheduledEventLeadTimeMs: 60_000 } };
const theirs = { type: 'Drained', status: 'True', reason: 'KubectlDrainCompleted' };

/** What the node's conditions say, those that are true. */
function trueOnes({ cluster }: Scene): readonly string[] {
  return cluster.node('node-1').conditions.flatMap(({ type, status }) => (status === 'True' ? [type] : []));
}

const shows = ({ cluster }: Scene): number => cluster.log.filter((line) => line.startsWith('show')).length;

describe('the conditions of a node', () => {
  it('tell of its drain in two patches of the status, beside the two of the node', async () => {
    const scene = new Scene();
    const { handler } = scene.start(shown);
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(trueOnes(scene)).toEqual(['MaintenanceInProgress', 'DrainInProgress']);
    expect(scene.cluster.node('node-1').conditions).toHaveLength(4);
    expect(scene.cluster.node('node-1').conditions).toContainEqual(
      expect.objectContaining({ type: 'Drained', status: 'False', message: 'Spot interruption spot-1' }),
    );
    await scene.finish();
    await scene.pass(200);
    expect(await result).toMatchObject({ status: 'done' });
    expect(trueOnes(scene)).toEqual(['MaintenanceInProgress', 'Drained']);
    await scene.pass(60_000);
    expect([shows(scene), scene.patches]).toEqual([2, 2]);
  });

  it('are left alone without the setting, also those that another process has asked for', async () => {
    const scene = new Scene();
    const first = scene.start(waits);
    await first.handler.handle(scheduled('e-1', { inSeconds: 2 * HOUR_S }));
    await scene.pass(200);
    first.kill();
    await first.handler.close({ graceMs: 0 });
    const before = scene.cluster.node('node-1').conditions;
    const { handler } = scene.start({ name: 'b' });
    handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(60_000);
    expect(scene.entries()).toEqual(['scheduled:over']);
    expect(scene.cluster.node('node-1').conditions).toEqual(before);
    expect([shows(scene), scene.clock.timers]).toEqual([1, 0]);
  });

  it('tell of what is planned, and go when the node is given back', async () => {
    const scene = new Scene();
    const { handler } = scene.start(waits);
    await handler.handle(scheduled('e-1', { inSeconds: 2 * HOUR_S }));
    await scene.pass(200);
    expect(trueOnes(scene)).toEqual(['MaintenancePlanned']);
    await scene.pass(2 * HOUR_S * 1000 - 59_000);
    expect(trueOnes(scene)).toEqual(['MaintenanceInProgress', 'DrainInProgress']);
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(200);
    expect([scene.isGivenBack, scene.cluster.node('node-1').conditions]).toEqual([true, []]);
    expect([shows(scene), handler.nodesInWork, scene.clock.timers]).toEqual([3, 0, 0]);
  });

  it('say that a node is not drained on which a later look finds pods', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ ...shown, completionDelayMs: 5000 });
    const complete = () => Promise.resolve();
    void handler.handle(lifecycle('action-1'), { complete });
    await scene.pass(200);
    await scene.finish();
    await scene.pass(200);
    expect([trueOnes(scene), scene.entries()]).toEqual([['MaintenanceInProgress', 'Drained'], ['action:emptied']]);
    scene.cluster.looks.push({ mustGo: 1, left: 0 });
    await scene.pass(5000);
    expect(scene.entries()).toEqual(['action:acting']);
    expect(trueOnes(scene)).toEqual(['MaintenanceInProgress', 'DrainInProgress']);
    void handler.close({ graceMs: 0 });
    await scene.pass(200);
    expect(scene.clock.timers).toBe(0);
  });

  it('of somebody else stay as they are, and ours come and go beside them', async () => {
    const scene = new Scene();
    scene.cluster.edit('node-1', { conditions: [theirs] });
    const { handler } = scene.start(shown);
    void handler.handle(scheduled('e-1'));
    await scene.pass(200);
    expect(trueOnes(scene)).toEqual(['Drained', 'MaintenanceInProgress', 'DrainInProgress']);
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(60_000);
    expect([scene.cluster.node('node-1').conditions, shows(scene)]).toEqual([[theirs], 2]);
  });

  it('are written when the burst of cordons is over, and once for what came of it meanwhile', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ ...shown, policy: { cordonOnly: true }, cordonFirst: { quietMs: 1000 } });
    await handler.handle(spot('spot-1'));
    await scene.pass(500);
    expect(shows(scene)).toBe(0);
    await scene.pass(1000);
    expect([shows(scene), trueOnes(scene)]).toEqual([1, ['MaintenanceInProgress']]);
  });

  it('are not written in a dry run', async () => {
    const scene = new Scene();
    scene.cluster.isDryRun = true;
    const { handler } = scene.start({ ...shown, dryRun: true });
    void handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish();
    await scene.pass(60_000);
    expect(shows(scene)).toBe(0);
  });
});

describe('conditions that are refused', () => {
  const refuse = (scene: Scene, times: number) =>
    scene.cluster.failures.show.push(...Array.from({ length: times }, () => new Error('not allowed')));

  it('stop no drain, and are tried again with growing pauses until they are shown', async () => {
    const scene = new Scene();
    const { handler } = scene.start(shown);
    refuse(scene, 20);
    const result = handler.handle(spot('spot-1', { inSeconds: HOUR_S / 2 }));
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(1);
    await scene.pass(600_000);
    expect(shows(scene)).toBeGreaterThan(3);
    expect(shows(scene)).toBeLessThan(15);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done' });
    expect([scene.patches, trueOnes(scene)]).toEqual([2, []]);
    scene.cluster.failures.show.length = 0;
    await scene.pass(600_000);
    expect(trueOnes(scene)).toEqual(['MaintenanceInProgress', 'Drained']);
  });

  it('keep nobody at a node with which there is nothing else to do, and go when it is looked at again', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ ...shown, policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    await scene.pass(200);
    refuse(scene, 3);
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(60_000);
    expect([handler.nodesInWork, scene.clock.timers, scene.isGivenBack]).toEqual([0, 0, true]);
    expect(trueOnes(scene)).toEqual(['MaintenanceInProgress']);
    // Its kubelet tells something.
    scene.cluster.edit('node-1', {});
    await scene.pass(15_000);
    expect(scene.cluster.node('node-1').conditions).toEqual([]);
    expect([handler.nodesInWork, scene.clock.timers]).toEqual([0, 0]);
  });
});

describe('of several processes', () => {
  it('the one that writes the record shows its conditions', async () => {
    const scene = new Scene();
    const [a, b] = [scene.start({ ...shown, lease: 'nth' }), scene.start({ ...shown, name: 'b', lease: 'nth' })];
    void a.handler.handle(spot('spot-1'));
    await scene.pass(30_000);
    expect([b.handler.nodesInWork, shows(scene)]).toEqual([1, 1]);
    await scene.finish();
    await scene.pass(30_000);
    expect([shows(scene), trueOnes(scene)]).toEqual([2, ['MaintenanceInProgress', 'Drained']]);
  });

  it('are written anew at once where the record has changed while they were written', async () => {
    const scene = new Scene();
    const slow = Promise.withResolvers<undefined>();
    const show = scene.cluster.show.bind(scene.cluster);
    vi.spyOn(scene.cluster, 'show').mockImplementationOnce(async (...asked) => {
      await slow.promise;
      return show(...asked);
    });
    const { handler } = scene.start(shown);
    void handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish();
    await scene.pass(200);
    slow.resolve(undefined);
    await scene.pass(200);
    expect(trueOnes(scene)).toEqual(['MaintenanceInProgress', 'Drained']);
  });

  it('another does it where that one could not any more', async () => {
    const scene = new Scene();
    const first = scene.start(waits);
    scene.cluster.failures.show.push(new Error('reset'));
    await first.handler.handle(scheduled('e-1', { inSeconds: 2 * HOUR_S }));
    await scene.pass(100);
    first.kill();
    await first.handler.close({ graceMs: 0 });
    expect(trueOnes(scene)).toEqual([]);
    const { handler } = scene.start({ ...waits, name: 'b' });
    handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(5000);
    expect(trueOnes(scene)).toEqual([]);
    await scene.pass(6000);
    expect(trueOnes(scene)).toEqual(['MaintenancePlanned']);
  });

  it('one that looks by itself reads the node before it writes what another may have', async () => {
    const scene = new Scene({ isWatched: false });
    const first = scene.start(waits);
    const second = scene.start({ ...waits, name: 'b' });
    await first.handler.handle(scheduled('e-1', { inSeconds: 2 * HOUR_S }));
    second.handler.lookAt(scene.cluster.node('node-1'));
    await scene.pass(300_000);
    expect([shows(scene), trueOnes(scene)]).toEqual([1, ['MaintenancePlanned']]);
  });
});
