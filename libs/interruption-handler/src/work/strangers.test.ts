import { describe, expect, it } from 'vitest';
import { RECORD_ANNOTATION } from '../record/annotation.ts';
import { keyOf } from '../policy/notice.ts';
import { CLAIM_ANNOTATION } from '../record/claims.ts';
import { after, lifecycle, rebalance, spot, START } from '../testing/events.ts';
import type { NodeInterruption } from '../kinds.ts';
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

describe('a notice of which the record alone says that it is over', () => {
  const pool = { ...lifecycle('a'), destination: 'WarmPool' } as const;
  const over = entry(keyOf(pool), { progress: 'over', endedAt: after(5).getTime(), id: 'a', mayReturn: true });

  it.each([
    [true, ['action:acting'], 1],
    [false, ['action:over'], 0],
  ] as const)('is asked about before anything is done, once: it still holds: %s', async (holds, entries, drains) => {
    const scene = new Scene();
    const { handler } = scene.start();
    forge(scene, [over]);
    const asked: string[] = [];
    const answer = Promise.withResolvers<boolean>();
    const stillHolds = (doubt: string): Promise<boolean> => {
      asked.push(doubt);
      return answer.promise;
    };
    void handler.handle(pool, { complete: () => Promise.resolve(), stillHolds });
    await scene.pass(4_000);
    expect([scene.entries(), asked, scene.cluster.drains.length]).toEqual([['action:over'], ['over-by-record'], 0]);
    answer.resolve(holds);
    await scene.pass(500);
    expect([scene.entries(), asked.length, scene.cluster.drains.length]).toEqual([entries, 1, drains]);
  });

  it.each([
    ['are refused', () => Promise.reject(new Error('no')), 500],
    ['hang', () => new Promise<boolean>(() => undefined), 5_500],
  ])('is acted on where those who are asked %s', async (_what, stillHolds, withinMs) => {
    const scene = new Scene();
    const { handler } = scene.start();
    forge(scene, [over]);
    void handler.handle(pool, { stillHolds });
    await scene.pass(withinMs);
    expect(scene.entries()).toEqual(['action:acting']);
  });
});

describe('a notice that was in hand for ten seconds before the node could be written', () => {
  it.each([true, false])('is asked about first: it still holds: %s', async (holds) => {
    const scene = new Scene();
    const { handler } = scene.start();
    const asked: string[] = [];
    scene.cluster.failures.change = Array.from({ length: 8 }, () => new Error('the API server is away'));
    const stopping: NodeInterruption = { ...rebalance('state-1'), kind: 'STATE_CHANGE', state: 'stopping' };
    const handled = handler.handle(stopping, {
      stillHolds: (doubt) => {
        asked.push(doubt);
        return Promise.resolve(holds);
      },
    });
    await scene.pass(25_000);
    expect([scene.entries(), asked]).toEqual([holds ? ['state:acting'] : [], ['late']]);
    if (!holds) expect(await handled).toMatchObject({ status: 'cancelled' });
  });
});
