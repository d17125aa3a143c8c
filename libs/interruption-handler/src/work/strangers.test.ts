import { describe, expect, it } from 'vitest';
import { RECORD_ANNOTATION } from '../record/annotation.ts';
import { CLAIM_ANNOTATION } from '../record/claims.ts';
import { after, spot, START } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';

const entry = (key: string, more: object = {}) => ({
  v: 1,
  key,
  progress: 'acting',
  id: 'forged',
  noticedAt: START.getTime(),
  end: { kind: 'open', why: 'no-start' },
  mayReturn: false,
  sources: ['imds', 'sqs'],
  decision: { action: 'drain', lead: 'immediate', podDeadline: 'respect', marks: {} },
  told: [],
  ...more,
});

/** Somebody writes a record onto the node. */
function forge(scene: Scene, entries: readonly object[], head: object = {}): void {
  const text = JSON.stringify({ bootId: 'boot-1', ...head, entries });
  scene.cluster.edit('node-1', { annotations: { [RECORD_ANNOTATION]: text } });
}

describe('what a stranger writes onto a node', () => {
  it('is replaced where it is no record, and that is said once', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    scene.cluster.edit('node-1', { annotations: { [RECORD_ANNOTATION]: 'garbage' } });
    void handler.handle(spot('spot-1'));
    await scene.pass(500);
    expect(scene.entries()).toEqual(['spot:acting']);
    expect(toldOf('record-mended')).toMatchObject([
      { problems: ['it is no record of this program'], event: { id: 'spot-1' } },
    ]);
  });

  it('does not put the out-of-service taint on it, though it names the moment of a shut-down', async () => {
    const scene = new Scene();
    scene.start();
    const cordon = { action: 'cordon', lead: 'immediate', podDeadline: 'respect', marks: { taint: 'NoExecute' } };
    forge(scene, [entry('spot', { decision: cordon })], { shutDownAt: START.getTime() });
    await scene.pass(100);
    expect(scene.cluster.node('node-1')).toMatchObject({
      unschedulable: true,
      taints: [{ key: 'aws-node-termination-handler/spot-itn', effect: 'NoExecute' }],
    });
  });

  it('holds up no notice of the second in which it was dismissed, nor of that in which the instance was launched', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    // The cordon that it tells of does not stand: it is given back at once, which this process sees.
    forge(scene, [entry('spot', { progress: 'settled', noticedAt: after(240).getTime() })], {
      cordon: { ours: true, at: 1 },
    });
    await scene.pass(100);
    expect(scene.entries()).toEqual(['spot:dismissed']);
    void handler.handle(spot('spot-1'), { launchedAt: after(0.4) });
    await scene.pass(500);
    expect(scene.cluster.drains).toHaveLength(1);
  });

  it('holds up no notice of our own by an entry that seems to end sooner', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const end = { kind: 'fixed', at: after(60).getTime(), source: 'envelope' };
    forge(scene, [entry('state', { end }), entry('scheduled/1', { end })]);
    void handler.handle(spot('spot-1'));
    await scene.pass(500);
    expect(scene.cluster.drains).toHaveLength(1);
  });

  it('holds a drain up once by claims, also where each comes with an entry of its own', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    let n = 0;
    const claim = (): void => {
      forge(scene, [
        entry(`scheduled/${(n += 1)}`, { end: { kind: 'fixed', at: after(15).getTime(), source: 'schedule' } }),
      ]);
      const text = JSON.stringify({ holder: 'ops/nobody', incarnation: `n${n}` });
      scene.cluster.edit('node-1', { annotations: { [CLAIM_ANNOTATION]: text } });
    };
    claim();
    void handler.handle(spot('spot-1', { inSeconds: 20 }));
    for (let second = 0; second < 12; second += 1) {
      await scene.pass(1000);
      claim();
    }
    expect(scene.cluster.drains.filter(({ signal }) => !signal.aborted)).toHaveLength(1);
  });

  it('costs no notice that comes while a patch about its tombstone is on its way', async () => {
    const scene = new Scene({ isWatched: false });
    const { handler } = scene.start();
    forge(scene, [entry('spot', { progress: 'over', endedAt: START.getTime() }), entry('rebalance')]);
    const patching = Promise.withResolvers<undefined>();
    const patched = Promise.withResolvers<undefined>();
    scene.cluster.afterChange = () => {
      patching.resolve(undefined);
      return patched.promise;
    };
    handler.lookAt(scene.cluster.node('node-1'));
    await scene.pass(20_000);
    await patching.promise;
    void handler.handle(spot('spot-1'));
    await scene.pass(10);
    patched.resolve(undefined);
    await scene.pass(500);
    expect(scene.entries()).toContain('spot:acting');
  });
});
