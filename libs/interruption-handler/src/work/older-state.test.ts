import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { expect, it } from 'vitest';
import { holderName } from '../record/claims.ts';
import { spot } from '../testing/events.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { InterruptionHandler } from './handler.ts';

it.each(['while it is drained', 'when all is done'])(
  'a node that comes back as it was before its cordon is marked and drained again: %s',
  async (when) => {
    const clock = new VirtualClock({ turns: 4 });
    const cluster = new ScriptedCluster();
    const before = cluster.add('node-1', 'i-1');
    const handler = new InterruptionHandler(cluster, { clock, holder: { name: holderName('kube-system', 'a') } });
    const result = handler.handle(spot('spot-1'));
    await clock.advance(200);
    if (when === 'when all is done') {
      cluster.drains[0]?.finish();
      await clock.advance(10);
      expect(await result).toMatchObject({ status: 'done' });
    }
    // As it does when etcd is restored: resource versions are again what they were.
    cluster.nodes.set('node-1', before);
    handler.seen({ type: 'set', node: before });
    await clock.advance(200);
    expect(cluster.node('node-1').unschedulable).toBe(true);
    expect(cluster.record('node-1').entries).toMatchObject([{ key: 'spot', progress: 'acting' }]);
    cluster.drains.at(-1)?.finish();
    await clock.advance(10);
    expect(await result).toMatchObject({ status: 'done' });
    expect(cluster.record('node-1').entries).toMatchObject([{ key: 'spot', progress: 'settled' }]);
  },
);
