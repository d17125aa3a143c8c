import { describe, expect, it } from 'vitest';
import { after, lifecycle, rebalance, scheduled, spot, START } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';
import { denied } from '../testing/scripted-cluster.ts';

const HOUR_S = 3600;

describe('one event', () => {
  it('cordons, drains and then reports the node as done, in two patches', async () => {
    const scene = new Scene();
    const { handler, told, toldOf } = scene.start();
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    expect(scene.cluster.log).toEqual(['patch node-1', 'drain node-1']);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a' });
    expect(scene.entries()).toEqual(['spot:acting']);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', action: 'drain', nodeName: 'node-1', pods: { evicted: 1 } });
    expect(told()).toEqual([
      'received',
      'cordoned',
      'drain-began',
      'draining',
      'draining',
      'pod-outcome',
      'draining',
      'drained',
    ]);
    expect(toldOf('drained')).toMatchObject([{ pods: ['web-1'], counts: { evicted: 1 } }]);
    expect(scene.cluster.log).toEqual(['patch node-1', 'drain node-1', 'patch node-1']);
    expect(scene.cluster.claim('node-1')).toBeUndefined();
    expect(scene.cluster.record('node-1').entries).toMatchObject([
      { key: 'spot', id: 'spot-1', progress: 'settled', told: ['cordoned', 'drained'] },
    ]);
  });

  it('marks the node with the event, and asks for an uncordon after a reboot only when the host restarts', async () => {
    const scene = new Scene();
    const { handler } = scene.start({
      policy: { cordonOnly: true },
      marks: { taintEffect: 'NoExecute', excludeFromLoadBalancers: true },
    });
    await handler.handle(spot('spot-1'));
    expect(scene.cluster.node('node-1')).toMatchObject({
      taints: [{ key: 'aws-node-termination-handler/spot-itn', value: 'spot-1', effect: 'NoExecute' }],
      labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': 'aws-node-termination-handler' },
    });
    expect(scene.cluster.node('node-1').labels).not.toHaveProperty('aws-node-termination-handler/action');
    await handler.handle(scheduled('instance-event-1'));
    expect(scene.cluster.node('node-1').taints).toContainEqual({
      key: 'aws-node-termination-handler/scheduled-maintenance',
      value: 'instance-event-1',
      effect: 'NoExecute',
    });
    expect(scene.cluster.node('node-1').labels).toMatchObject({
      'aws-node-termination-handler/event-id': 'instance-event-1',
      'aws-node-termination-handler/action': 'UncordonAfterReboot',
      'aws-node-termination-handler/action-time': String(START.getTime() / 1000),
    });
  });

  it('only cordons when told so, in one patch and without a claim', async () => {
    const scene = new Scene();
    const { handler, told } = scene.start({ policy: { cordonOnly: true } });
    expect(await handler.handle(spot('spot-1'))).toEqual({ status: 'done', action: 'cordon', nodeName: 'node-1' });
    await scene.pass(1000);
    expect(scene.cluster.log).toEqual(['patch node-1']);
    expect(scene.cluster.claim('node-1')).toBeUndefined();
    expect(told()).toEqual(['received', 'cordoned']);
  });

  it('is ignored when the policy has no action for it, which is told once', async () => {
    const scene = new Scene();
    const { handler, told } = scene.start({ policy: { rebalanceAction: 'none' } });
    for (let times = 0; times < 2; times += 1)
      expect(await handler.handle(rebalance('r-1'))).toEqual({
        status: 'ignored',
        reason: 'rebalance recommendations are not acted on',
      });
    await scene.pass(0);
    expect(told()).toEqual(['received', 'ignored']);
    expect(scene.cluster.log).toEqual([]);
  });

  it('is told of once, however often its source gives it again', async () => {
    const scene = new Scene();
    const { handler, told } = scene.start();
    const drained = handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish();
    await drained;
    const once = ['received', 'cordoned', 'drain-began', 'draining', 'draining', 'pod-outcome', 'draining', 'drained'];
    expect(told()).toEqual(once);
    expect(await handler.handle(spot('spot-1'))).toMatchObject({ status: 'done' });
    await scene.pass(100);
    expect(told()).toEqual(once);
    const other = scene.start();
    expect(await other.handler.handle(spot('spot-9', { instance: 'i-9' }))).toEqual({ status: 'node-not-found' });
    expect(await other.handler.handle(spot('spot-9', { instance: 'i-9' }))).toEqual({ status: 'node-not-found' });
    await scene.pass(0);
    expect(other.told()).toEqual(['received', 'node-not-found', 'node-not-found']);
  });

  it.each([
    ['whose nodes are known', true],
    ['whose nodes are to be found', false],
  ])('%s is received once by people, whoever goes on with it, as the record on its node says', async (_, areKnown) => {
    const scene = new Scene();
    const first = scene.start();
    void first.handler.handle(spot('spot-1'));
    await scene.pass(200);
    void first.handler.close({ graceMs: 0 });
    await scene.pass(0);
    const second = scene.start();
    const about = areKnown ? { nodes: [scene.cluster.node('node-1')] } : {};
    for (const id of ['spot-1', 'spot-2']) void second.handler.handle(spot(id), about);
    await scene.pass(0);
    expect([first, second].map(({ toldOf }) => toldOf('received').map((step) => step.isFirst))).toEqual([
      [undefined],
      [false, undefined],
    ]);
    void second.handler.close({ graceMs: 0 });
    await scene.pass(0);
  });

  it('comes back as not found when no node is its own, and is looked for again the next time', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    expect(await handler.handle(spot('spot-9', { instance: 'i-9' }))).toEqual({ status: 'node-not-found' });
    scene.cluster.add('node-9', 'i-9');
    expect(await handler.handle(spot('spot-9', { instance: 'i-9' }))).toMatchObject({ status: 'done' });
  });

  it('is found by the target that comes with it', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    expect(await handler.handle(spot('spot-9', { instance: 'i-9' }), { target: { name: 'node-1' } })).toMatchObject({
      status: 'done',
      nodeName: 'node-1',
    });
  });

  it('tries on while the API server fails, and says each trouble once', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start({ policy: { cordonOnly: true } });
    scene.cluster.failures.find.push(new Error('refused'), new Error('refused'));
    scene.cluster.failures.change.push(new Error('reset'), new Error('reset'), new Error('reset'));
    const result = handler.handle(spot('spot-1'));
    await scene.pass(10_000);
    expect(await result).toMatchObject({ status: 'done' });
    expect(toldOf('retrying')).toMatchObject([
      { step: 'find', reason: 'refused' },
      { step: 'mark', reason: 'reset' },
    ]);
  });

  it('tries until the deadline itself, and not on where the fault is its own', async () => {
    const scene = new Scene();
    const { clock, cluster } = scene;
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    cluster.beforeChange = () => (clock.monotonic() < 119_000 ? Promise.reject(new Error('down')) : Promise.resolve());
    expect(await clock.run(handler.handle(spot('spot-1')))).toMatchObject({ status: 'done' });
    cluster.beforeChange = () => Promise.reject(new TypeError('a fault'));
    const beganMs = clock.monotonic();
    expect(await clock.run(handler.handle(lifecycle('e-2')))).toMatchObject({ status: 'failed', reason: 'a fault' });
    expect(clock.monotonic() - beganMs).toBeLessThan(1000);
  });

  it.each([
    ['drains it before its instance goes, and marks it as soon as that is let', spot('spot-1'), 1],
    ['waits where nobody says that it goes', rebalance('r-1'), 0],
  ])('whose node a webhook keeps from being marked %s', async (_what, event, drainsUnmarked) => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start({ policy: { rebalanceAction: 'drain' } });
    scene.cluster.failures.change.push(...Array.from({ length: 5 }, denied));
    void handler.handle(event);
    await scene.pass(500);
    expect([scene.cluster.drains.length, scene.cluster.node('node-1').unschedulable]).toEqual([drainsUnmarked, false]);
    await scene.pass(10_000);
    expect([scene.cluster.drains.length, scene.cluster.node('node-1').unschedulable]).toEqual([1, true]);
    await scene.finish();
    expect(scene.entries().map((entry) => entry.replace(/.*:/, ''))).toEqual(['settled']);
    expect(toldOf('drained')).toHaveLength(1);
  });

  it('is emptied again once it is marked, where its first drain has ended before', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    scene.cluster.failures.change.push(...Array.from({ length: 5 }, denied));
    let result: unknown;
    void handler.handle(spot('spot-1')).then((end) => (result = end));
    await scene.pass(300);
    await scene.finish();
    expect([scene.cluster.drains.length, scene.cluster.node('node-1').unschedulable]).toEqual([1, false]);
    await scene.pass(10_000);
    expect([scene.cluster.node('node-1').unschedulable, scene.entries(), result]).toEqual([
      true,
      ['spot:acting'],
      undefined,
    ]);
    await scene.finish();
    expect([scene.entries(), result]).toMatchObject([['spot:settled'], { status: 'done' }]);
    expect(toldOf('drain-began').map(({ isAgain }) => isAgain)).toEqual(
      scene.cluster.drains.map((_, index) => index > 0),
    );
    expect(toldOf('drained')).toHaveLength(1);
  });

  it('is emptied again where its drain ends while the patch that marks it is on its way', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const marking = Promise.withResolvers<undefined>();
    scene.cluster.beforeChange = async () => {
      if (scene.cluster.drains.length === 0) throw denied();
      await marking.promise;
    };
    void handler.handle(spot('spot-1'));
    await scene.pass(1000);
    expect(scene.cluster.drains).toHaveLength(1);
    await scene.finish();
    marking.resolve(undefined);
    await scene.pass(1000);
    expect([scene.cluster.node('node-1').unschedulable, scene.entries()]).toEqual([true, ['spot:acting']]);
    expect(scene.cluster.drains).toHaveLength(2);
  });

  it('is looked through for pods again and again as long as it cannot be marked', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    scene.cluster.failures.change.push(...Array.from({ length: 1000 }, denied));
    void handler.handle(spot('spot-1'));
    for (let second = 0; second < 60; second += 1) {
      await scene.pass(990);
      await scene.finish();
    }
    expect(scene.cluster.drains.length).toBeGreaterThan(5);
    expect(scene.cluster.drains.length).toBeLessThan(20);
    expect(toldOf('drain-began').filter(({ isAgain }) => !isAgain)).toHaveLength(1);
    const plans = toldOf('draining').filter(({ progress }) => progress.type === 'planned');
    expect(plans.filter(({ isAgain }) => !isAgain)).toHaveLength(1);
    expect([toldOf('drained').length, toldOf('drain-failed').length]).toEqual([1, 0]);
  });

  it('fails when the API server lets nothing happen before the deadline, and nothing of it stays', async () => {
    const scene = new Scene();
    const { handler, steps } = scene.start();
    scene.cluster.failures.change.push(...Array.from({ length: 1000 }, () => new Error('down')));
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200_000);
    expect(await result).toEqual({ status: 'failed', reason: 'down', nodeName: 'node-1' });
    expect(steps.at(-1)).toMatchObject({ type: 'cordon-failed', reason: 'down' });
    expect([handler.nodesInWork, scene.clock.timers]).toEqual([0, 0]);
  });

  it('is written once more where the answer of its patch was lost, and the node has it once', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    let changes = 0;
    scene.cluster.afterChange = () => ((changes += 1) === 1 ? Promise.reject(new Error('reset')) : Promise.resolve());
    const result = handler.handle(spot('spot-1'));
    await scene.pass(1000);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', pods: { evicted: 1 } });
    expect(scene.entries()).toEqual(['spot:settled']);
    expect(scene.cluster.drains).toHaveLength(1);
    expect(toldOf('cordoned')).toHaveLength(1);
  });

  it('is worked out anew on a node that has changed between look and patch', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    let isFirst = true;
    scene.cluster.beforeChange = () => {
      if (isFirst) scene.cluster.edit('node-1', { unschedulable: true });
      isFirst = false;
      return Promise.resolve();
    };
    await handler.handle(spot('spot-1'));
    expect(scene.cluster.record('node-1').cordon).toMatchObject({ ours: false });
  });

  it('lets go of its message when the record on the node carries the wait, in one patch', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
    const result = await handler.handle(scheduled('e-1', { inSeconds: 2 * HOUR_S }));
    expect(result).toEqual({ status: 'carried', nodeName: 'node-1' });
    await scene.pass(0);
    expect(toldOf('waiting')).toMatchObject([{ until: after(2 * HOUR_S - 60) }]);
    await scene.pass(HOUR_S * 1000);
    expect(scene.cluster.log).toEqual(['patch node-1']);
    expect(scene.cluster.node('node-1')).toMatchObject({ unschedulable: false, taints: [] });
    expect(scene.cluster.claim('node-1')).toBeUndefined();
    await scene.pass(HOUR_S * 1000 - 59_000);
    expect(scene.cluster.log).toEqual(['patch node-1', 'patch node-1', 'drain node-1']);
    expect(scene.cluster.drains[0]!.deadline.at).toEqual(after(2 * HOUR_S));
    await scene.finish();
    expect(scene.entries()).toEqual(['scheduled:settled']);
    expect(scene.patches).toBe(3);
  });

  it('keeps its message in hand where the end is near', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
    let result: unknown;
    void handler.handle(scheduled('e-1', { inSeconds: HOUR_S / 2 })).then((end) => (result = end));
    await scene.pass((HOUR_S / 2) * 1000 - 59_000);
    expect([scene.entries(), result]).toEqual([['scheduled:acting'], undefined]);
    await scene.finish();
    expect(result).toMatchObject({ status: 'done', action: 'drain' });
  });

  it('that another process has written into the record is gone on with after it', async () => {
    const scene = new Scene();
    const first = scene.start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
    await first.handler.handle(scheduled('e-1', { inSeconds: 2 * HOUR_S }));
    await scene.pass(1000);
    first.kill();
    await first.handler.close({ graceMs: 0 });
    // The policy is not asked again: the record says what was decided.
    const second = scene.start({ name: 'b', policy: { rebalanceAction: 'none' } });
    second.handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(2 * HOUR_S * 1000 - 60_000 + 16_000);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/b' });
    expect(scene.cluster.drains.map(({ node }) => node)).toEqual(['node-1']);
    expect(second.toldOf('drain-began')).toMatchObject([{ event: { kind: 'SCHEDULED_EVENT', id: 'e-1' } }]);
    await scene.finish();
    expect(scene.entries()).toEqual(['scheduled:settled']);
  });

  it('a node without a record, seen by the watch, is none of the handler', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(1000);
    expect([handler.nodesInWork, scene.cluster.log]).toEqual([0, []]);
  });
});

