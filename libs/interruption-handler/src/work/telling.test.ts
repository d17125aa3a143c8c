import { describe, expect, it } from 'vitest';
import type { NodeInterruption } from '../kinds.ts';
import { lifecycle, rebalance, scheduled, spot } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';
import type { Process } from '../testing/scene.ts';
import { WEB } from '../testing/scripted-cluster.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TWO_WEEKS_S = 14 * 24 * 3600;
const stopping: NodeInterruption = { ...rebalance('state-1'), kind: 'STATE_CHANGE', state: 'stopping' };
const API = { ...WEB, name: 'api-1', uid: 'pod-2' };

async function taken(event: NodeInterruption, policy = {}): Promise<{ scene: Scene; own: Process }> {
  const scene = new Scene();
  const own = scene.start({ policy: { rebalanceAction: 'drain', ...policy } });
  void own.handler.handle(event);
  await scene.pass(200);
  return { scene, own };
}

/** The node is gone. */
async function goes(scene: Scene, { handler }: Process): Promise<void> {
  const { cluster } = scene;
  const node = cluster.node('node-1');
  cluster.nodes.delete('node-1');
  handler.seen({ type: 'removed', node });
  await scene.pass(61_000);
}

describe('a node', () => {
  it('is told of once in each phase, with all events that ask for it (P8)', async () => {
    const { scene, own } = await taken(rebalance('r'));
    void own.handler.handle(spot('s'));
    void own.handler.handle(lifecycle('l'));
    void own.handler.handle(stopping);
    await scene.pass(200);
    await scene.finish();
    for (const phase of ['cordoned', 'drained'] as const)
      expect(own.toldOf(phase).map(({ event, isFirst }) => [event.id, isFirst])).toEqual([
        ['r', true],
        ['s', false],
        ['l', false],
        ['state-1', false],
      ]);
    expect(own.toldOf('drained')[0]!.others.map(({ id }) => id)).toEqual(['s', 'l', 'state-1']);
  });

  it('is named in what is told of a recommendation, once, and is left as it is, where people want no more', async () => {
    const { scene, own } = await taken(rebalance('r'), { rebalanceAction: 'notify' });
    expect(await own.handler.handle(rebalance('r'))).toMatchObject({ status: 'ignored' });
    expect(own.steps).toMatchObject([{ type: 'received', decision: { action: 'notify' }, node: { name: 'node-1' } }]);
    expect([scene.patches, scene.isGivenBack]).toEqual([0, true]);
    expect(own.steps[0]).not.toHaveProperty('isFirst');
    scene.cluster.add('node-1-too', 'i-1');
    await own.handler.handle(rebalance('r-2'));
    await scene.pass(10);
    const second = own.toldOf('received').slice(1);
    expect(second.map(({ node, isFirst = true }) => [node?.name, isFirst])).toEqual([
      ['node-1', true],
      ['node-1-too', false],
    ]);
    scene.cluster.nodes.clear();
    await own.handler.handle(rebalance('r-3'));
    await scene.pass(10);
    expect(own.toldOf('received').at(-1)).not.toHaveProperty('node');
  });

  it('that is empty already is no news for a later event, and is when pods had come', async () => {
    const { scene, own } = await taken(rebalance('r'));
    await scene.finish();
    for (const [event, ending] of [
      [spot('s'), 'nothing'],
      [lifecycle('l'), 'evicted'],
    ] as const) {
      void own.handler.handle(event);
      await scene.pass(200);
      scene.cluster.drains.at(-1)!.ending = ending;
      await scene.finish();
    }
    expect(own.toldOf('drained').map(({ event, isFirst }) => [event.id, isFirst])).toEqual([
      ['r', true],
      ['s', false],
      ['l', true],
    ]);
  });

  it('is overdue once, and over once, for whatever number of events', async () => {
    const { scene, own } = await taken(rebalance('r'));
    void own.handler.handle(scheduled('e', { inSeconds: TWO_WEEKS_S }));
    await scene.pass(150_000);
    expect(own.toldOf('overdue').map(({ event, isFirst, others }) => [event.id, isFirst, others.length])).toEqual([
      ['r', true, 1],
      ['e', false, 1],
    ]);
    await scene.boots();
    await own.handler.returned({ instanceId: 'i-1' }, new Date(scene.clock.now()));
    await scene.pass(100);
    expect(own.toldOf('cancelled').filter(({ isFirst }) => isFirst).length).toBeLessThanOrEqual(1);
  });
});

