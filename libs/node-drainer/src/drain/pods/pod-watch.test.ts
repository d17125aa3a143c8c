import { Deadline, sleep } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import type { ApiCall } from '../../connection/client.ts';
import { KubernetesConnectionError } from '../../connection/errors.ts';
import { isEviction, setUp } from '../../testing/drain-set-up.ts';
import { budgetRefusal, notFound, refusal } from '../../testing/scripted-cluster.ts';

describe('pods that are not what they were', () => {
  it('are gone when the server knows none of that name', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(
      isEviction,
      (call) => {
        cluster.removePod('uid-of-web-1', false);
        return notFound(call);
      },
      1,
    );
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 0 } });
    expect(cluster.count('get')).toBe(1);
  });

  it.each([
    ['names the pod', notFound],
    ['names nothing', (call: ApiCall) => refusal(call, 404, { message: 'page not found' })],
  ])('are not gone because of a 404 that %s', async (_, answer) => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, answer, 1);
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect(cluster.pods.size).toBe(0);
  });

  it('are not gone because of a 404 of somebody in between, to the read as well', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod();
    cluster.script(isEviction, notFound, 1);
    cluster.script(
      ({ verb }) => verb === 'get',
      (call) => refusal(call, 404, { message: 'page not found' }),
      2,
    );
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect(cluster.pods.size).toBe(0);
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
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
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
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
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
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 2 } });
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
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect(of('retrying')).toEqual([]);
  });

  it('are evicted though they came late', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'first', endsAfterMs: 5000 });
    const { finished, of } = await drain({}, (progress) => {
      if (progress.type === 'evicted' && progress.pod.name === 'first') cluster.addPod({ name: 'late' });
    });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 2 } });
    expect(of('planned')[1]!.pods).toMatchObject([{ pod: { name: 'late' }, decision: 'evict' }]);
  });

  it('stay when they come late because they tolerate the cordon', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'first', endsAfterMs: 5000 });
    const { finished, of } = await drain({}, (progress) => {
      if (progress.type === 'evicted') cluster.addPod({ name: 'again', tolerations: [{ operator: 'Exists' }] });
    });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect(of('planned')[1]!.warnings[0]).toContain('tolerates the cordon');
  });

  it('are asked again at once when they are not ready any more, as a budget may let them go then', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'web' });
    const setReady = (status: 'True' | 'False') =>
      cluster.changePod('uid-of-web', (pod) => {
        pod.status = { ...pod.status, conditions: [{ type: 'Ready', status }] };
      });
    setReady('True');
    let isReady = true;
    cluster.script(isEviction, (call) => (isReady ? budgetRefusal(call) : undefined));
    const unreadyAt = clock.now() + 200_500;
    void sleep(clock, 200_500).then(() => {
      isReady = false;
      setReady('False');
    });
    const { of } = await drain({ deadline: new Deadline(Infinity) });
    expect(of('evicted')[0]!.at.getTime() - unreadyAt).toBeLessThan(50);
  });

  it('are deleted when they end while a budget holds them', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ name: 'job' });
    cluster.script(isEviction, budgetRefusal);
    void sleep(clock, 7000).then(() => cluster.changePod('uid-of-job', ({ status }) => (status!.phase = 'Succeeded')));
    const { finished, of } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { finished: 1 } });
    expect(of('deleted')[0]!.reason).toBe('completed');
  });

  it('are listed once, however long they waited in silence before they were on their way', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'web', endsAfterMs: 500 });
    cluster.script(isEviction, budgetRefusal, 8);
    // The watch tells nothing of this one for as long as a pod that was told to end may take to show it.
    cluster.script(isEviction, () => ({}), 1);
    const { finished, of } = await drain({ deadline: new Deadline(Infinity) });
    expect(of('evicted')[0]!.at.getTime() - of('planned')[0]!.at.getTime()).toBeGreaterThan(30_000);
    expect(finished.outcome).toBe('drained');
    expect([cluster.count('list'), cluster.watches.filter(({ query }) => query !== undefined).length]).toEqual([0, 1]);
  });
});
