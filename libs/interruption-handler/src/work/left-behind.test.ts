import { describe, expect, it } from 'vitest';
import type { ClusterNode } from '../cluster/cluster.ts';
import { RECORD_ANNOTATION } from '../record/annotation.ts';
import { lifecycle, rebalance, scheduled, spot, START } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';
import type { Process } from '../testing/scene.ts';

const LEAD = { policy: { scheduledEventLeadTimeMs: 60_000 } };
const complete = (): Promise<void> => Promise.resolve();
const pool = { ...lifecycle('a'), destination: 'WarmPool' } as const;
const planned = () => scheduled('e-1', { inSeconds: 2 * 3600 });

/** The kubelet of `node-1` registers it anew. */
function register(scene: Scene, uid = 'uid-2', more: Partial<ClusterNode> = {}): ClusterNode {
  return scene.cluster.add('node-1', 'i-1', { uid, resourceVersion: `50${uid}`.replace(/\D/g, ''), ...more });
}

/** A node that was drained because its group takes its instance into a warm pool. */
async function drainedForPool() {
  const scene = new Scene();
  const { handler } = scene.start();
  void handler.handle(pool, { complete });
  await scene.pass(200);
  await scene.finish();
  await scene.pass(1_000);
  return { scene, handler };
}

/** The group puts the instance into service again. */
async function putIntoService(scene: Scene, handler: Process['handler']): Promise<void> {
  await Promise.all([handler.putIntoService({ instanceId: 'i-1' }, new Date(scene.clock.now())), scene.pass(300)]);
}

/** Until the function that it returns is called, whoever looks nodes up finds these. */
function showOnly({ cluster }: Scene, ...nodes: readonly ClusterNode[]): () => void {
  const find = cluster.find.bind(cluster);
  cluster.find = () => Promise.resolve(nodes);
  return () => (cluster.find = find);
}

