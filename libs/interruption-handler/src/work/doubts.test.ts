import { describe, expect, it } from 'vitest';
import type { NodeInterruption } from '../kinds.ts';
import { keyOf } from '../policy/notice.ts';
import { RECORD_ANNOTATION } from '../record/annotation.ts';
import { after, lifecycle, rebalance, START } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';
import { denied } from '../testing/scripted-cluster.ts';

const pool = { ...lifecycle('a'), destination: 'WarmPool' } as const;
const stopping = (seconds = 0): NodeInterruption => ({
  ...rebalance(`state-${seconds}`),
  kind: 'STATE_CHANGE',
  state: 'stopping',
  noticedAt: after(seconds),
});
const complete = () => Promise.resolve();

/** A record says of the node that what `pool` tells of is over. */
function callOver(scene: Scene): void {
  const entry = {
    ...{ v: 1, key: keyOf(pool), progress: 'over', endedAt: after(5).getTime(), id: 'a', noticedAt: START.getTime() },
    ...{ end: { kind: 'open', why: 'no-start' }, mayReturn: true, sources: ['sqs'], told: [] },
    decision: { action: 'drain', lead: 'immediate', podDeadline: 'respect', marks: {} },
  };
  const text = JSON.stringify({ bootId: 'boot-1', entries: [entry] });
  scene.cluster.edit('node-1', { annotations: { [RECORD_ANNOTATION]: text } });
}

/** An instance that was stopped, and has returned. */
async function returnedOnce() {
  const scene = new Scene();
  const { handler } = scene.start();
  void handler.handle(stopping());
  await scene.pass(200);
  await Promise.all([handler.returned({ instanceId: 'i-1' }, after(60)), scene.pass(60_000)]);
  return { scene, handler };
}

/** The API server takes no write until the function that it returns is called. */
function cutOff({ cluster }: Scene): () => void {
  let isAway = true;
  cluster.beforeChange = () => (isAway ? Promise.reject(new Error('the API server is away')) : Promise.resolve());
  return () => (isAway = false);
}

/** A service that answers so, and what it was asked. */
function service(answer: () => boolean | Promise<boolean>) {
  const asked: string[] = [];
  const stillHolds = async (doubt: string): Promise<boolean> => {
    asked.push(doubt);
    return answer();
  };
  return { asked, stillHolds };
}

describe('a notice of which the record alone says that it is over', () => {
  it.each([
    [true, ['action:acting'], 1],
    [false, ['action:over'], 0],
  ] as const)('is asked about before anything is done, once: it still holds: %s', async (holds, entries, drains) => {
    const scene = new Scene();
    const { handler } = scene.start();
    callOver(scene);
    const answer = Promise.withResolvers<boolean>();
    const { asked, stillHolds } = service(() => answer.promise);
    void handler.handle(pool, { complete, stillHolds });
    await scene.pass(4_000);
    expect([scene.entries(), asked, scene.cluster.drains.length]).toEqual([['action:over'], ['over-by-record'], 0]);
    answer.resolve(holds);
    await scene.pass(500);
    expect([scene.entries(), asked.length, scene.cluster.drains.length]).toEqual([entries, 1, drains]);
    if (!holds) return;
    // Whoever writes that holds it up no second time.
    callOver(scene);
    await scene.pass(500);
    expect([scene.entries(), asked.length]).toEqual([['action:acting'], 1]);
  });

  it.each([
    ['refuses', () => Promise.reject(new Error('no')), 500],
    ['hangs', () => new Promise<boolean>(() => undefined), 5_500],
  ])('is acted on where its service %s', async (_what, answer, withinMs) => {
    const scene = new Scene();
    const { handler } = scene.start();
    callOver(scene);
    void handler.handle(pool, service(answer));
    await scene.pass(withinMs);
    expect(scene.entries()).toEqual(['action:acting']);
  });
});

