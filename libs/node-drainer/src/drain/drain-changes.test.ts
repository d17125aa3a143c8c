import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { KubernetesConnectionError } from '../connection/errors.ts';
import { countFollowers, isEviction, setUp } from '../testing/drain-set-up.ts';
import { budgetRefusal, refusal, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { Deadline, sleep, systemClock } from '@node-termination-handler/clock';
import { drainNode } from './drain.ts';
import type { DrainOptions } from './options.ts';

describe('pods that are not what they were', () => {
  it('are gone when the server knows none of that name', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, (call) => refusal(call, 404, { reason: 'NotFound', message: 'gone' }), 1);
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', podsEvicted: 0 });
  });

  it('are gone when another has taken the name', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ uid: 'old' });
    cluster.script(
      isEviction,
      (call) => {
        cluster.removePod('old', false);
        cluster.addPod({ uid: 'new', node: 'node-2' });
        return refusal(call, 409, { reason: 'Conflict', message: 'Precondition failed' });
      },
      1,
    );
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained' });
    expect(cluster.pods.has('new')).toBe(true);
  });

  it('are asked again when a conflict was the server’s own', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, (call) => refusal(call, 409, { reason: 'Conflict', message: 'try again' }), 1);
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', podsEvicted: 1 });
    expect(of('retrying')).toHaveLength(1);
  });

  it('are asked again when reading them failed as well', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, (call) => refusal(call, 409, { reason: 'Conflict', message: 'try again' }), 1);
    cluster.script(
      ({ verb }) => verb === 'get',
      (call) => refusal(call, 500, { message: 'no' }),
      1,
    );
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', podsEvicted: 1 });
  });

  it('may be gone before the answer to their eviction comes: both are told, in order', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'other', endsAfterMs: 5000 });
    const pod = cluster.addPod();
    cluster.script(
      (call) => isEviction(call) && call.name === 'web-1',
      async () => {
        await sleep(clock, 1500);
        cluster.removePod(pod.metadata!.uid!);
        await sleep(clock, 500);
        return { status: 'Success' };
      },
    );
    const { finished, seen } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', podsEvicted: 2 });
    const ofPod = seen.filter((entry) => 'pod' in entry && entry.pod.name === 'web-1').map(({ type }) => type);
    expect(ofPod).toEqual(['evicting', 'evicted', 'gone']);
  });

  it.each([
    ['fails', new KubernetesConnectionError('reset'), 500],
    ['does not come', new KubernetesConnectionError('reset'), 60_000],
  ])('are gone though the answer to their eviction %s', async (_, error, afterMs) => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'other', endsAfterMs: 5000 });
    const pod = cluster.addPod();
    cluster.script(
      (call) => isEviction(call) && call.name === 'web-1',
      async (call) => {
        await sleep(clock, 1500);
        cluster.removePod(pod.metadata!.uid!);
        await sleep(clock, afterMs, call.signal);
        return error;
      },
    );
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', podsEvicted: 1 });
    expect(of('retrying')).toEqual([]);
  });

  it('are evicted though they came late', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'first', endsAfterMs: 5000 });
    const { finished, of } = await drain({}, (progress) => {
      if (progress.type === 'evicted' && progress.pod.name === 'first') cluster.addPod({ name: 'late' });
    });
    expect(finished).toMatchObject({ outcome: 'drained', podsEvicted: 2 });
    expect(of('planned')[1]!.pods).toMatchObject([{ pod: { name: 'late' }, decision: 'evict' }]);
  });

  it('stay when they come late because they tolerate the cordon', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'first', endsAfterMs: 5000 });
    const { finished, of } = await drain({}, (progress) => {
      if (progress.type === 'evicted') cluster.addPod({ name: 'again', tolerations: [{ operator: 'Exists' }] });
    });
    expect(finished).toMatchObject({ outcome: 'drained', podsEvicted: 1 });
    expect(of('planned')[1]!.warnings[0]).toContain('tolerates the cordon');
  });

  it('are deleted when they end while a budget holds them', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'job' });
    cluster.script(isEviction, budgetRefusal);
    void sleep(clock, 7000).then(() => cluster.changePod('uid-of-job', ({ status }) => (status!.phase = 'Succeeded')));
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', podsDeleted: 1 });
    expect(of('deleted')[0]!.reason).toBe('completed');
  });
});