describe('a drain that fails', () => {
  it('is told once for each reason, and tried again with growing pauses while the message stays in hand', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start({ policy: { nodeTerminationGracePeriodSeconds: 3600 } });
    let result: unknown;
    void handler.handle(lifecycle('action-1')).then((end) => (result = end));
    await scene.pass(200);
    const pauses: number[] = [];
    for (const reason of ['budget', 'budget', 'webhook', 'webhook']) {
      await scene.finish('failed', reason);
      const failedAtMs = scene.clock.monotonic();
      const before = scene.cluster.drains.length;
      while (scene.cluster.drains.length === before) await scene.pass(500);
      pauses.push(scene.clock.monotonic() - failedAtMs);
    }
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
    expect(pauses[3]).toBeGreaterThan(pauses[0]! * 2);
    expect(toldOf('drain-failed')).toMatchObject([
      { reason: 'budget', podsLeft: ['default/web-1'] },
      { reason: 'webhook', podsLeft: ['default/web-1'] },
    ]);
    expect([result, scene.entries()]).toEqual([undefined, ['action:acting']]);
    expect(scene.patches).toBe(1);
    await scene.finish();
    expect(result).toMatchObject({ status: 'done', action: 'drain' });
  });

  it('of an instance that was to be gone is tried on while the node is there', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish('failed', 'too slow');
    await scene.pass(119_800);
    expect(scene.cluster.drains).toHaveLength(2);
    await scene.finish('failed', 'too slow');
    await scene.pass(5_000);
    // The end that has passed was replaced, once.
    expect(scene.cluster.record('node-1').entries[0]).toHaveProperty('estimatedEnd');
    expect(scene.cluster.drains.at(-1)!.deadline.atMs).toBeGreaterThan(after(120).getTime());
  });

  it('does not keep another interruption waiting that comes during its pause', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { nodeTerminationGracePeriodSeconds: 3600 } });
    void handler.handle(lifecycle('action-1'));
    await scene.pass(200);
    for (let n = 0; n < 5; n += 1) {
      await scene.finish('failed', 'budget');
      if (n < 4) await scene.pass(60_000);
    }
    const before = scene.cluster.drains.length;
    void handler.handle(spot('spot-1', { inSeconds: 600 }));
    await scene.pass(200);
    expect(scene.cluster.drains).toHaveLength(before + 1);
  });

  it('is tried again sooner the nearer the end is', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    scene.cluster.failures.drain.push(...Array.from({ length: 1000 }, () => new Error('down')));
    void handler.handle(spot('spot-1', { inSeconds: 100 }));
    await scene.pass(100_000);
    const tries = scene.cluster.log.filter((line) => line.startsWith('drain')).length;
    // With pauses that only doubled there would be five.
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(60);
  });

  it('by an exception tells what it says', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    scene.cluster.failures.drain.push(new Error('connection refused'));
    void handler.handle(spot('spot-1'));
    await scene.pass(1000);
    expect(toldOf('drain-failed')).toMatchObject([{ reason: 'connection refused', podsLeft: [] }]);
    await scene.pass(5000);
    expect(scene.cluster.drains).toHaveLength(1);
  });
});

describe('a dry run', () => {
  it('writes nothing, tells its steps, and is done', async () => {
    const scene = new Scene();
    scene.cluster.isDryRun = true;
    const before = scene.cluster.node('node-1');
    const { handler, toldOf } = scene.start({ dryRun: true });
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', action: 'drain', pods: { evicted: 1 } });
    expect([toldOf('cordoned').length, toldOf('drained').length]).toEqual([1, 1]);
    expect(scene.cluster.node('node-1')).toBe(before);
  });
});
