import { Deadline, sleep } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import type { ApiCall } from '../../connection/client.ts';
import { KubernetesConnectionError } from '../../connection/errors.ts';
import { isDeletion, isEviction, setUp } from '../../testing/drain-set-up.ts';
import { budgetRefusal, missingRight, notFound, refusal } from '../../testing/scripted-cluster.ts';
import type { PodShape } from '../../testing/objects.ts';
import { lookAtPods } from '../look-at-pods.ts';
import { createDrainMemory } from '../memory.ts';

const forever = new Deadline(Infinity);

describe('a pod that has ended', () => {
  it('does not hold the drain by its finalizer', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'job', phase: 'Succeeded', endsAfterMs: 1e9, graceSeconds: 1e6 });
    cluster.addPod({ name: 'web' });
    const { finished } = await drain({ deadline: forever });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1, finished: 1 }, podsLeft: 0, left: [] });
    expect(cluster.pods.has('uid-of-job')).toBe(true);
  });

  it('does not hold it by a webhook either, nor when it was on its way already', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'held', phase: 'Failed' });
    cluster.addPod({ name: 'going', phase: 'Failed', deletionTimestamp: '2099-01-01T00:00:00Z' });
    cluster.script(isDeletion, (call) => refusal(call, 403, { message: 'admission webhook "w" denied the request' }));
    const { finished } = await drain({ deadline: forever });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { finished: 0 }, podsLeft: 0 });
    expect(cluster.calls.filter(isDeletion)).toHaveLength(1);
  });

  it('does so no more once it has ended while it was waited for', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'job', endsAfterMs: 1e9, graceSeconds: 1e6 });
    void sleep(clock, 5000).then(() => cluster.changePod('uid-of-job', ({ status }) => (status!.phase = 'Succeeded')));
    const { finished } = await drain({ deadline: forever });
    expect(finished).toMatchObject({ outcome: 'drained', durationMs: 5000 });
  });
});

describe('a pod that must not go', () => {
  const options = { deleteEmptyDirData: false } as const;
  const addPods = (cluster: ReturnType<typeof setUp>['cluster'], kept: PodShape = {}) => {
    cluster.addPod({ name: 'cache', emptyDir: true, ...kept });
    cluster.addPod({ name: 'web' });
    cluster.addPod({ name: 'dns', priorityClassName: 'system-cluster-critical' });
  };

  it.each([
    ['there is no end', { deadline: forever, onDeadline: 'deadline' }],
    ['the end is respected', { onDeadline: 'respect' }],
  ] as const)('keeps no other from going, and is left where %s', async (_, more) => {
    const { cluster, drain } = setUp();
    addPods(cluster);
    const { finished, of } = await drain({ ...options, ...more });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'not-allowed', ended: { evicted: 2 }, podsLeft: 1 });
    expect(finished.durationMs).toBeLessThan(1000);
    expect(finished.message).toContain('default/cache (has emptyDir volumes)');
    expect(of('left')).toMatchObject([{ pod: { name: 'cache' }, state: 'kept', heldBy: { kind: 'rule' } }]);
    expect(of('planned')).toHaveLength(1);
    expect(cluster.calls.filter(isEviction).map(({ name }) => name)).toEqual(['web', 'dns']);
  });

  it('is hurried before the end, and not a moment earlier', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    addPods(cluster, { graceSeconds: 30 });
    cluster.script((call) => isEviction(call) && call.name === 'cache', budgetRefusal);
    const { finished, of } = await drain({ ...options, deadline: deadlineIn(14 * 86_400), onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { 'deleted-past-budget': 1 } });
    const asked = of('evicting').filter(({ pod }) => pod.name === 'cache');
    expect(asked.map(({ how, at }) => [how, at.getTime() - start])).toEqual([
      ['evict', 14 * 86_400_000 - 31_999],
      ['delete', 14 * 86_400_000 - 31_999],
    ]);
    // In two weeks nothing else is asked than to watch the pods, to evict the others, and that.
    expect(cluster.count('list')).toBe(0);
    expect(cluster.calls.length).toBeLessThan(7);
  });

  it('is waited for no more when the end is taken back, and hurried when one is set', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    addPods(cluster);
    const deadline = deadlineIn(600);
    void sleep(clock, 5000).then(() => deadline.moveTo(Infinity));
    const { finished } = await drain({ ...options, deadline, onDeadline: 'deadline' });
    expect(finished).toMatchObject({ reason: 'not-allowed', durationMs: 5000 });
    const later = deadlineIn(600);
    void sleep(clock, 5000).then(() => later.moveTo(clock.now() + 20_000));
    const again = await drain({ ...options, deadline: later, onDeadline: 'deadline' });
    expect(again.finished).toMatchObject({ outcome: 'drained', ended: { hurried: 1 } });
  });
});

