import { describe, expect, it } from 'vitest';
import type { Cause } from '../record/entry.ts';
import { after, fromImds, rebalance, scheduled, spot } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';

const TARGET = { name: 'node-1', instanceId: 'i-1' };
const IMDS = new Set<Cause>(['spot', 'target', 'rebalance', 'scheduled', 'label']);
const HOUR_MS = 3_600_000;

describe('an interruption that its source says is over', () => {
  it('ends its drain and gives the node back, in one patch', async () => {
    const scene = new Scene();
    const { handler, told, toldOf } = scene.start({ marks: { taintEffect: 'NoSchedule' } });
    const result = handler.handle(scheduled('e-1'));
    await scene.pass(200);
    expect(await handler.handle(scheduled('e-1', { state: 'canceled' }))).toMatchObject({ status: 'cancelled' });
    await scene.pass(100);
    expect(await result).toMatchObject({ status: 'cancelled' });
    expect(scene.cluster.drains[0]!.signal.aborted).toBe(true);
    expect(scene.isGivenBack).toBe(true);
    expect(scene.cluster.claim('node-1')).toBeUndefined();
    expect(scene.patches).toBe(2);
    expect(told().slice(-2)).toEqual(['cancelled', 'uncordoned']);
    expect(toldOf('uncordoned')).toMatchObject([{ reason: 'its source says that it is over', event: { id: 'e-1' } }]);
    expect([handler.nodesInWork, scene.clock.timers]).toEqual([0, 0]);
  });

  it('is over after its work was done, too, but the node stays while another interruption holds it', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    await handler.handle(scheduled('e-2'));
    await handler.handle(scheduled('e-1', { state: 'completed' }));
    await scene.pass(100);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    expect(scene.entries()).toEqual(['scheduled:over', 'scheduled:settled']);
    await handler.handle(scheduled('e-2', { state: 'completed' }));
    await scene.pass(100);
    expect(scene.isGivenBack).toBe(true);
  });

  it('lets the drain of another go on', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const results = [handler.handle(scheduled('e-1')), handler.handle(spot('spot-1'))];
    await scene.pass(200);
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    expect(await results[0]).toMatchObject({ status: 'cancelled' });
    expect(scene.cluster.drains[0]!.signal.aborted).toBe(false);
    await scene.finish();
    expect(await results[1]).toMatchObject({ status: 'done' });
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
  });

  it('is not begun by the message that told of it, which comes late', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    await handler.handle({ ...scheduled('e-1', { state: 'canceled' }), noticedAt: after(10) });
    await scene.pass(100);
    expect(await handler.handle(scheduled('e-1'))).toMatchObject({ status: 'cancelled' });
    await scene.pass(1000);
    expect([scene.cluster.drains, scene.isGivenBack]).toEqual([[], true]);
  });

  it('is over before its time has come: the node was as it is', async () => {
    const scene = new Scene();
    const { handler, told } = scene.start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
    const result = handler.handle(scheduled('e-1', { inSeconds: 1800 }));
    await scene.pass(1000);
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    expect(await result).toMatchObject({ status: 'cancelled' });
    await scene.pass(HOUR_MS);
    expect(scene.cluster.drains).toEqual([]);
    expect(told()).not.toContain('uncordoned');
  });

  it('leaves the cordon of somebody else', async () => {
    const scene = new Scene();
    scene.cluster.edit('node-1', { unschedulable: true });
    const { handler, told } = scene.start({ policy: { cordonOnly: true }, marks: { taintEffect: 'NoSchedule' } });
    await handler.handle(scheduled('e-1'));
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(100);
    expect(scene.cluster.node('node-1')).toMatchObject({ unschedulable: true, taints: [] });
    expect(told()).not.toContain('uncordoned');
  });

  it('is tried again until the API server takes the patch', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    scene.cluster.failures.change.push(...Array.from({ length: 50 }, () => new Error('down')));
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(HOUR_MS);
    expect(scene.isGivenBack).toBe(true);
    expect(toldOf('retrying')).toMatchObject([{ step: 'mark', reason: 'down' }]);
    expect(toldOf('uncordoned')).toHaveLength(1);
  });

  it('is told, too, where the answer to its patch was lost', async () => {
    const scene = new Scene();
    const { handler, told } = scene.start({ policy: { cordonOnly: true } });
    scene.cluster.losesAnswers = true;
    await handler.handle(scheduled('e-1'));
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(100);
    expect(scene.isGivenBack).toBe(true);
    expect(told()).toEqual(['received', 'cordoned', 'cancelled', 'uncordoned']);
  });

  it('takes nothing back that another has come to need while it failed', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.handle(scheduled('e-1'));
    await scene.pass(200);
    scene.cluster.failures.change.push(new Error('down'));
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(20);
    void handler.handle(spot('spot-1'));
    await scene.pass(5000);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    expect(scene.entries()).toEqual(['scheduled:over', 'spot:acting']);
    await scene.finish();
    expect(scene.entries()).toEqual(['scheduled:over', 'spot:settled']);
  });

  it('was given another id by a later notice, which begins it anew', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(spot('spot-1', { inSeconds: 10 }));
    await scene.pass(20_000);
    await handler.returned(TARGET, after(15));
    await scene.pass(100);
    expect(scene.isGivenBack).toBe(true);
    const next = { ...spot('spot-2', { inSeconds: 200 }), noticedAt: after(60) };
    expect(await handler.handle(next)).toMatchObject({ status: 'done' });
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
  });
});

