import { Deadline, sleep } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import { KubernetesApiError, KubernetesConnectionError } from '../connection/errors.ts';
import { InvalidOptionsError } from '../invalid-options-error.ts';
import { isEviction, setUp } from '../testing/drain-set-up.ts';
import { budgetRefusal, missingRight, notFound, refusal } from '../testing/scripted-cluster.ts';
import { drainNode } from './drain.ts';
import type { DrainOptions } from './options.ts';
import { NONE_ENDED } from './progress.ts';

describe('a drain', () => {
  it('evicts every pod, waits until each is gone, and says so', async () => {
    const { cluster, drain } = setUp();
    for (let index = 0; index < 10; index += 1) cluster.addPod({ name: `web-${index}`, endsAfterMs: 1000 * index });
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 10, finished: 0 }, podsLeft: 0, left: [] });
    expect(of('gone').map(({ podsLeft }) => podsLeft)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(cluster.pods.size).toBe(0);
  });

  it('needs one watch and one eviction for each pod', async () => {
    const { cluster, drain } = setUp();
    for (let index = 0; index < 10; index += 1) cluster.addPod({ name: `web-${index}` });
    await drain();
    expect(cluster.calls).toHaveLength(10);
    expect(cluster.watches).toHaveLength(1);
  });

  it('ends at once, and its watch with it, when nothing has to go', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'agent', controller: 'DaemonSet' });
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 0 } });
    expect(of('planned')[0]!.pods).toMatchObject([{ decision: 'skip', reason: 'managed by DaemonSet owner' }]);
    expect(finished.durationMs).toBe(0);
    expect(cluster.watches.map(({ signal }) => signal?.aborted)).toEqual([true]);
    expect([cluster.openWatches, clock.timers]).toEqual([0, 0]);
  });

  it('leaves the pods of other nodes alone', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'here' });
    cluster.addPod({ name: 'there', node: 'node-2' });
    await drain();
    expect([...cluster.pods.values()].map(({ metadata }) => metadata?.name)).toEqual(['there']);
  });

  it('deletes pods that have ended, and does not ask a budget for them', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'job-1', phase: 'Succeeded', emptyDir: true });
    const { finished, of } = await drain({ deleteEmptyDirData: false });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 0, finished: 1 } });
    expect(of('deleted')[0]).toMatchObject({ reason: 'completed' });
    expect(cluster.calls.some(isEviction)).toBe(false);
  });

  it('waits for pods that are terminating, and does not ask again', async () => {
    const { cluster, clock, drain } = setUp();
    const pod = cluster.addPod({ deletionTimestamp: new Date(clock.now() + 20_000).toISOString() });
    void sleep(clock, 10_000).then(() => cluster.removePod(pod.metadata!.uid!));
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 0 }, durationMs: 10_000 });
    expect([cluster.calls.length, cluster.watches.length]).toEqual([0, 1]);
  });

  it.each([
    ['evicted', 'EvictionByEvictionAPI', 30],
    ['hurried', 'EvictionByEvictionAPI', 5],
    // Its containers have ended, and a finalizer keeps the object.
    ['evicted', 'EvictionByEvictionAPI', 0],
    [undefined, 'DeletionByTaintManager', 30],
  ] as const)(
    'says of a pod that an earlier process had sent on its way that it was %s (%s, %d s)',
    async (ending, reason, seconds) => {
      const { cluster, clock, drain } = setUp();
      const pod = cluster.addPod({ deletionTimestamp: new Date(clock.now() + 20_000).toISOString() });
      pod.metadata!.deletionGracePeriodSeconds = seconds;
      pod.status = { ...pod.status, conditions: [{ type: 'DisruptionTarget', status: 'True', reason }] };
      void sleep(clock, 1_000).then(() => cluster.removePod(pod.metadata!.uid!));
      const { finished, of } = await drain();
      expect(finished.ended).toEqual({ ...NONE_ENDED, ...(ending === undefined ? {} : { [ending]: 1 }) });
      expect(of('gone').map((gone) => gone.ending)).toEqual([ending]);
    },
  );

  it('evicts critical pods only when the ordinary ones are gone', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'dns', priorityClassName: 'system-cluster-critical' });
    cluster.addPod({ name: 'web', endsAfterMs: 5000 });
    const { of, seen } = await drain();
    expect(of('evicting').map(({ pod }) => pod.name)).toEqual(['web', 'dns']);
    const webGone = seen.findIndex((entry) => entry.type === 'gone' && entry.pod.name === 'web');
    const dnsAsked = seen.findIndex((entry) => entry.type === 'evicting' && entry.pod.name === 'dns');
    expect(webGone).toBeLessThan(dnsAsked);
  });

  it('does not let ordinary pods that hang cost the critical ones their grace', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ name: 'dns', priorityClassName: 'system-node-critical', graceSeconds: 20 });
    cluster.addPod({ name: 'hangs', graceSeconds: 300, endsAfterMs: 1e9 });
    const { of } = await drain({ deadline: deadlineIn(60) });
    const dns = of('evicting').find(({ pod }) => pod.name === 'dns')!;
    expect(dns.at.getTime() - start).toBe(38_000);
  });

  it('evicts the pods with the longest grace first', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'short', graceSeconds: 5 });
    cluster.addPod({ name: 'long', graceSeconds: 90 });
    cluster.addPod({ name: 'middle', graceSeconds: 30 });
    const { of } = await drain();
    expect(of('evicting').map(({ pod }) => pod.name)).toEqual(['long', 'middle', 'short']);
  });

  it('gives all pods the grace it is told to', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    await drain({ podGracePeriodSeconds: 7 });
    expect(cluster.calls.find(isEviction)?.body).toMatchObject({
      apiVersion: 'policy/v1',
      deleteOptions: { gracePeriodSeconds: 7, preconditions: { uid: 'uid-of-web-1' } },
    });
  });

  it('tells the plan and sends nothing in a dry run', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    const { finished, seen } = await drain({ dryRun: true });
    expect(seen.map(({ type }) => type)).toEqual(['planned', 'finished']);
    expect(finished).toMatchObject({ outcome: 'drained', dryRun: true, podsLeft: 1 });
    expect([cluster.calls.length, cluster.watches.length, cluster.openWatches]).toEqual([0, 1, 0]);
  });

  it('says nothing after its last word, though a pod comes at that moment', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    let count = 0;
    const { seen, of } = await drain({}, ({ type }) => {
      if (type === 'gone' || type === 'finished')
        cluster.addPod({ name: `newcomer-${(count += 1)}`, controller: null });
    });
    expect(seen.at(-1)?.type).toBe('finished');
    expect(of('gone').length).toBeLessThan(count);
  });

  it('reads from the cache of the API server when told to', async () => {
    const { cluster, drain } = setUp();
    cluster.putNode();
    await drain({ useApiServerCache: true });
    expect(cluster.watches[0]).toMatchObject({ resourceVersion: '0', fieldSelector: 'spec.nodeName=node-1' });
  });

  it('refuses options that can not be right, all in one error and at once', () => {
    const { cluster } = setUp();
    const options = {
      podGracePeriodSeconds: -2,
      onDeadline: 'never',
      deadline: new Date(NaN),
    } as unknown as DrainOptions;
    const act = () => drainNode(cluster, 'node-1', options);
    expect(act).toThrow(InvalidOptionsError);
    expect(act).toThrow(/podGracePeriodSeconds.*onDeadline/);
  });
});

