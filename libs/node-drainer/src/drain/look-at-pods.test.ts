import { systemClock } from '@node-termination-handler/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../invalid-options-error.ts';
import { setUp } from '../testing/drain-set-up.ts';
import type { PodShape } from '../testing/objects.ts';
import { aPodSummary } from '../testing/objects.ts';
import { refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { countPods, lookAtPods } from './look-at-pods.ts';
import { judgePod } from './rules.ts';
import type { RuleContext } from './rules.ts';

const going = '2026-01-02T03:04:05Z';

function clusterOf(...pods: readonly PodShape[]): ScriptedCluster {
  const cluster = new ScriptedCluster(systemClock);
  for (const [index, shape] of pods.entries()) cluster.addPod({ name: `pod-${index}`, ...shape });
  return cluster;
}

describe('a look at the pods of a node', () => {
  it('counts those that must go, on their way or not', async () => {
    const cluster = clusterOf({}, { controller: null }, { emptyDir: true }, { deletionTimestamp: going });
    expect(await lookAtPods(cluster, 'node-1')).toMatchObject({ mustGo: 4, left: 0 });
  });

  it('counts as nothing those that a drain leaves alone, those that have ended, and those of other nodes', async () => {
    const cluster = clusterOf(
      { controller: 'DaemonSet' },
      { mirror: true },
      { name: 'me' },
      { phase: 'Succeeded' },
      { phase: 'Failed' },
      { phase: 'Failed', deletionTimestamp: going },
      { node: 'node-2' },
    );
    const skipPods = [{ namespace: 'default', name: 'me' }];
    expect(await lookAtPods(cluster, 'node-1', { skipPods })).toMatchObject({ mustGo: 0, left: 0 });
  });

  it('counts by themselves those that a rule forbids to evict', async () => {
    const cluster = clusterOf(
      { controller: 'DaemonSet' },
      { controller: 'DaemonSet', phase: 'Succeeded' },
      { emptyDir: true },
      { emptyDir: true, phase: 'Failed' },
      { emptyDir: true, deletionTimestamp: going },
    );
    const options = { ignoreDaemonSets: false, deleteEmptyDirData: false };
    expect(await lookAtPods(cluster, 'node-1', options)).toMatchObject({ mustGo: 2, left: 1 });
  });

  it('counts as nothing a pod that would come again each time', async () => {
    const tolerations = [{ operator: 'Exists' }];
    const cluster = clusterOf({ tolerations, creationTimestamp: '2026-01-02T03:04:06Z' });
    expect(await lookAtPods(cluster, 'node-1')).toMatchObject({ mustGo: 1, left: 0 });
    const cordonedAt = new Date('2026-01-02T03:04:05Z');
    expect(await lookAtPods(cluster, 'node-1', { cordonedAt })).toMatchObject({ mustGo: 0, left: 0 });
  });

  it('is one list, and never from the cache', async () => {
    const cluster = clusterOf({});
    await lookAtPods(cluster, 'node-1');
    expect(cluster.calls).toMatchObject([{ verb: 'list', resource: 'pods' }]);
    expect(cluster.calls[0]!.query).toEqual({ fieldSelector: 'spec.nodeName=node-1' });
  });

  it('ends with what the server says, by its signal, and for options that can’t be right', async () => {
    const cluster = clusterOf({});
    cluster.script(
      ({ verb }) => verb === 'list',
      (call) => refusal(call, 403, { reason: 'Forbidden' }),
    );
    await expect(lookAtPods(cluster, 'node-1')).rejects.toMatchObject({ status: 403 });
    const reason = new Error('shutting down');
    await expect(lookAtPods(cluster, 'node-1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const options = { cordonedAt: new Date(NaN) };
    await expect(lookAtPods(cluster, 'node-1', options)).rejects.toThrow(InvalidOptionsError);
  });

  it('finds nothing that must go once a drain has done its work', async () => {
    const { cluster, drain } = setUp();
    for (let index = 0; index < 5; index += 1) cluster.addPod({ name: `web-${index}` });
    cluster.addPod({ name: 'agent', controller: 'DaemonSet' });
    expect(await lookAtPods(cluster, 'node-1')).toMatchObject({ mustGo: 5, left: 0 });
    expect((await drain()).finished.outcome).toBe('drained');
    expect(await lookAtPods(cluster, 'node-1')).toMatchObject({ mustGo: 0, left: 0 });
  });
});

const moment = fc.constantFrom(going, '2026-01-02T03:04:06Z');
const anyShape: fc.Arbitrary<PodShape> = fc
  .record({
    name: fc.constantFrom('web-1', 'me'),
    controller: fc.constantFrom('ReplicaSet', 'DaemonSet', null),
    mirror: fc.boolean(),
    phase: fc.constantFrom('Pending', 'Running', 'Unknown', 'Succeeded', 'Failed'),
    emptyDir: fc.boolean(),
    tolerates: fc.boolean(),
    creationTimestamp: moment,
    isGoing: fc.boolean(),
  })
  .map(({ isGoing, tolerates, ...shape }) => ({
    ...shape,
    ...(isGoing && { deletionTimestamp: going }),
    ...(tolerates && { tolerations: [{ operator: 'Exists' }] }),
  }));
const anyContext: fc.Arbitrary<RuleContext> = fc.record({
  ignoreDaemonSets: fc.boolean(),
  deleteEmptyDirData: fc.boolean(),
  skipPods: fc.constantFrom([], [{ namespace: 'default', name: 'me' }]),
  cordonedAt: fc.option(fc.constant(new Date(going)), { nil: undefined }),
  cameAfterCordon: fc.constant(false),
});

describe('for any pods and rules', () => {
  it('a pod counts once or not at all, and as the drain would judge it', () => {
    fc.assert(
      fc.property(fc.array(anyShape, { maxLength: 6 }), anyContext, (shapes, context) => {
        const pods = shapes.map((shape) => aPodSummary(shape));
        const alone = pods.map((pod) => countPods([pod], context));
        const sum = (of: 'mustGo' | 'left') => alone.reduce((total, look) => total + look[of], 0);
        expect(countPods(pods, context)).toMatchObject({ mustGo: sum('mustGo'), left: sum('left') });
        for (const [index, pod] of pods.entries()) {
          const { decision } = judgePod(pod, context);
          const mustGo = !pod.isCompleted && (decision === 'evict' || decision === 'wait') ? 1 : 0;
          const left = !pod.isCompleted && decision === 'keep' ? 1 : 0;
          expect(alone[index]).toMatchObject({ mustGo, left });
        }
      }),
    );
  });
});