describe('a list of what the metadata tells', () => {
  it('ends what it lacks, and nothing of other sources', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(fromImds(scheduled('e-1')));
    await handler.handle(fromImds(scheduled('e-2')));
    await handler.handle(scheduled('e-3'));
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [fromImds(scheduled('e-2'))] });
    await scene.pass(100);
    expect(scene.entries()).toEqual(['scheduled:over', 'scheduled:settled', 'scheduled:settled']);
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [] });
    await scene.pass(100);
    expect(scene.entries()).toEqual(['scheduled:over', 'scheduled:settled']);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
  });

  it('ends nothing of a cause that it would not tell of', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(fromImds(scheduled('e-1')));
    await handler.listed(TARGET, { source: 'imds', causes: new Set(['spot']), events: [] });
    await scene.pass(100);
    expect(scene.entries()).toEqual(['scheduled:settled']);
  });

  it('ends no Spot interruption before its time: AWS never takes one back', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle({ ...spot('spot-1'), monitor: 'SPOT_ITN_MONITOR' });
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [] });
    await scene.pass(1000);
    expect(scene.entries()).toEqual(['spot:settled']);
    await scene.pass(120_000);
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [] });
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
  });

  it('counts an event as gone that it tells as canceled', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(fromImds(scheduled('e-1')));
    const events = [fromImds(scheduled('e-1', { state: 'canceled' }))];
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events });
    await scene.pass(100);
    expect(scene.isGivenBack).toBe(true);
  });

  it('changes nothing on a node without a record', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [] });
    await scene.pass(1000);
    expect([scene.cluster.log, handler.nodesInWork]).toEqual([[], 0]);
  });
});

describe('an instance that runs again', () => {
  const stopped = (id: string) => ({ ...spot(id, { inSeconds: 10 }), action: 'hibernate' });

  it('is given back when EC2 started it later than the notice', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    void handler.handle(stopped('spot-1'));
    await scene.pass(200);
    await scene.finish();
    await scene.pass(60_000);
    await handler.returned(TARGET, after(50));
    await scene.pass(100);
    expect(scene.isGivenBack).toBe(true);
    expect(scene.cluster.record('node-1').returnedAt).toBe(after(50).getTime());
    expect(toldOf('uncordoned')).toMatchObject([{ reason: 'the instance runs again' }]);
  });

  it('is not given back for a start that is older than the notice, or while the end is ahead', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle({ ...stopped('spot-1'), noticedAt: after(5) });
    await scene.pass(20_000);
    await handler.returned(TARGET, after(1));
    await scene.pass(100);
    expect(scene.entries()).toEqual(['spot:settled']);
  });

  it('makes late copies history where EC2 says when it was started', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const result = handler.handle(stopped('spot-1'), { launchedAt: after(50) });
    await scene.pass(100);
    expect(await result).toEqual({
      status: 'ignored',
      reason: 'it is history: the instance has started since',
    });
    expect([scene.cluster.log, handler.nodesInWork]).toEqual([[], 0]);
  });

  it('makes late copies history where this process saw the interruption end', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(stopped('spot-1'));
    await scene.pass(60_000);
    await handler.returned(TARGET, after(50));
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
    expect(await handler.handle(stopped('spot-1'))).toMatchObject({ status: 'cancelled' });
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
  });

  it('does not make a fresh notice void on the word of the record alone', async () => {
    const scene = new Scene();
    const first = scene.start({ policy: { cordonOnly: true } });
    await first.handler.handle(stopped('spot-1'));
    await scene.pass(60_000);
    await first.handler.returned(TARGET, after(50));
    await scene.pass(1000);
    first.kill();
    const second = scene.start({ name: 'b', policy: { cordonOnly: true } });
    expect(await second.handler.handle(stopped('spot-1'))).toMatchObject({ status: 'done' });
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
  });
});