describe('a budget that says no', () => {
  it('is named, and asked again until it opens', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, budgetRefusal, 3);
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect(of('blocked').map(({ heldBy, attempt }) => [heldBy.name, attempt])).toEqual([
      ['web', 1],
      ['web', 2],
      ['web', 3],
    ]);
    expect(of('blocked')[0]!.message).toContain('needs 3 healthy pods');
  });

  it('holds to the deadline, which then fails the drain with what is left', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ name: 'held' });
    cluster.addPod({ name: 'free' });
    cluster.script((call) => isEviction(call) && call.name === 'held', budgetRefusal);
    const { finished, of } = await drain({ deadline: deadlineIn(60) });
    expect(finished).toMatchObject({
      outcome: 'failed',
      reason: 'deadline',
      podsLeft: 1,
      left: [{ pod: { name: 'held' }, state: 'blocked', heldBy: { kind: 'budget', name: 'web' } }],
      durationMs: 60_000,
      msToDeadline: 0,
    });
    expect(of('left')).toHaveLength(1);
    expect(cluster.count('delete')).toBe(0);
  });

  it('is said to put the drain at risk as soon as the grace no longer fits', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ graceSeconds: 30 });
    cluster.script(isEviction, budgetRefusal);
    const { of } = await drain({ deadline: deadlineIn(60) });
    expect(of('at-risk')).toHaveLength(1);
    expect(of('at-risk')[0]).toMatchObject({ heldBy: { name: 'web' }, pods: [{ name: 'web-1' }], secondsShort: 1 });
    expect(of('at-risk')[0]!.at.getTime() - start).toBe(28_001);
  });

  it('is passed by at the last graceful moment when the deadline is one of power', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ graceSeconds: 30, endsAfterMs: 20_000 });
    cluster.script(isEviction, budgetRefusal);
    const { finished, of } = await drain({ deadline: deadlineIn(60), onDeadline: 'deadline' });
    expect(finished).toMatchObject({
      outcome: 'drained',
      ended: { evicted: 0, finished: 0, 'deleted-past-budget': 1 },
    });
    expect(of('deleted')[0]).toMatchObject({
      reason: 'deadline',
      graceSeconds: 29,
      heldBy: { kind: 'budget', name: 'web' },
      message: 'The disruption budget web needs 3 healthy pods and has 3 currently',
    });
    expect(of('deleted')[0]!.at.getTime() - start).toBe(28_001);
  });

  it('is asked once even when the grace never fitted, then passed by with the grace that remains', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 600 });
    cluster.script(isEviction, budgetRefusal);
    const { of } = await drain({ deadline: deadlineIn(120), onDeadline: 'deadline' });
    expect(of('evicting')).toMatchObject([
      { how: 'evict', graceSeconds: 118 },
      { how: 'delete', graceSeconds: 118 },
    ]);
    expect(of('at-risk')[0]).toMatchObject({ secondsShort: 482 });
  });

  it('that shares its pod with another is said, and may be removed in time', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    cluster.script(isEviction, (call) => refusal(call, 500, { message }), 2);
    const { finished, of } = await drain();
    expect(finished.outcome).toBe('drained');
    expect(of('blocked')[0]!.message).toContain('more than one PodDisruptionBudget');
  });
});