describe('a notice for which something is being done', () => {
  it('is not asked about when the record calls it over, as after a boot', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const { asked, stillHolds } = service(() => false);
    void handler.handle(stopping(), { stillHolds });
    await scene.pass(30_000);
    await scene.boots();
    await scene.pass(5_000);
    expect([scene.entries(), asked]).toEqual([['state:acting'], []]);
  });
});

describe('a notice that could not be written down for ten seconds', () => {
  it.each([true, false])('is asked about first: it still holds: %s', async (holds) => {
    const scene = new Scene();
    const { handler } = scene.start();
    const mend = cutOff(scene);
    const { asked, stillHolds } = service(() => holds);
    const handled = handler.handle(stopping(), { stillHolds });
    await scene.pass(9_000);
    expect(asked).toEqual([]);
    await scene.pass(6_000);
    mend();
    await scene.pass(5_000);
    expect([scene.entries(), asked[0]]).toEqual([holds ? ['state:acting'] : [], 'late']);
    if (!holds) expect(await handled).toMatchObject({ status: 'cancelled' });
  });

  it('is asked about also when an earlier one of its kind is over', async () => {
    const { scene, handler } = await returnedOnce();
    expect(scene.entries()).toEqual(['state:over']);
    const mend = cutOff(scene);
    const { asked, stillHolds } = service(() => false);
    void handler.handle(stopping(100), { stillHolds });
    await scene.pass(20_000);
    mend();
    await scene.pass(5_000);
    expect([scene.entries(), asked[0]]).toEqual([['state:over'], 'late']);
  });

  it('is asked about again where an answer is older than that, as in a longer outage', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const mend = cutOff(scene);
    const { asked, stillHolds } = service(() => scene.clock.now() < after(50).getTime());
    void handler.handle(pool, { complete, stillHolds });
    await scene.pass(2_000);
    handler.hookChanged(pool, { timeoutMs: 300_000, defaultResult: 'CONTINUE' });
    await scene.pass(88_000);
    mend();
    await scene.pass(10_000);
    expect([scene.entries(), scene.cluster.drains.length]).toEqual([[], 0]);
    expect(asked.length).toBeLessThan(10);
  });

  it('is asked about where the write itself took so long, whatever else is in hand', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const { asked, stillHolds } = service(() => false);
    void handler.handle(lifecycle('b', { hook: 'other' }), {
      complete: () => new Promise(() => undefined),
      stillHolds,
    });
    await scene.pass(60_000);
    const { cluster } = scene;
    const change = cluster.change.bind(cluster);
    // Its first patch gets no answer, and is worked out anew after that.
    cluster.change = async (node, changeOf) => {
      cluster.change = change;
      changeOf(node);
      await new Promise<void>((resolve) => void scene.clock.startTimer(20_000, resolve));
      changeOf(cluster.node(node.name));
      return change(node, changeOf);
    };
    void handler.handle(stopping(60), { stillHolds });
    await scene.pass(30_000);
    expect([scene.entries(), asked]).toEqual([['action:acting'], ['late']]);
  });

  it('is not asked about while its node is drained without a mark, which goes on', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    scene.cluster.beforeChange = () => Promise.reject(denied());
    const { asked, stillHolds } = service(() => true);
    void handler.handle(stopping(), { stillHolds });
    await scene.pass(60_000);
    const [drain, ...more] = scene.cluster.drains;
    expect([drain?.signal.aborted, more.length, asked]).toEqual([false, 0, []]);
  });

  it('is begun before what concerns it, which waits for the answer, too', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const mend = cutOff(scene);
    const handled = handler.handle(pool, { complete, ...service(() => Promise.reject(new Error('no'))) });
    await scene.pass(15_000);
    handler.hookChanged(pool, { timeoutMs: 300_000, defaultResult: 'CONTINUE' });
    const isBack = handler.putIntoService({ instanceId: 'i-1' }, after(10));
    mend();
    await scene.pass(10_000);
    expect([await isBack, scene.entries(), scene.isGivenBack]).toEqual([true, ['action:over'], true]);
    expect(await handled).toMatchObject({ status: 'cancelled' });
    const shutDown = new Scene();
    const own = shutDown.start();
    const mendToo = cutOff(shutDown);
    const about = { shutDownAt: after(1), ...service(() => true) };
    void own.handler.handle({ ...stopping(), state: 'stopped' } as NodeInterruption, about);
    await shutDown.pass(25_000);
    mendToo();
    await shutDown.pass(10_000);
    expect(shutDown.cluster.node('node-1').taints).toMatchObject([{ key: 'node.kubernetes.io/out-of-service' }]);
  });

  it('goes back with its message, and is begun by nobody then', async () => {
    const { scene, handler } = await returnedOnce();
    const mend = cutOff(scene);
    const handled = handler.handle(
      stopping(100),
      service(() => true),
    );
    await scene.pass(300_000);
    expect(await handled).toMatchObject({ status: 'failed' });
    mend();
    await scene.pass(60_000);
    expect(scene.entries()).toEqual(['state:over']);
  });

  it('is not begun by a process that stops while it is asked about', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.handle(lifecycle('b', { hook: 'other' }), { complete });
    await scene.pass(200);
    const mend = cutOff(scene);
    void handler.handle(
      stopping(),
      service(() => new Promise<boolean>(() => undefined)),
    );
    await scene.pass(12_000);
    mend();
    await scene.pass(2_000);
    await Promise.all([handler.close({ graceMs: 0 }), scene.pass(5_000)]);
    expect(scene.entries()).toEqual(['action:acting']);
  });

  it('is asked about for each of its messages', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const mend = cutOff(scene);
    const first = service(() => true);
    void handler.handle(stopping(), first);
    await scene.pass(12_000);
    const second = service(() => false);
    const ended = handler.handle(stopping(5), second);
    await scene.pass(12_000);
    mend();
    await scene.pass(20_000);
    expect([await ended, scene.entries()]).toMatchObject([{ status: 'cancelled' }, ['state:acting']]);
  });

  it.each([0, 3_000])(
    'is asked about once for each of two messages, %s ms apart, of a service that hangs',
    async (apartMs) => {
      const scene = new Scene();
      const { handler } = scene.start();
      const mend = cutOff(scene);
      const { asked, stillHolds } = service(() => new Promise<boolean>(() => undefined));
      void handler.handle(stopping(), { stillHolds });
      await scene.pass(apartMs);
      void handler.handle(stopping(1), { stillHolds });
      await scene.pass(12_000);
      mend();
      await scene.pass(12_000);
      expect(scene.entries()).toEqual(['state:acting']);
      expect(asked.length).toBeLessThanOrEqual(3);
    },
  );

  it('takes no shut-down along that may be over, also where something else holds the node', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { rebalanceAction: 'drain' } });
    void handler.handle(rebalance('r'));
    await scene.pass(200);
    const mend = cutOff(scene);
    const answer = Promise.withResolvers<boolean>();
    const { asked, stillHolds } = service(() => answer.promise);
    const about = { shutDownAt: after(1), stillHolds };
    const isTainted = (): boolean =>
      scene.cluster.node('node-1').taints.some(({ key }) => key === 'node.kubernetes.io/out-of-service');
    const handled = handler.handle({ ...stopping(), state: 'stopped' } as NodeInterruption, about);
    while (asked.length === 0) await scene.pass(100);
    mend();
    await scene.pass(3_000);
    expect(isTainted()).toBe(false);
    answer.resolve(false);
    await scene.pass(10_000);
    expect(await handled).toMatchObject({ status: 'cancelled' });
    expect([scene.entries(), isTainted()]).toEqual([['rebalance:acting'], false]);
  });

  it('stays known from another message when that of the first goes back', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const mend = cutOff(scene);
    const { stillHolds } = service(() => true);
    const first = handler.handle(stopping(), { stillHolds });
    await scene.pass(40_000);
    void handler.handle(stopping(40), { stillHolds });
    await scene.pass(90_000);
    expect(await first).toMatchObject({ status: 'failed' });
    mend();
    await scene.pass(15_000);
    expect(scene.entries()).toEqual(['state:acting']);
  });
});