describe('the pods of DaemonSets that are not to be ignored', () => {
  it('go last, once, and are not waited for when they are made anew', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'agent', controller: 'DaemonSet' });
    cluster.addPod({ name: 'dns', priorityClassName: 'system-cluster-critical', endsAfterMs: 1000 });
    cluster.addPod({ name: 'web', endsAfterMs: 2000 });
    let made = 0;
    const { finished, of } = await drain({ ignoreDaemonSets: false, deadline: forever }, (progress) => {
      const isAgent = progress.type === 'evicted' && progress.pod.name.startsWith('agent');
      if (isAgent) cluster.addPod({ name: `agent-${(made += 1)}`, controller: 'DaemonSet' });
    });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 3 } });
    expect(of('evicting').map(({ pod }) => pod.name)).toEqual(['web', 'dns', 'agent']);
    expect(of('gone').map(({ pod }) => pod.name)).toEqual(['web', 'dns', 'agent']);
    expect(made).toBe(1);
  });

  it('go in time though others hang', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ name: 'agent', controller: 'DaemonSet', graceSeconds: 20 });
    cluster.addPod({ name: 'dns', priorityClassName: 'system-node-critical', graceSeconds: 40, endsAfterMs: 1e9 });
    cluster.addPod({ name: 'hangs', graceSeconds: 300, endsAfterMs: 1e9 });
    const { of } = await drain({ ignoreDaemonSets: false, deadline: deadlineIn(120), onDeadline: 'deadline' });
    const first = Object.fromEntries(
      of('evicting')
        .toReversed()
        .map(({ pod, at }) => [pod.name, at.getTime() - start]),
    );
    expect(first).toEqual({ hangs: 0, dns: 78_000, agent: 98_000 });
  });
});

describe('a pod of a DaemonSet that is gone', () => {
  const isRead = ({ resource }: ApiCall) => resource === 'daemonsets';

  it('is evicted, and counts as one that must go', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'orphan', controller: 'DaemonSet' });
    cluster.goneDaemonSets.add('owner');
    expect(await lookAtPods(cluster, 'node-1')).toMatchObject({ mustGo: 1 });
    expect((await drain()).finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
  });

  it('is evicted though another DaemonSet has taken the name', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'orphan', controller: 'DaemonSet' });
    cluster.script(isRead, () => ({ metadata: { uid: 'another' } }));
    expect((await drain()).finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
  });

  it.each<[string, (call: ApiCall) => unknown]>([
    ['may not be read', (call) => refusal(call, 403, { reason: 'Forbidden' })],
    ['is not known to a proxy', (call) => refusal(call, 404, { message: 'page not found' })],
    ['can’t be read', (call) => refusal(call, 500)],
  ])('is left alone when the DaemonSet %s', async (_, answer) => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'agent', controller: 'DaemonSet' });
    cluster.script(isRead, answer);
    expect((await drain()).finished).toMatchObject({ outcome: 'drained', ended: { evicted: 0 } });
  });

  it.each([[[]], [['web']]])(
    'is evicted at the end where that could not be found out before, beside %j',
    async (others) => {
      const { cluster, drain } = setUp();
      cluster.addPod({ name: 'orphan', controller: 'DaemonSet' });
      for (const name of others) cluster.addPod({ name });
      cluster.goneDaemonSets.add('owner');
      cluster.script(isRead, () => new KubernetesConnectionError('not done within 2000 ms'), 1);
      const { finished, of } = await drain();
      expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 + others.length } });
      expect(of('gone').map(({ pod }) => pod.name)).toEqual([...others, 'orphan']);
      expect(cluster.calls.filter(isRead)).toHaveLength(2);
    },
  );

  it('costs one read for each DaemonSet, however many drains there are', async () => {
    const { cluster, clock, drain } = setUp();
    const memory = createDrainMemory();
    cluster.addPod({ name: 'agent-1', controller: 'DaemonSet' });
    cluster.addPod({ name: 'agent-2', controller: 'DaemonSet' });
    for (let index = 0; index < 5; index += 1) await drain({ memory });
    await lookAtPods(cluster, 'node-1', { memory, clock });
    expect(cluster.calls.filter(isRead)).toHaveLength(1);
    await clock.advance(600_000);
    await drain({ memory });
    expect(cluster.calls.filter(isRead)).toHaveLength(2);
  });
});