describe('a server in trouble', () => {
  it('that asks to slow down is not asked by anybody before', async () => {
    const { cluster, clock, drain } = setUp();
    for (let index = 0; index < 5; index += 1) cluster.addPod({ name: `web-${index}` });
    const times: number[] = [];
    const start = clock.now();
    cluster.script(isEviction, (call) => {
      times.push(clock.now() - start);
      return times.length === 1
        ? new KubernetesApiError(call, 429, { reason: 'TooManyRequests', message: 'too many requests' }, 3)
        : undefined;
    });
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 5 } });
    expect(of('throttled')).toHaveLength(1);
    // Those of the first moment are on their way already.
    expect(times.filter((time) => time > 0 && time < 3000)).toEqual([]);
    expect(times.at(-1)).toBe(3000);
  });

  it('that breaks the connection or has a fault is asked again', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, () => new KubernetesConnectionError('reset'), 2);
    cluster.script(isEviction, (call) => refusal(call, 503, { message: 'etcd is slow' }), 2);
    cluster.script(isEviction, (call) => refusal(call, 401, { message: 'Unauthorized' }), 1);
    const { finished, of } = await drain();
    expect(finished.outcome).toBe('drained');
    expect(of('retrying').map(({ message }) => message)).toHaveLength(5);
  });

  it('that forbids evictions is asked again, with the missing rule told, and the others go', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'secret', namespace: 'vault' });
    cluster.addPod({ name: 'web' });
    cluster.script((call) => isEviction(call) && call.namespace === 'vault', missingRight, 3);
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 2 } });
    expect(of('refused').map(({ pod, attempt }) => [pod.name, attempt])).toEqual([
      ['secret', 1],
      ['secret', 2],
      ['secret', 3],
    ]);
    expect(of('refused')[0]!.message).toContain('add this rule to the role');
    expect(finished.durationMs).toBeLessThan(15_000);
  });

  it('that forbids evictions to the end is said to have', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod();
    cluster.script(isEviction, missingRight);
    const { finished, of } = await drain({ deadline: deadlineIn(60) });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'deadline', podsLeft: 1 });
    expect(finished.message).toContain('not allowed to create pods/eviction');
    expect(of('left')[0]).toMatchObject({ state: 'refused', heldBy: { kind: 'role' } });
  });

  it('that can not list the pods is asked until the deadline, and then blamed', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.scriptState(missingRight);
    cluster.script(({ verb }) => verb === 'list', missingRight);
    const { finished, of } = await drain({ deadline: deadlineIn(30) });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'unreachable', podsLeft: 0 });
    expect((finished.error as Error).message).toContain('not allowed to list pods');
    expect(of('disconnected').length).toBeGreaterThan(2);
  });

  it('that drops the watch loses nothing: it is taken up where it ended', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ endsAfterMs: 9000 });
    void sleep(clock, 5000).then(() => cluster.dropWatches(new KubernetesConnectionError('reset')));
    const { finished, of } = await drain();
    expect(finished.outcome).toBe('drained');
    expect(of('disconnected')).toHaveLength(1);
    expect(cluster.watches).toHaveLength(2);
    // That the server has not gone back to an older state takes the list of one object.
    expect(cluster.calls.filter(({ verb }) => verb === 'list').map(({ query }) => query?.limit)).toEqual([1]);
  });

  it('that has forgotten the place of the watch (410) is asked for a new list', async () => {
    const { cluster, clock, drain } = setUp();
    const pod = cluster.addPod({ endsAfterMs: 1e9, graceSeconds: 100 });
    void sleep(clock, 5000).then(() => {
      cluster.removePod(pod.metadata!.uid!, false);
      cluster.dropWatches(refusal({ resource: 'pods' }, 410, { reason: 'Expired', message: 'too old' }));
    });
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained' });
    expect(finished.durationMs).toBeLessThan(6000);
    expect(of('disconnected')).toEqual([]);
  });

  it('whose watch says nothing of pods that must have ended is doubted', async () => {
    const { cluster, clock, drain } = setUp();
    const pod = cluster.addPod({ endsAfterMs: 1e9, graceSeconds: 10 });
    // The event is lost: the pod is gone and nobody is told.
    void sleep(clock, 9000).then(() => cluster.removePod(pod.metadata!.uid!, false));
    const { finished } = await drain();
    expect(finished.outcome).toBe('drained');
    expect(finished.durationMs).toBeLessThan(25_000);
  });

  it('whose watch says nothing while pods are on their way is doubted long before their grace is over', async () => {
    const { cluster, clock, drain } = setUp();
    const pod = cluster.addPod({ endsAfterMs: 1e9, graceSeconds: 600 });
    void sleep(clock, 2000).then(() => cluster.removePod(pod.metadata!.uid!, false));
    const { finished } = await drain({ onDeadline: 'respect' });
    expect(finished.outcome).toBe('drained');
    expect(finished.durationMs).toBeLessThan(20_000);
  });

  it('whose watch is silent when the last pod is gone is asked for all, and what has come is drained, too', async () => {
    const { cluster, clock, drain } = setUp();
    const pod = cluster.addPod({ name: 'held' });
    cluster.script(
      isEviction,
      (call) => (cluster.pods.has(pod.metadata!.uid!) ? budgetRefusal(call) : notFound(call)),
      4,
    );
    void sleep(clock, 1000).then(() => {
      cluster.isSilent = true;
      cluster.addPod({ name: 'late' });
    });
    void sleep(clock, 6000).then(() => {
      cluster.removePod(pod.metadata!.uid!);
      cluster.isSilent = false;
    });
    const { finished } = await drain({ onDeadline: 'respect' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect([cluster.pods.size, cluster.count('list')]).toEqual([0, 1]);
  });

  it('whose watch tells of the last pod that goes and of one that comes in one breath drains that, too', async () => {
    const { cluster, clock, drain } = setUp();
    const pod = cluster.addPod({ endsAfterMs: 1e9 });
    void sleep(clock, 2000).then(() => {
      cluster.removePod(pod.metadata!.uid!);
      cluster.addPod({ name: 'late' });
    });
    const { finished } = await drain({ onDeadline: 'respect' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 2 } });
  });

  it('whose watch is silent because nothing happens looks at one pod, less and less often, and keeps its watch', async () => {
    const { cluster, drain } = setUp();
    for (const name of ['a', 'b', 'c']) cluster.addPod({ name, endsAfterMs: 90_000, graceSeconds: 600 });
    const { finished } = await drain({ onDeadline: 'respect' });
    expect(finished.outcome).toBe('drained');
    expect(cluster.watches).toHaveLength(1);
    expect(cluster.count('get')).toBeLessThanOrEqual(5);
  });
});

