import { VirtualClock } from '@node-termination-handler/clock/virtual';
import * as v from 'valibot';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterNode } from '../cluster/cluster.ts';
import { CLAIM_ANNOTATION, holderName } from '../record/claims.ts';
import { CORDONED_FOR_ANNOTATION } from '../record/seen-node.ts';
import { scheduled, spot, START } from '../testing/events.ts';
import { ScriptedCluster } from '../testing/scripted-cluster.ts';
import { InterruptionHandler } from './handler.ts';

/** The claim as the version before this one reads it. */
const claimBefore = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    holder: v.string(),
    state: v.picklist(['draining', 'drained']),
    until: v.pipe(v.string(), v.isoTimestamp()),
  }),
);

const PREFIX = 'aws-node-termination-handler/';

/** What the earlier programs read on a node: all of ours but the record. */
function readBefore({ annotations, labels, taints, unschedulable }: ClusterNode) {
  const claim = annotations[CLAIM_ANNOTATION];
  return {
    unschedulable,
    claim: claim === undefined ? undefined : v.parse(claimBefore, claim),
    cordonedFor: annotations[CORDONED_FOR_ANNOTATION],
    labels: Object.fromEntries(
      Object.entries(labels).flatMap(([key, value]) =>
        key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : [],
      ),
    ),
    taints: taints.map(({ key, value }) => `${key.slice(PREFIX.length)}=${value}`),
  };
}

describe('what is left on a node for the programs before this one', () => {
  let clock: VirtualClock;
  let cluster: ScriptedCluster;
  let handler: InterruptionHandler;
  beforeEach(() => {
    clock = new VirtualClock({ turns: 4 });
    cluster = new ScriptedCluster();
    cluster.add('node-1', 'i-1');
    handler = new InterruptionHandler(cluster, {
      clock,
      holder: { name: holderName('kube-system', 'a') },
      marks: { taintEffect: 'NoSchedule' },
      policy: { scheduledEventLeadTimeMs: 600_000 },
    });
  });
  const found = () => readBefore(cluster.node('node-1'));

  it('in a drain: a claim that is believed for twenty seconds, and whose cordon it is', async () => {
    void handler.handle(spot('spot-1'));
    await clock.advance(200);
    expect(found()).toEqual({
      unschedulable: true,
      claim: { holder: 'kube-system/a', state: 'draining', until: '2026-01-02T03:04:25.000Z' },
      cordonedFor: 'spot-1',
      labels: {},
      taints: ['spot-itn=spot-1'],
    });
  });

  it('in a drain: on a node that somebody else had cordoned no cordon of ours', async () => {
    cluster.edit('node-1', { unschedulable: true });
    void handler.handle(spot('spot-1'));
    await clock.advance(200);
    expect(found()).toMatchObject({ unschedulable: true, cordonedFor: undefined, claim: { state: 'draining' } });
  });

  it('after a drain: no claim, since “drained” was leave to complete hooks without a look', async () => {
    void handler.handle(spot('spot-1'));
    await clock.advance(200);
    cluster.drains[0]?.finish();
    await clock.advance(200);
    expect(found()).toMatchObject({ unschedulable: true, claim: undefined, cordonedFor: 'spot-1' });
  });

  it('in a wait: nothing, as a message in the queue is all that they know', async () => {
    void handler.handle(scheduled('far', { inSeconds: 3_000 }));
    await clock.advance(200);
    expect(cluster.record('node-1').entries).toMatchObject([{ progress: 'waiting' }]);
    expect(found()).toEqual({
      ...{ unschedulable: false, claim: undefined, cordonedFor: undefined },
      ...{ labels: {}, taints: [] },
    });
  });

  it('in a reboot: the labels with which they give the node back after it', async () => {
    void handler.handle(scheduled('reboot-1', { inSeconds: 300 }));
    await clock.advance(200);
    cluster.drains[0]?.finish();
    await clock.advance(200);
    expect(found()).toEqual({
      unschedulable: true,
      claim: undefined,
      cordonedFor: 'reboot-1',
      labels: {
        'event-id': 'reboot-1',
        action: 'UncordonAfterReboot',
        'action-time': String(START.getTime() / 1000),
      },
      taints: ['scheduled-maintenance=reboot-1'],
    });
  });

  it('after the reboot: nothing', async () => {
    void handler.handle(scheduled('reboot-1', { inSeconds: 300 }));
    await clock.advance(200);
    cluster.drains[0]?.finish();
    await clock.advance(400_000);
    handler.seen({ type: 'set', node: cluster.edit('node-1', { bootId: 'boot-2' }) });
    await clock.advance(200);
    expect(found()).toEqual({
      ...{ unschedulable: false, claim: undefined, cordonedFor: undefined },
      ...{ labels: {}, taints: [] },
    });
  });
});

describe('what the programs before this one have left on a node', () => {
  it('goes when the node is given back, the claim of a process that is gone with the rest', async () => {
    const clock = new VirtualClock({ turns: 4 });
    const cluster = new ScriptedCluster();
    const claim = { holder: 'kube-system/gone', state: 'draining', until: '2026-01-02T02:00:20.000Z' };
    const node = cluster.add('node-1', 'i-1', {
      unschedulable: true,
      taints: [{ key: `${PREFIX}scheduled-maintenance`, value: 'reboot-1', effect: 'NoSchedule' }],
      labels: {
        [`${PREFIX}event-id`]: 'reboot-1',
        [`${PREFIX}action`]: 'UncordonAfterReboot',
        [`${PREFIX}action-time`]: String(START.getTime() / 1000 - 3600),
      },
      annotations: { [CLAIM_ANNOTATION]: JSON.stringify(claim), [CORDONED_FOR_ANNOTATION]: 'reboot-1' },
    });
    const options = { clock, holder: { name: holderName('kube-system', 'a') }, bootedAt: () => START };
    new InterruptionHandler(cluster, options).lookAt(node);
    await clock.advance(200);
    expect(readBefore(cluster.node('node-1'))).toEqual({
      ...{ unschedulable: false, claim: undefined, cordonedFor: undefined },
      ...{ labels: {}, taints: [] },
    });
  });
});