describe('the deadline', () => {
  it('ends a drain whose pods hang', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 300, endsAfterMs: 1e9 });
    const { finished } = await drain({ deadline: deadlineIn(50) });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'deadline', left: [{ state: 'terminating' }] });
  });

  it('that is tightened during the drain ends it sooner', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 30 });
    cluster.script(isEviction, budgetRefusal);
    const deadline = deadlineIn(600);
    void sleep(clock, 10_000).then(() => deadline.tighten(clock.now() + 5000));
    const { finished, of } = await drain({ deadline });
    expect(finished).toMatchObject({ reason: 'deadline', durationMs: 15_000 });
    expect(of('tightened')).toHaveLength(1);
    expect(of('at-risk')[0]).toMatchObject({ secondsShort: 27 });
  });

  it('that is tightened makes pods hurry that are on their way with too long a grace', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 300, endsAfterMs: 1e9 });
    const deadline = deadlineIn(600);
    void sleep(clock, 10_000).then(() => deadline.tighten(clock.now() + 20_000));
    const { finished, of } = await drain({ deadline, onDeadline: 'deadline' });
    expect(of('deleted')[0]).toMatchObject({ reason: 'deadline', graceSeconds: 18 });
    expect(finished).toMatchObject({ outcome: 'drained', durationMs: 28_000 });
  });

  it('that has passed before the start fails the drain and touches nothing', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod();
    const { finished } = await drain({ deadline: deadlineIn(-5) });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'deadline' });
    expect(cluster.calls.some(isEviction)).toBe(false);
  });

  it('may lie further away than a timer of Node’s can wait', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod();
    expect((await drain({ deadline: deadlineIn(90 * 86_400) })).finished.outcome).toBe('drained');
  });

  it('30 days ahead starts no timer that rings at once, and no storm of requests', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const cluster = new ScriptedCluster(systemClock);
    cluster.addPod();
    cluster.script(isEviction, budgetRefusal);
    let blocked = 0;
    const controller = new AbortController();
    const options = { deadline: Deadline.after(30 * 86_400_000), onDeadline: 'deadline', signal: controller.signal };
    for await (const progress of drainNode(cluster, 'node-1', options as DrainOptions)) {
      if (progress.type === 'blocked' && (blocked += 1) === 2) controller.abort();
    }
    const delays = timers.mock.calls.map(([, delayMs]) => delayMs ?? 0);
    timers.mockRestore();
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
    // The deadline, critical pods, silence, the start of the watch and the next look: each has started one or two.
    expect(delays.length).toBeLessThan(15);
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['list', 'create', 'create']);
  });
});

describe('the node itself', () => {
  it('is looked at first when its uid is known', async () => {
    const { cluster, drain } = setUp();
    cluster.putNode({ uid: 'another' });
    cluster.addPod();
    const { finished } = await drain({ nodeUid: 'uid-of-node-1' });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'node-replaced' });
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['get']);
  });

  it('may be gone', async () => {
    const { drain } = setUp();
    expect((await drain({ nodeUid: 'uid-of-node-1' })).finished).toMatchObject({
      outcome: 'failed',
      reason: 'node-gone',
    });
  });

  it('may not be readable', async () => {
    const { cluster, drain } = setUp();
    cluster.script(
      ({ verb }) => verb === 'get',
      (call) => refusal(call, 500, { message: 'no' }),
    );
    expect((await drain({ nodeUid: 'u' })).finished).toMatchObject({ outcome: 'failed', reason: 'unreachable' });
  });

  it('is looked up in an index without a request', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    const node = { name: 'node-1', uid: 'uid-of-node-1' };
    const nodes = { synced: true, find: () => node } as unknown as NonNullable<DrainOptions['nodes']>;
    expect((await drain({ nodeUid: 'uid-of-node-1', nodes })).finished.outcome).toBe('drained');
    expect(cluster.calls.some(({ resource }) => resource === 'nodes')).toBe(false);
  });

  it('is looked at again before pods are touched that came late', async () => {
    const { cluster, drain } = setUp();
    cluster.putNode();
    cluster.addPod({ name: 'old', endsAfterMs: 1e9, graceSeconds: 60 });
    const { finished } = await drain({ nodeUid: 'uid-of-node-1' }, (progress) => {
      if (progress.type !== 'evicted') return;
      cluster.putNode({ uid: 'another' });
      cluster.addPod({ name: 'of-the-new-node' });
    });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'node-replaced' });
    expect(cluster.calls.some(({ name }) => name === 'of-the-new-node')).toBe(false);
  });
});

describe('a signal and a deadline that outlive their drains', () => {
  it('keep nothing of 300 drains', async () => {
    const { clock, cluster, drain, deadlineIn } = setUp();
    const { signal } = new AbortController();
    const deadline = deadlineIn(86_400);
    const followers = countFollowers(deadline);
    for (let index = 0; index < 300; index += 1) {
      cluster.addPod();
      expect((await drain({ signal, deadline })).finished.outcome).toBe('drained');
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(followers()).toBe(0);
    expect(clock.timers).toBe(0);
  });
});

describe('cancelling', () => {
  it('by the signal ends the drain at once, and says what is left', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ endsAfterMs: 60_000, graceSeconds: 100 });
    const controller = new AbortController();
    void sleep(clock, 5000).then(() => controller.abort());
    const { finished } = await drain({ signal: controller.signal });
    expect(finished).toMatchObject({ outcome: 'cancelled', durationMs: 5000, podsLeft: 1, podsEvicted: 1 });
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