describe('cancelling', () => {
  it('by the signal ends the drain at once, and says what is left', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ endsAfterMs: 60_000, graceSeconds: 100 });
    const controller = new AbortController();
    void sleep(clock, 5000).then(() => controller.abort());
    const { finished } = await drain({ signal: controller.signal });
    expect(finished).toMatchObject({ outcome: 'cancelled', durationMs: 5000, podsLeft: 1, ended: { evicted: 1 } });
    expect(finished.reason).toBeUndefined();
  });

  it('before the start does nothing', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    const { finished } = await drain({ signal: AbortSignal.abort() });
    expect(finished.outcome).toBe('cancelled');
    expect(cluster.calls).toEqual([]);
  });

  it('by leaving the loop ends requests and watch', async () => {
    const { cluster, clock } = setUp();
    cluster.addPod({ endsAfterMs: 60_000, graceSeconds: 100 });
    const deadline = Deadline.after(120_000, clock.now());
    const work = (async () => {
      for await (const progress of drainNode(cluster, 'node-1', { clock, deadline })) {
        if (progress.type === 'evicted') break;
      }
    })();
    await clock.run(work);
    expect(cluster.watches[0]!.signal?.aborted).toBe(true);
    // Only the pod's own end is still to come.
    expect(clock.timers).toBe(1);
  });
});