describe('a pod that comes back to the node each time', () => {
  const comeBack = (cluster: ReturnType<typeof setUp>['cluster'], clock: ReturnType<typeof setUp>['clock']) => {
    let made = 0;
    return (progress: { type: string; pod?: { name: string } }) => {
      if (progress.type !== 'gone' || !progress.pod!.name.startsWith('bound')) return;
      made += 1;
      cluster.addPod({ name: `bound-${made}`, creationTimestamp: new Date(clock.now() + 1000).toISOString() });
    };
  };

  it('is evicted twice and then left, and that is said once, in however many drains', async () => {
    const { cluster, clock, drain } = setUp();
    const cordonedAt = new Date(clock.now());
    const memory = createDrainMemory();
    cluster.addPod({ name: 'bound', creationTimestamp: '2020-01-01T00:00:00Z' });
    cluster.addPod({ name: 'slow', creationTimestamp: '2020-01-01T00:00:00Z', endsAfterMs: 10_000 });
    const options = { deadline: forever, cordonedAt, memory, onDeadline: 'deadline' } as const;
    const { finished, of } = await drain(options, comeBack(cluster, clock));
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'not-allowed', ended: { evicted: 4 }, podsLeft: 1 });
    expect(of('planned').flatMap(({ warnings }) => warnings)).toEqual([
      'default/bound-3 came back after 2 evictions; it is left on the node',
    ]);
    expect(await lookAtPods(cluster, 'node-1', { cordonedAt, memory })).toMatchObject({ mustGo: 0, left: 1 });
    const again = await drain({ ...options, deadline: Deadline.after(60_000, clock.now()) }, comeBack(cluster, clock));
    expect(again.finished).toMatchObject({ reason: 'not-allowed', ended: { evicted: 0, hurried: 0 }, podsLeft: 1 });
    expect(cluster.calls.filter(isEviction)).toHaveLength(4);
    // A later cordon is another matter.
    const later = await lookAtPods(cluster, 'node-1', { cordonedAt: new Date(clock.now() + 60_000), memory });
    expect(later).toMatchObject({ mustGo: 1, left: 0 });
  });

  it('is not counted twice where an eviction of it was accepted twice', () => {
    const memory = createDrainMemory();
    const pod = (uid: string) =>
      ({ ref: { namespace: 'a', name: 'b', uid }, controller: undefined }) as Parameters<typeof memory.noteEviction>[2];
    for (const uid of ['b-1', 'b-1', 'b-2', 'b-1']) memory.noteEviction('node-1', undefined, pod(uid));
    expect(memory.evictions('node-1', undefined, pod('b-3'))).toBe(2);
  });

  it('is not counted for the pods of another controller', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'bound' });
    cluster.addPod({ name: 'slow', endsAfterMs: 10_000 });
    const back = comeBack(cluster, clock);
    const { finished } = await drain({ deadline: forever }, (progress) => {
      back(progress);
      if (progress.type === 'gone' && progress.pod.name === 'bound-2')
        cluster.addPod({ name: 'other', controller: null });
    });
    expect(finished).toMatchObject({ ended: { evicted: 5 }, podsLeft: 1 });
  });

  it('leaves nothing behind in a memory that has seen a hundred thousand', () => {
    const memory = createDrainMemory();
    const pod = { ref: { namespace: 'a', name: 'b', uid: 'c' }, controller: undefined } as Parameters<
      typeof memory.noteEviction
    >[2];
    for (let index = 0; index < 100_000; index += 1) {
      memory.noteEviction(`node-${index}`, undefined, pod);
      memory.noteSilent(`node-${index}`, '1');
    }
    const known = (index: number) => [
      memory.evictions(`node-${index}`, undefined, pod),
      memory.silentSince(`node-${index}`),
    ];
    expect([known(0), known(89_999), known(90_000), known(99_999)]).toEqual([
      [0, undefined],
      [0, undefined],
      [1, '1'],
      [1, '1'],
    ]);
  });
});

