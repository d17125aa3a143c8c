import { describe, expect, it } from 'vitest';
import { RECORD_ANNOTATION } from '../record/annotation.ts';
import type { Cause } from '../record/entry.ts';
import { after, fromImds, lifecycle, scheduled, spot, START } from '../testing/events.ts';
import { Scene } from '../testing/scene.ts';

const TARGET = { name: 'node-1', instanceId: 'i-1' };
const IMDS = new Set<Cause>(['spot', 'target', 'rebalance', 'scheduled', 'label']);

describe('what earlier programs have left', () => {
  const LABELS = {
    'aws-node-termination-handler/event-id': 'instance-event-1',
    'aws-node-termination-handler/action': 'UncordonAfterReboot',
    'aws-node-termination-handler/action-time': String(START.getTime() / 1000 - 600),
  };

  it('the Go handler’s labels keep the node, until it boots', async () => {
    const scene = new Scene();
    scene.cluster.edit('node-1', { unschedulable: true, labels: LABELS });
    const { handler, toldOf } = scene.start();
    handler.lookAt(scene.cluster.node('node-1'));
    await scene.pass(1000);
    expect(scene.cluster.node('node-1')).toMatchObject({ unschedulable: true });
    await scene.boots();
    expect(scene.isGivenBack).toBe(true);
    expect(toldOf('uncordoned')).toMatchObject([{ event: { kind: 'SCHEDULED_EVENT', id: 'instance-event-1' } }]);
  });

  it('the Go handler’s labels, which it has put on when it was rolled back to, are over at a boot', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const event = fromImds(scheduled('instance-event-2'));
    void handler.handle(event);
    await scene.pass(1000);
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [] });
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
    expect(scene.cluster.node('node-1').annotations).toHaveProperty([RECORD_ANNOTATION]);
    scene.cluster.edit('node-1', { unschedulable: true, labels: LABELS });
    handler.lookAt(scene.cluster.node('node-1'));
    await scene.pass(1000);
    expect(scene.cluster.node('node-1')).toMatchObject({ unschedulable: true });
    await scene.boots();
    expect(scene.isGivenBack).toBe(true);
  });

  it('the Go handler’s labels are over at the first look of one that knows of a boot since', async () => {
    const scene = new Scene();
    scene.cluster.edit('node-1', { unschedulable: true, labels: LABELS });
    const { handler } = scene.start({ bootedAt: () => after(-60) });
    handler.lookAt(scene.cluster.node('node-1'));
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
    expect(scene.patches).toBe(1);
  });

  it('the Go handler’s labels are over when the metadata lists their event no longer', async () => {
    const scene = new Scene();
    scene.cluster.edit('node-1', { unschedulable: true, labels: LABELS });
    const { handler } = scene.start();
    handler.lookAt(scene.cluster.node('node-1'));
    await scene.pass(1000);
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [fromImds(scheduled('instance-event-1'))] });
    await scene.pass(1000);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [] });
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
  });

  it('without its request for an uncordon the cordon stays', async () => {
    const scene = new Scene();
    const { 'aws-node-termination-handler/action': _action, ...labels } = LABELS;
    scene.cluster.edit('node-1', { unschedulable: true, labels });
    const { handler } = scene.start({ bootedAt: () => after(-60) });
    handler.lookAt(scene.cluster.node('node-1'));
    await scene.pass(1000);
    expect(scene.cluster.node('node-1')).toMatchObject({ unschedulable: true, labels: {} });
  });

  it('the annotation of the version before this one names whose cordon it is', async () => {
    const scene = new Scene();
    const annotations = { 'aws-node-termination-handler/cordoned-for': 'instance-event-1' };
    scene.cluster.edit('node-1', { unschedulable: true, annotations });
    const { handler } = scene.start();
    await handler.listed(TARGET, { source: 'imds', causes: IMDS, events: [] });
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
    expect(scene.cluster.node('node-1').annotations).not.toHaveProperty(['aws-node-termination-handler/cordoned-for']);
  });

  it('garbage in place of a record is replaced', async () => {
    const scene = new Scene();
    scene.cluster.edit('node-1', { annotations: { [RECORD_ANNOTATION]: '{"entries":7}' } });
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    expect(await handler.handle(spot('spot-1'))).toMatchObject({ status: 'done' });
    expect(scene.entries()).toEqual(['spot:settled']);
  });
});