describe('what became of pods', () => {
  it('is told of each once, and counted over all drains of the node', async () => {
    const { scene, own } = await taken(lifecycle('l'));
    const [first] = scene.cluster.drains;
    first!.tell({ type: 'gone', pod: API, ending: 'deleted-past-budget', podsLeft: 1 });
    await scene.finish('failed', 'one is left');
    await scene.pass(3_000);
    await scene.finish();
    expect(own.toldOf('drain-failed')).toMatchObject([{ counts: { 'deleted-past-budget': 1, evicted: 0 } }]);
    expect(own.toldOf('drained')).toMatchObject([{ counts: { 'deleted-past-budget': 1, evicted: 1, lost: 0 } }]);
    expect(own.toldOf('pod-outcome').map(({ pod, outcome }) => [pod.name, outcome])).toEqual([
      ['api-1', 'deleted-past-budget'],
      ['web-1', 'evicted'],
    ]);
  });

  it('that nothing had told to end when the node went is that they are lost', async () => {
    const { scene, own } = await taken(spot('s'));
    await goes(scene, own);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: WEB, outcome: 'lost' }]);
    expect(own.toldOf('pods-lost')).toMatchObject([
      { podsLost: ['default/web-1'], counts: { lost: 1 }, isFirst: true, event: { id: 's' } },
    ]);
  });

  it('that run on when the node is back as another object is for its next drain to say', async () => {
    const { scene, own } = await taken(spot('s'));
    const node = scene.cluster.node('node-1');
    scene.cluster.nodes.delete('node-1');
    own.handler.seen({ type: 'removed', node });
    await scene.pass(1_000);
    own.handler.seen({ type: 'set', node: scene.cluster.add('node-1', 'i-1', { uid: 'uid-again' }) });
    await scene.pass(61_000);
    expect([own.toldOf('pods-lost'), own.toldOf('pod-outcome')]).toEqual([[], []]);
    await scene.finish();
    expect(own.toldOf('pod-outcome')).toMatchObject([{ outcome: 'evicted' }]);
  });

  it('that were on their way when the node went is how they were sent', async () => {
    const { scene, own } = await taken(spot('s'));
    scene.cluster.drains[0]!.ending = 'hurried';
    await goes(scene, own);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: WEB, outcome: 'hurried' }]);
    expect(own.toldOf('pods-lost')).toEqual([]);
  });

  it('that were in their grace when the node went is that they were cut short', async () => {
    const { scene, own } = await taken(spot('s'));
    scene.cluster.drains[0]!.ending = 'evicted';
    scene.cluster.drains[0]!.isInGrace = true;
    await goes(scene, own);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: WEB, outcome: 'cut-short' }]);
    expect(own.toldOf('pods-lost')).toMatchObject([
      { podsLost: ['default/web-1'], counts: { 'cut-short': 1, lost: 0 } },
    ]);
  });

  it('that were in their grace when their drain failed, too, though another began before the node went', async () => {
    const { scene, own } = await taken(spot('s'));
    scene.cluster.drains[0]!.ending = 'evicted';
    await scene.finish('failed', 'late', 'deadline');
    await scene.pass(3_000);
    scene.cluster.drains[1]!.isInGrace = true;
    await goes(scene, own);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: WEB, outcome: 'cut-short' }]);
  });

  it('that are on their way when the process stops is for the next one to say', async () => {
    const { scene, own } = await taken(spot('s'));
    scene.cluster.drains[0]!.ending = 'evicted';
    own.kill();
    void own.handler.close({ graceMs: 0 });
    await scene.pass(5_000);
    expect(own.toldOf('pod-outcome')).toEqual([]);
  });

  it('that are on their way when nothing asks for it any more is how they were sent', async () => {
    const { scene, own } = await taken(rebalance('r'));
    scene.cluster.drains[0]!.ending = 'evicted';
    scene.cluster.edit('node-1', { unschedulable: false });
    await scene.pass(1_000);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: WEB, outcome: 'evicted' }]);
  });

  it('that are on their way between two drains when nothing asks for it any more is how they were sent', async () => {
    const { scene, own } = await taken(rebalance('r'));
    Object.assign(scene.cluster.drains[0]!, { ending: 'evicted', isInGrace: true });
    await scene.finish('failed', 'late', 'unreachable');
    scene.cluster.edit('node-1', { unschedulable: false });
    await scene.pass(1_000);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: WEB, outcome: 'evicted' }]);
  });

  it('that were on their way when their drain failed, and ended before the next, is how they were sent', async () => {
    const { scene, own } = await taken(lifecycle('l'));
    scene.cluster.drains[0]!.ending = 'evicted';
    await scene.finish('failed', 'late', 'deadline');
    expect(own.toldOf('drain-failed')).toMatchObject([{ counts: { evicted: 1 } }]);
    expect(own.toldOf('pod-outcome')).toEqual([]);
    scene.cluster.isEmptied = true;
    await scene.pass(3_000);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: WEB, outcome: 'evicted' }]);
    scene.cluster.drains[1]!.ending = 'nothing';
    await scene.finish();
    expect(own.toldOf('pod-outcome')).toHaveLength(1);
  });

  it('that is deleted past a budget is told at once: no other process would see why', async () => {
    const { scene, own } = await taken(spot('s'));
    scene.cluster.drains[0]!.tell({
      type: 'deleted',
      pod: API,
      reason: 'deadline',
      heldBy: { kind: 'budget' },
      ending: 'deleted-past-budget',
    });
    await scene.pass(10);
    expect(own.toldOf('pod-outcome')).toMatchObject([{ pod: API, outcome: 'deleted-past-budget' }]);
    scene.cluster.drains[0]!.tell({ type: 'gone', pod: API, ending: 'deleted-past-budget', podsLeft: 0 });
    await scene.finish();
    expect(own.toldOf('pod-outcome').filter(({ pod }) => pod.uid === API.uid)).toHaveLength(1);
  });

  it('that stay by rule where nobody has said when the instance goes is that they are left', async () => {
    const { scene, own } = await taken(rebalance('r'));
    await scene.finish('failed', 'one stays', 'not-allowed');
    expect(own.toldOf('pod-outcome')).toMatchObject([{ outcome: 'left' }]);
    expect(own.toldOf('drain-failed')).toMatchObject([{ counts: { left: 1 } }]);
  });
});