describe('what is left of a node object that is gone', () => {
  it('is not given to that object, which is still found, but to the next', async () => {
    const scene = new Scene();
    const { handler } = scene.start(LEAD);
    await handler.handle(planned());
    void handler.handle(spot('spot-1'));
    await scene.pass(200);
    const node = scene.cluster.node('node-1');
    scene.cluster.nodes.delete('node-1');
    const isUpToDate = showOnly(scene, node);
    await scene.finish();
    await scene.pass(700);
    isUpToDate();
    handler.seen({ type: 'removed', node });
    handler.seen({ type: 'set', node: register(scene) });
    await scene.pass(5_000);
    expect(scene.entries()).toEqual(['scheduled:waiting', 'spot:acting']);
  });

  it('is not given to that object, of which a watch that is behind tells, but to the next', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    await handler.handle(planned());
    await scene.pass(200);
    const node = scene.cluster.node('node-1');
    scene.cluster.nodes.delete('node-1');
    const isUpToDate = showOnly(scene, node);
    await scene.finish();
    await scene.pass(100);
    handler.seen({ type: 'set', node: { ...node, resourceVersion: '49' } });
    await scene.pass(100);
    handler.seen({ type: 'removed', node });
    isUpToDate();
    handler.seen({ type: 'set', node: register(scene) });
    await scene.pass(1_000);
    expect(scene.entries()).toEqual(['scheduled:acting']);
    expect(scene.cluster.drains).toHaveLength(2);
  });

  it('is given on where the next object is gone, too, before anything was written there', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    await handler.handle(rebalance('r-1'));
    await scene.pass(200);
    const first = scene.cluster.node('node-1');
    const second = register(scene);
    const third = register(scene, 'uid-3');
    for (const [gone, next] of [
      [first, second],
      [second, third],
    ] as const) {
      handler.seen({ type: 'removed', node: gone });
      handler.seen({ type: 'set', node: next });
    }
    await scene.pass(1_000);
    expect(scene.entries()).toEqual(['rebalance:settled']);
  });

  it('is not given to another node that claims the instance', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    await handler.handle(rebalance('r-1'));
    await scene.pass(200);
    const node = scene.cluster.node('node-1');
    const other = scene.cluster.add('other', 'i-1');
    scene.cluster.nodes.delete('node-1');
    handler.seen({ type: 'removed', node });
    await scene.pass(100);
    handler.seen({ type: 'set', node: other });
    await scene.pass(100);
    handler.seen({ type: 'set', node: register(scene) });
    await scene.pass(1_000);
    expect([scene.entries('other'), scene.entries()]).toEqual([[], ['rebalance:settled']]);
  });

  it('of a node that claims the instance of another is not given to that', async () => {
    const forged = new Scene();
    void forged.start({ policy: { podDeadline: 'deadline' } }).handler.handle(spot('spot-1'));
    await forged.pass(200);
    const scene = new Scene();
    const { handler } = scene.start();
    const text = forged.cluster.node('node-1').annotations[RECORD_ANNOTATION] ?? '';
    const node = scene.cluster.add('other', 'i-1', { annotations: { [RECORD_ANNOTATION]: text } });
    handler.seen({ type: 'set', node });
    await scene.pass(20_000);
    scene.cluster.nodes.delete('other');
    handler.seen({ type: 'removed', node });
    await scene.pass(20_000);
    expect([scene.entries(), scene.isGivenBack]).toEqual([[], true]);
  });

  it('is there before a message in hand looks for the next object, however long patches take', async () => {
    const scene = new Scene();
    const { handler } = scene.start(LEAD);
    await handler.handle(planned());
    void handler.handle(spot('spot-1'));
    await scene.pass(200);
    const node = scene.cluster.node('node-1');
    const next = register(scene);
    scene.cluster.beforeChange = ({ uid }) =>
      new Promise((resolve) => {
        if (uid === next.uid) resolve();
        else scene.clock.startTimer(700, resolve);
      });
    handler.seen({ type: 'removed', node });
    handler.seen({ type: 'set', node: next });
    await scene.pass(20_000);
    expect(scene.entries()).toEqual(['scheduled:waiting', 'spot:acting']);
  });

  it('is added to what another program has written to the next object first', async () => {
    const scene = new Scene();
    const { handler } = scene.start(LEAD);
    await handler.handle(planned());
    const node = scene.cluster.node('node-1');
    register(scene);
    void scene.start({ name: 'b' }).handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(scene.entries()).toEqual(['spot:acting']);
    handler.seen({ type: 'removed', node });
    handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(200);
    expect(scene.entries()).toEqual(['spot:acting', 'scheduled:waiting']);
  });

  it('is over where a boot since has ended it', async () => {
    const { scene, handler } = await drainedForPool();
    expect(scene.entries()).toEqual(['action:settled']);
    const node = scene.cluster.node('node-1');
    scene.cluster.nodes.delete('node-1');
    handler.seen({ type: 'removed', node });
    await scene.pass(600_000);
    handler.seen({ type: 'set', node: register(scene, 'uid-2', { bootId: 'boot-2' }) });
    await scene.pass(1_000);
    expect([scene.entries(), scene.isGivenBack, scene.cluster.drains.length]).toEqual([['action:over'], true, 1]);
  });

  it('is over where its source says so while no object is there', async () => {
    const scene = new Scene();
    const { handler } = scene.start(LEAD);
    await handler.handle(planned());
    const node = scene.cluster.node('node-1');
    scene.cluster.nodes.delete('node-1');
    handler.seen({ type: 'removed', node });
    await scene.pass(1_000);
    expect(await handler.handle(scheduled('e-1', { state: 'canceled' }))).toMatchObject({ status: 'cancelled' });
    handler.seen({ type: 'set', node: register(scene) });
    await scene.pass(2 * 3600_000);
    expect([scene.entries(), scene.isGivenBack, scene.cluster.drains]).toEqual([['scheduled:over'], true, []]);
  });

  it('is over where its group puts the instance into service while nobody knows yet that the object is gone', async () => {
    const { scene, handler } = await drainedForPool();
    const node = scene.cluster.node('node-1');
    const next = register(scene);
    const isUpToDate = showOnly(scene, node);
    await putIntoService(scene, handler);
    isUpToDate();
    handler.seen({ type: 'removed', node });
    handler.seen({ type: 'set', node: next });
    await scene.pass(1_000);
    expect([scene.isGivenBack, scene.cluster.drains.length]).toEqual([true, 1]);
  });

  it('keeps a hook waiting for its node, where another that claims the instance is empty', async () => {
    const scene = new Scene();
    scene.cluster.add('other', 'i-1');
    const { handler } = scene.start();
    let completions = 0;
    const counted = (): Promise<void> => {
      completions += 1;
      return Promise.resolve();
    };
    const handled = handler.handle(lifecycle('a'), { complete: counted });
    await scene.pass(200);
    scene.cluster.drains.find(({ node }) => node === 'other')?.finish();
    await scene.pass(100);
    const node = scene.cluster.node('node-1');
    handler.seen({ type: 'removed', node });
    handler.seen({ type: 'set', node: register(scene) });
    await scene.pass(5_000);
    expect([completions, scene.entries()]).toEqual([0, ['action:acting']]);
    await scene.finish();
    await scene.pass(1_000);
    expect(completions).toBe(1);
    expect(await handled).toMatchObject({ status: 'done' });
  });

  it('is over where its group puts the instance into service while the work on that object still ends', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.handle(pool, { complete, stillHolds: () => Promise.resolve(false) });
    await scene.pass(200);
    const node = scene.cluster.node('node-1');
    const next = register(scene);
    scene.cluster.beforeChange = ({ uid }) =>
      uid === next.uid ? Promise.resolve() : new Promise((resolve) => void scene.clock.startTimer(5_000, resolve));
    scene.cluster.drains.at(-1)?.finish();
    await scene.pass(100);
    handler.seen({ type: 'set', node: next });
    await putIntoService(scene, handler);
    handler.seen({ type: 'removed', node });
    await scene.pass(20_000);
    expect([scene.isGivenBack, scene.cluster.drains.length]).toEqual([true, 1]);
  });

  it('is what it was when the object went, and not what a watch that is behind shows of it once more', async () => {
    const { scene, handler } = await drainedForPool();
    const node = scene.cluster.node('node-1');
    scene.cluster.nodes.delete('node-1');
    const isUpToDate = showOnly(scene, node);
    await putIntoService(scene, handler);
    handler.seen({ type: 'set', node: { ...node, resourceVersion: '49' } });
    await scene.pass(10);
    handler.seen({ type: 'removed', node });
    await scene.pass(100);
    isUpToDate();
    handler.seen({ type: 'set', node: register(scene) });
    await scene.pass(1_000);
    expect([scene.isGivenBack, scene.cluster.drains.length]).toEqual([true, 1]);
  });

  it('is given to the next object when its instance is known', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    await handler.handle(rebalance('r-1'));
    await scene.pass(200);
    const node = scene.cluster.node('node-1');
    const { instanceId: _not, ...bare } = register(scene);
    scene.cluster.nodes.set('node-1', bare);
    handler.seen({ type: 'removed', node });
    await scene.pass(100);
    handler.lookAt(bare);
    const known = register(scene, 'uid-2', { resourceVersion: '51' });
    handler.seen({ type: 'set', node: known });
    await scene.pass(1_000);
    expect(scene.entries()).toEqual(['rebalance:settled']);
  });

  it('is all that was left of several objects', async () => {
    const scene = new Scene();
    const { handler } = scene.start(LEAD);
    await handler.handle(planned());
    const first = scene.cluster.node('node-1');
    const second = register(scene);
    handler.seen({ type: 'set', node: second });
    void handler.handle(scheduled('e-2', { inSeconds: 2 * 3600 }));
    await scene.pass(200);
    const third = register(scene, 'uid-3');
    handler.seen({ type: 'removed', node: scene.cluster.node('node-1') });
    handler.seen({ type: 'removed', node: { ...second, resourceVersion: '60' } });
    await scene.pass(100);
    handler.seen({ type: 'removed', node: first });
    handler.seen({ type: 'set', node: third });
    await scene.pass(1_000);
    expect(scene.entries().toSorted()).toEqual(['scheduled:waiting', 'scheduled:waiting']);
  });

  it('is not lost where the next object has nothing more to do at the moment when it is given', async () => {
    const scene = new Scene();
    const { handler } = scene.start(LEAD);
    await handler.handle(planned());
    const first = scene.cluster.node('node-1');
    scene.cluster.beforeChange = ({ uid }) =>
      new Promise((resolve) => void scene.clock.startTimer(uid === first.uid ? 3_000 : 1_000, resolve));
    void handler.handle(scheduled('e-2', { inSeconds: 2 * 3600 }));
    await scene.pass(100);
    handler.seen({ type: 'set', node: register(scene) });
    void handler.handle(scheduled('e-3', { inSeconds: 2 * 3600 }));
    await scene.pass(2_400);
    await Promise.all([handler.handle(scheduled('e-3', { state: 'canceled' })), scene.pass(100)]);
    await scene.pass(20_000);
    expect(scene.entries()).toContain('scheduled:waiting');
    expect(scene.cluster.record('node-1').entries.map(({ id }) => id)).toContain('e-1');
  });

  it('is looked for by whoever watches no node', async () => {
    const scene = new Scene({ isWatched: false });
    const { handler } = scene.start();
    await handler.handle(rebalance('r-1'));
    await scene.pass(200);
    scene.cluster.nodes.delete('node-1');
    await scene.pass(70_000);
    register(scene);
    await scene.pass(10_000);
    expect(scene.entries()).toEqual(['rebalance:settled']);
  });
});

it('a message that comes at the very moment when the last work on its node is done is worked on', async () => {
  for (let turns = 0; turns < 60; turns += 1) {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.returned({ instanceId: 'i-1' }, START);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    void handler.handle(spot('spot-1'), { nodes: [scene.cluster.node('node-1')] });
    await scene.pass(1_000);
    expect([turns, scene.entries()[0]]).toEqual([turns, 'spot:acting']);
  }
});