describe('a node that is another', () => {
  it('is marked again when its instance registers anew while a message is in hand', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const result = handler.handle(spot('spot-1'));
    await scene.pass(200);
    scene.cluster.add('node-1', 'i-1', { uid: 'uid-2', resourceVersion: '50' });
    await scene.finish();
    await scene.pass(1000);
    expect(scene.cluster.drains).toHaveLength(2);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    await scene.finish();
    expect(await result).toMatchObject({ status: 'done' });
    expect(scene.entries()).toEqual(['spot:settled']);
  });

  it.each(['a second later', 'at once'])(
    'gets the record of the one before it, where its instance registers anew %s and no message is in hand',
    async (when) => {
      const scene = new Scene();
      const { handler, toldOf } = scene.start({ policy: { scheduledEventLeadTimeMs: 60_000 } });
      await handler.handle(scheduled('e-1', { inSeconds: 2 * 3600 }));
      const removed = scene.cluster.node('node-1');
      scene.cluster.nodes.delete('node-1');
      handler.seen({ type: 'removed', node: removed });
      if (when !== 'at once') {
        await scene.pass(1000);
        expect([handler.nodesInWork, scene.clock.timers]).toEqual([0, 0]);
      }
      const node = scene.cluster.add('node-1', 'i-1', { uid: 'uid-2', resourceVersion: '50' });
      handler.seen({ type: 'set', node });
      await scene.pass(1000);
      expect(scene.entries()).toEqual(['scheduled:waiting']);
      await scene.pass(2 * 3600_000 - 60_000 + 20_000);
      expect(scene.cluster.drains).toHaveLength(1);
      expect(toldOf('drain-began')).toMatchObject([{ event: { id: 'e-1' } }]);
    },
  );

  it('does not make anybody ask all the time while the index still shows the one that is gone', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    const stale = scene.cluster.node('node-1');
    let finds = 0;
    scene.cluster.find = () => {
      finds += 1;
      return Promise.resolve(finds < 500 ? [stale] : []);
    };
    scene.cluster.nodes.delete('node-1');
    let result: unknown;
    void handler.handle(spot('spot-1')).then((end) => (result = end));
    await scene.pass(10_000);
    expect(finds).toBeLessThan(50);
    finds = 500;
    await scene.pass(10_000);
    expect(result).toEqual({ status: 'node-not-found' });
  });

  it('is nobody’s when another instance has taken its name', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    scene.cluster.beforeChange = () => {
      scene.cluster.add('node-1', 'i-2', { uid: 'another' });
      return Promise.resolve();
    };
    const result = handler.handle(spot('spot-1'));
    await scene.pass(1000);
    expect(await result).toEqual({ status: 'node-not-found' });
    expect(scene.cluster.log).toEqual([]);
    expect(handler.nodesInWork).toBe(0);
  });

  it('does not lose its record to others: what is known comes back with the next look', async () => {
    const scene = new Scene();
    const { handler } = scene.start();
    void handler.handle(lifecycle('action-1'));
    await scene.pass(200);
    scene.cluster.edit('node-1', { annotations: { [RECORD_ANNOTATION]: null } });
    await scene.pass(200);
    expect(scene.entries()).toEqual(['action:acting']);
  });
});

describe('a node without room for annotations', () => {
  it('is drained all the same, and its messages stay in hand until that is done', async () => {
    const scene = new Scene();
    scene.cluster.isFull = true;
    const { handler } = scene.start({ policy: { nodeTerminationGracePeriodSeconds: 600 } });
    let result: unknown;
    void handler.handle(scheduled('e-1', { inSeconds: 2 * 3600 })).then((end) => (result = end));
    await scene.pass(200);
    expect(scene.cluster.node('node-1').unschedulable).toBe(true);
    await scene.pass(60_000);
    expect([result, scene.cluster.drains.length]).toEqual([undefined, 1]);
    expect(scene.patches).toBeLessThan(5);
    await scene.finish();
    await scene.pass(1000);
    expect(result).toMatchObject({ status: 'done', action: 'drain' });
    await handler.handle(scheduled('e-1', { state: 'canceled' }));
    await scene.pass(1000);
    expect(scene.isGivenBack).toBe(true);
  });
});

describe('EC2’s word that the instance is gone', () => {
  it('puts the out-of-service taint on a node that an interruption holds, until that is over', async () => {
    const scene = new Scene();
    const { handler } = scene.start({ policy: { cordonOnly: true } });
    await handler.handle(scheduled('e-1'));
    expect(scene.cluster.node('node-1').taints).toEqual([]);
    await handler.handle(scheduled('e-1'), { shutDownAt: after(2) });
    await scene.pass(100);
    expect(scene.cluster.node('node-1').taints).toMatchObject([{ key: 'node.kubernetes.io/out-of-service' }]);
    await handler.handle(scheduled('e-1', { state: 'completed' }));
    await scene.pass(100);
    expect(scene.isGivenBack).toBe(true);
  });
});