describe('a pod that nobody can end', () => {
  const isLease = ({ resource }: ApiCall) => resource === 'leases';
  function lost(ready: 'Unknown' | 'False' | 'True', lease: (call: ApiCall) => unknown) {
    const all = setUp();
    const node = all.cluster.putNode();
    node.status!.conditions = [{ type: 'Ready', status: ready }];
    all.cluster.script(isLease, lease);
    all.cluster.addPod({ name: 'stuck', graceSeconds: 30, endsAfterMs: 1e9 });
    all.cluster.addPod({ name: 'web' });
    // Its grace comes to its end, and nothing happens.
    all.cluster.script(
      (call) => isEviction(call) && call.name === 'stuck',
      () => {
        all.cluster.changePod('uid-of-stuck', ({ metadata }) => {
          metadata!.deletionTimestamp = new Date(all.clock.now() + 30_000).toISOString();
          metadata!.deletionGracePeriodSeconds = 30;
        });
        return { status: 'Success' };
      },
    );
    return all;
  }
  const still = () => ({ metadata: { resourceVersion: '7' } });

  it.each([
    ['is still', still],
    ['is gone', notFound],
  ])('holds the drain a minute past its grace when the node is unknown and its Lease %s', async (_, lease) => {
    const { cluster, clock, drain } = lost('Unknown', lease);
    const memory = createDrainMemory();
    const { finished, of } = await drain({ deadline: forever, memory });
    expect(finished).toMatchObject({
      outcome: 'drained',
      podsLeft: 1,
      podsOutOfReach: 1,
      left: [{ state: 'out-of-reach' }],
    });
    expect(finished.message).toContain('nobody can end');
    expect(finished.durationMs).toBeGreaterThanOrEqual(90_000);
    expect(finished.durationMs).toBeLessThanOrEqual(100_000);
    expect(cluster.calls.some(isDeletion)).toBe(false);
    expect(of('evicting')).toHaveLength(2);
    expect(of('kubelet-silent')[0]?.pods).toMatchObject([{ name: 'stuck' }]);
    expect(Number(of('kubelet-silent')[0]?.at) - Number(of('planned')[0]?.at)).toBeLessThanOrEqual(50_000);
    const look = { memory, clock };
    expect(await lookAtPods(cluster, 'node-1', look)).toEqual({ mustGo: 0, left: 0, outOfReach: 1 });
    expect(await lookAtPods(cluster, 'node-1', { clock })).toEqual({ mustGo: 1, left: 0, outOfReach: 0 });
    cluster.nodes.get('node-1')!.status!.conditions![0]!.status = 'True';
    expect(await lookAtPods(cluster, 'node-1', look)).toEqual({ mustGo: 1, left: 0, outOfReach: 0 });
  });

  it.each<[string, 'Unknown' | 'False' | 'True', (call: ApiCall) => unknown]>([
    ['whose kubelet says itself that it is not ready', 'False', still],
    ['that is ready', 'True', still],
    ['whose Lease moves', 'Unknown', () => ({ metadata: { resourceVersion: String(Math.random()) } })],
    ['whose Lease can’t be read', 'Unknown', (call) => refusal(call, 403, { reason: 'Forbidden' })],
  ])('holds it for as long as it takes on a node %s', async (_, ready, lease) => {
    const { cluster, clock, drain } = lost(ready, lease);
    void sleep(clock, 600_000).then(() => cluster.removePod('uid-of-stuck'));
    const { finished, of } = await drain({ deadline: forever });
    expect(finished).toMatchObject({ outcome: 'drained', podsOutOfReach: 0, durationMs: 600_000 });
    expect(of('kubelet-silent')).toEqual([]);
  });

  it('holds it where Leases may not be read, which is told once for all drains', async () => {
    const memory = createDrainMemory();
    const told: string[] = [];
    for (let drains = 0; drains < 2; drains += 1) {
      const { cluster, clock, drain } = lost('Unknown', missingRight);
      void sleep(clock, 600_000).then(() => cluster.removePod('uid-of-stuck'));
      const { finished, of } = await drain({ deadline: forever, memory });
      expect(finished).toMatchObject({ outcome: 'drained', podsOutOfReach: 0, durationMs: 600_000 });
      told.push(...of('right-missing').map(({ message }) => message));
    }
    expect(told).toEqual([expect.stringMatching(/waited for to the end: not allowed to get leases: add this rule/)]);
  });

  it('is waited for again when the kubelet speaks while others hold the drain', async () => {
    const { cluster, clock, drain } = lost('Unknown', still);
    cluster.addPod({ name: 'held' });
    cluster.script(
      (call) => isEviction(call) && call.name === 'held' && clock.now() < spokeAtMs + 60_000,
      budgetRefusal,
    );
    const spokeAtMs = clock.now() + 200_000;
    void sleep(clock, 200_000).then(() => (cluster.nodes.get('node-1')!.status!.conditions![0]!.status = 'True'));
    void sleep(clock, 400_000).then(() => cluster.removePod('uid-of-stuck'));
    const { finished } = await drain({ deadline: forever });
    expect(finished).toMatchObject({ outcome: 'drained', podsLeft: 0, durationMs: 400_000 });
  });
});