describe('a node that cannot be written', () => {
  it('is told when that begins, with each other reason, every five minutes, and when it is over', async () => {
    const { scene, own } = await taken(rebalance('r'));
    const { change } = scene.cluster.failures;
    change.push(...Array.from({ length: 5_000 }, () => new Error('webhook says no')));
    await scene.finish();
    for (let minute = 0; minute < 15; minute += 1) await scene.pass(MINUTE);
    change.length = 0;
    await scene.pass(2 * MINUTE);
    const told = own.toldOf('retrying').map(({ step, reason, lastsMs }) => [step, reason, lastsMs === undefined]);
    expect(told.slice(0, 3)).toEqual([
      ['mark', 'webhook says no', true],
      ['mark', 'webhook says no', false],
      ['mark', 'webhook says no', false],
    ]);
    expect(told.length).toBeLessThan(6);
    expect(own.toldOf('written-again')).toMatchObject([{ event: { id: 'r' } }]);
    expect(own.toldOf('written-again')[0]!.lastsMs).toBeGreaterThanOrEqual(14 * MINUTE);
  });
});

describe('a drain that lasts', () => {
  it('of a pod that stays by rule, two weeks before the end, is told once and repeated every five minutes (E5)', async () => {
    const { scene, own } = await taken(scheduled('e', { inSeconds: TWO_WEEKS_S }), { podDeadline: 'respect' });
    const { drains } = scene.cluster;
    const begun: number[] = [];
    const startedAt = scene.clock.now();
    while (scene.clock.now() < startedAt + 6 * HOUR) {
      if (drains.length > begun.length) begun.push(scene.clock.now());
      drains.at(-1)!.tell({ type: 'left', pod: WEB, state: 'kept', message: 'has emptyDir volumes' });
      await scene.finish('failed', 'all other pods are gone; 1 stay: default/web-1', 'not-allowed');
      await scene.pass(990);
    }
    const pauses = begun.slice(1).map((at, index) => at - begun[index]!);
    // Each is twice the one before, give or take a fifth, up to a minute.
    expect(pauses.slice(0, 5).every((pause, index) => pause >= 1_500 * 2 ** index)).toBe(true);
    expect(Math.min(...pauses.slice(6))).toBeGreaterThan(45_000);
    expect(begun.length).toBeLessThan(480);
    // Nothing else is asked of the cluster, and nothing is written.
    expect(scene.cluster.log.filter((line) => !line.startsWith('drain'))).toEqual(['patch node-1']);

    const news = own.toldOf('draining').filter(({ isAgain }) => !isAgain);
    expect(news.map(({ progress }) => progress.type).filter((type) => type !== 'finished')).toEqual([
      'planned',
      'left',
    ]);
    expect(own.toldOf('drain-began').filter(({ isAgain }) => !isAgain)).toHaveLength(1);
    const [failure, ...again] = own.toldOf('drain-failed');
    expect(failure).not.toHaveProperty('lastsMs');
    expect(again.length).toBeGreaterThan(60);
    expect(again.length).toBeLessThanOrEqual(72);
    again.forEach(({ lastsMs, isFirst }, index) => {
      expect(isFirst).toBe(false);
      expect(lastsMs! - (again[index - 1]?.lastsMs ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE);
    });
    expect(own.toldOf('overdue')).toHaveLength(1);
  });

  it('is told again when its reason changes, not when a number in it does, and anew when it had been over', async () => {
    const { scene, own } = await taken(lifecycle('l'));
    for (const reason of ['2 left', '1 left', 'forbidden', '1 left']) {
      await scene.finish('failed', reason);
      await scene.pass(70_000);
    }
    expect(own.toldOf('drain-failed').map(({ reason }) => reason)).toEqual(['2 left', 'forbidden']);
    await scene.finish();
    void own.handler.handle(spot('s'));
    await scene.pass(200);
    expect(own.toldOf('drain-began').at(-1)).toMatchObject({ isAgain: false });
    await scene.finish('failed', '1 left');
    expect(own.toldOf('drain-failed').map(({ reason }) => reason)).toEqual(['2 left', 'forbidden', '1 left']);
  });

  it('says what holds a pod once, however often that is reported', async () => {
    const { scene, own } = await taken(rebalance('r'));
    const [drain] = scene.cluster.drains;
    const next = { until: new Date(scene.clock.now()), attempt: 1, isNew: true, message: '' };
    for (const name of ['a', 'b', 'a', 'b']) {
      drain!.tell({ type: 'blocked', pod: WEB, heldBy: { kind: 'budget', name }, advice: '', ...next });
      drain!.tell({ type: 'disconnected', error: new Error('reset'), message: 'reset' });
      await scene.pass(2 * MINUTE);
    }
    const told = own.toldOf('draining').filter(({ isAgain }) => !isAgain);
    const types = told.map(({ progress }) => progress.type);
    // A watch that breaks off may have been well in between.
    expect(types).toEqual(['planned', 'blocked', 'disconnected', 'blocked', 'disconnected']);
  });

  it('says once of a pod that its condition can’t be written, and of a right that is missing whenever that is news', async () => {
    const { scene, own } = await taken(spot('s'));
    const [drain] = scene.cluster.drains;
    const error = new Error('no');
    for (const attempt of [1, 2]) {
      drain!.tell({ type: 'condition-failed', pod: WEB, error, message: `not within ${attempt} ms` });
      drain!.tell({ type: 'right-missing', right: 'patch pods/status', error, message: 'no' });
      await scene.pass(1_000);
    }
    const told = own.toldOf('draining').filter(({ isAgain }) => !isAgain);
    const types = told.map(({ progress }) => progress.type);
    expect(types).toEqual(['planned', 'condition-failed', 'right-missing', 'right-missing']);
  });

  it('counts as overdue while it lasts, also for a successor that tells it to nobody', async () => {
    const { scene, own } = await taken(rebalance('r'));
    expect(own.handler.drainsOverdue).toBe(0);
    await scene.pass(130_000);
    expect(own.handler.drainsOverdue).toBe(1);
    await scene.finish('failed', 'forbidden');
    expect(own.handler.drainsOverdue).toBe(1);
    const closed = own.handler.close({ graceMs: 0 });
    await scene.pass(100);
    await closed;
    own.kill();
    const next = scene.start({ name: 'b' });
    next.handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(90_000);
    expect([next.handler.drainsOverdue, next.toldOf('overdue')]).toEqual([1, []]);
    await scene.finish();
    expect(next.handler.drainsOverdue).toBe(0);
  });
});