describe('a boot', () => {
  it('ends a planned event whose start has passed, and gives the node back', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1', { inSeconds: 600 }));
    await scene.pass(700_000);
    await scene.boots();
    expect(scene.isGivenBack).toBe(true);
    expect(scene.cluster.record('node-1')).toMatchObject({ bootId: 'boot-2', entries: [{ progress: 'over' }] });
    expect(toldOf('uncordoned')).toMatchObject([{ reason: 'the host has restarted' }]);
  });

  it('ends one that waited as well, and no other before its start', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { scheduledEventLeadTimeMs: 0 } });
    await handler.handle(scheduled('e-1', { inSeconds: 2 * 3600 }));
    await scene.boots();
    expect(scene.entries()).toEqual(['scheduled:waiting']);
    expect(scene.cluster.record('node-1').bootId).toBe('boot-2');
  });

  it('is as old as the host says where that is known', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true }, bootedAt: () => after(500) });
    await handler.handle(scheduled('e-1', { inSeconds: 600 }));
    await scene.pass(700_000);
    // The host booted before the start of the event: it is still to come, or was late.
    await scene.boots();
    expect(scene.entries()).toEqual(['scheduled:settled']);
  });

  it('that a process finds when it comes to the node counts, too', async () => {
    const scene = new Scene();
    const first = scene.start({ policy: { cordonOnly: true } });
    await first.handler.handle(scheduled('e-1', { inSeconds: 600 }));
    first.kill();
    await first.handler.close({ graceMs: 0 });
    await scene.pass(700_000);
    scene.cluster.edit('node-1', { bootId: 'boot-2' });
    scene.start({ name: 'b' }).handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(100);
    expect(scene.isGivenBack).toBe(true);
  });
});

describe('a claim whose holder is dead', () => {
  it('goes with the work that it was for, whoever gives the node back', async () => {
    const scene = new Scene();
    const first = scene.start();
    void first.handler.handle(scheduled('e-1', { inSeconds: 600 }));
    await scene.pass(200);
    expect(scene.cluster.claim('node-1')).toMatchObject({ holder: 'kube-system/a' });
    first.kill();
    const second = scene.start({ name: 'b' });
    expect(await second.handler.handle(scheduled('e-1', { state: 'canceled' }))).toMatchObject({ status: 'cancelled' });
    await scene.pass(10);
    expect([scene.isGivenBack, scene.cluster.claim('node-1')]).toEqual([true, undefined]);
  });
});

describe('a person who makes the node schedulable', () => {
  const uncordon = async (scene: Scene): Promise<void> => {
    scene.cluster.edit('node-1', { unschedulable: false });
    await scene.pass(100);
  };

  it('dismisses a recommendation, which is told and not begun by its copies', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    await handler.handle(rebalance('r-1'));
    await uncordon(scene);
    expect(scene.entries()).toEqual(['rebalance:dismissed']);
    expect(toldOf('cancelled')).toMatchObject([{ reason: 'a person made the node schedulable' }]);
    expect(await handler.handle(rebalance('r-1'))).toEqual({
      status: 'ignored',
      reason: 'a person has given the node back',
    });
    await scene.pass(1000);
    expect(scene.cluster.node('node-1').unschedulable).toBe(false);
  });

  it('finds the node marked again once when it goes in spite of them; a second time the cordon is theirs', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    await uncordon(scene);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    await uncordon(scene);
    expect(scene.cluster.node('node-1').unschedulable).toBe(false);
    expect(toldOf('made-schedulable')).toMatchObject([{ isMarkedAgain: true }, { isMarkedAgain: false }]);
    expect(scene.cluster.drains.map(({ signal }) => signal.aborted)).toEqual([false]);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', action: 'drain' });
    expect(scene.cluster.node('node-1').unschedulable).toBe(false);
  });

  it('has a node that was drained drained again, because pods may have come while it took some', async () => {
    const scene = new Scene();
    const { handler, toldOf } = scene.start();
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done', action: 'drain' });
    await uncordon(scene);
    expect(scene.cluster.drains).toHaveLength(2);
    await scene.finish();
    expect([scene.entries(), scene.cluster.node('node-1').unschedulable]).toEqual([['spot:settled'], true]);
    expect(toldOf('drained')).toHaveLength(1);
  });

  it.each([
    ['has a Spot node cordoned again', spot('spot-1'), ['spot:settled'], true],
    ['has given a node back that was only recommended to go', rebalance('r-1'), ['rebalance:dismissed'], false],
  ])('while no process runs %s', async (_what, event, entries, unschedulable) => {
    const scene = new Scene();
    const first = scene.start({ name: 'a', policy: { rebalanceAction: 'drain' } });
    void first.handler.handle(event);
    await scene.pass(200);
    await scene.finish();
    first.kill();
    await first.handler.close({ graceMs: 0 });
    await uncordon(scene);
    const { handler } = scene.start({ name: 'b', policy: { rebalanceAction: 'drain' } });
    handler.seen({ type: 'set', node: scene.cluster.node('node-1') });
    await scene.pass(20_000);
    await scene.finish();
    expect([scene.entries(), scene.cluster.node('node-1').unschedulable]).toEqual([entries, unschedulable]);
  });

  it('is seen by one that reads the node each minute, too', async () => {
    const scene = new Scene({ isWatched: false });
    const { handler, toldOf } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(spot('spot-1', { inSeconds: 1000 }));
    scene.cluster.edit('node-1', { unschedulable: false });
    await scene.pass(61_000);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    expect(toldOf('made-schedulable')).toHaveLength(1);
  });
});
