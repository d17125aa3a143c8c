import { getEventListeners } from 'node:events';
import { Deadline, listenersOn, sleep, systemClock } from '@node-termination-handler/clock';
import { describe, expect, it, vi } from 'vitest';
import { countFollowers, isDeletion, isEviction, setUp } from '../testing/drain-set-up.ts';
import { budgetRefusal, hang, ScriptedCluster } from '../testing/scripted-cluster.ts';
import { drainNode } from './drain.ts';
import type { DrainOptions } from './options.ts';

describe('the deadline', () => {
  it('ends a drain whose pods hang', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 300, endsAfterMs: 1e9 });
    const { finished } = await drain({ deadline: deadlineIn(50) });
    expect(finished).toMatchObject({ outcome: 'failed', reason: 'deadline', left: [{ state: 'terminating' }] });
  });

  it('that moves nearer during the drain ends it sooner', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 30 });
    cluster.script(isEviction, budgetRefusal);
    const deadline = deadlineIn(600);
    void sleep(clock, 10_000).then(() => deadline.moveTo(clock.now() + 5000));
    const { finished, of } = await drain({ deadline });
    expect(finished).toMatchObject({ reason: 'deadline', durationMs: 15_000 });
    expect(of('deadline-moved')).toHaveLength(1);
    expect(of('at-risk')[0]).toMatchObject({ secondsShort: 27 });
  });

  it('that moves nearer makes pods hurry that are on their way with too long a grace', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 300, endsAfterMs: 1e9 });
    const deadline = deadlineIn(600);
    void sleep(clock, 10_000).then(() => deadline.moveTo(clock.now() + 20_000));
    const { finished, of } = await drain({ deadline, onDeadline: 'deadline' });
    expect(of('deleted')[0]).toMatchObject({ reason: 'shortened', graceSeconds: 18 });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { hurried: 1, evicted: 0 }, durationMs: 28_000 });
  });

  it('that moves farther lets the drain go on, and the moves of both directions are told', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 30 });
    cluster.script(isEviction, budgetRefusal);
    const deadline = deadlineIn(20);
    const startMs = clock.now();
    void sleep(clock, 10_000).then(() => deadline.moveTo(startMs + 60_000));
    void sleep(clock, 15_000).then(() => deadline.moveTo(startMs + 25_000));
    const { finished, of } = await drain({ deadline });
    expect(finished).toMatchObject({ reason: 'deadline', durationMs: 25_000 });
    expect(of('deadline-moved').map((moved) => Number(moved.deadline) - startMs)).toEqual([60_000, 25_000]);
    // It does not fit, fits, and does not fit again.
    expect(of('at-risk').map(({ at }) => at.getTime() - startMs)).toEqual([0, 15_000]);
  });

  it('that moves farther gives budgets back their word over pods that were to be deleted', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 30 });
    let isOpen = false;
    cluster.script(isEviction, (call) => (isOpen ? undefined : budgetRefusal(call)));
    const deadline = deadlineIn(42);
    void sleep(clock, 9000).then(() => deadline.moveTo(clock.now() + 600_000));
    void sleep(clock, 60_000).then(() => (isOpen = true));
    const { finished, of } = await drain({ deadline, onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1, 'deleted-past-budget': 0 } });
    expect(of('evicting').every(({ graceSeconds }) => graceSeconds === undefined)).toBe(true);
  });

  it('that is all margin hurries every pod at once, with the shortest grace', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ name: 'free', graceSeconds: 30 });
    cluster.addPod({ name: 'held', graceSeconds: 30 });
    cluster.script((call) => isEviction(call) && call.name === 'held', budgetRefusal);
    const { finished, of } = await drain({
      deadline: deadlineIn(120),
      deadlineMarginSeconds: 120,
      onDeadline: 'deadline',
    });
    expect(of('evicted')).toMatchObject([{ pod: { name: 'free' }, hurried: true, graceSeconds: 1 }]);
    expect(of('deleted')).toMatchObject([{ pod: { name: 'held' }, reason: 'deadline', graceSeconds: 1 }]);
    expect(finished).toMatchObject({ outcome: 'drained' });
    expect(finished.durationMs).toBeLessThan(5_000);
  });

  it('that is none starts no timer, hurries no pod and waits for every budget', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ graceSeconds: 1e6, endsAfterMs: 1000 });
    let isOpen = false;
    cluster.script(isEviction, (call) => (isOpen ? undefined : budgetRefusal(call)));
    void sleep(clock, 3_600_000).then(() => (isOpen = true));
    const timers = vi.spyOn(clock, 'startTimer');
    const { finished, of } = await drain({ deadline: new Deadline(Infinity), onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 }, msToDeadline: Infinity });
    expect(of('planned')[0]!.deadline).toBeUndefined();
    expect(of('at-risk')).toEqual([]);
    expect(of('evicting').every(({ graceSeconds }) => graceSeconds === undefined)).toBe(true);
    // A wait for a moment starts one for each minute of it.
    expect(Math.max(...timers.mock.calls.map(([delayMs]) => delayMs))).toBeLessThan(60_000);
  });

  it('that was none and is one now makes pods hurry', async () => {
    const { cluster, clock, drain } = setUp();
    cluster.addPod({ graceSeconds: 300, endsAfterMs: 1e9 });
    cluster.script(isEviction, budgetRefusal);
    const deadline = new Deadline(Infinity);
    void sleep(clock, 3_600_000).then(() => deadline.moveTo(clock.now() + 20_000));
    const { finished, of } = await drain({ deadline, onDeadline: 'deadline' });
    expect(of('deleted')[0]).toMatchObject({ reason: 'deadline', graceSeconds: 18 });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { 'deleted-past-budget': 1 } });
  });

  it('leaves a critical pod that comes late all of its grace, though the turn is that of others', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ name: 'held', graceSeconds: 5 });
    cluster.addPod({ name: 'dns', graceSeconds: 5, priorityClassName: 'system-cluster-critical' });
    cluster.script((call) => isEviction(call) && call.name === 'held', budgetRefusal);
    void sleep(clock, 1500).then(() =>
      cluster.addPod({ name: 'late', graceSeconds: 60, priorityClassName: 'system-cluster-critical' }),
    );
    const { of } = await drain({ deadline: deadlineIn(120), onDeadline: 'deadline' });
    const late = of('evicted').find(({ pod }) => pod.name === 'late');
    expect(late).toMatchObject({ hurried: false, graceSeconds: 60 });
  });

  it('is near for a pod that stays by rule as soon as the clock is set', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ emptyDir: true });
    const deadline = deadlineIn(2 * 3600);
    void sleep(clock, 30_000).then(() => clock.setWallClock(2 * 3_600_000 - 150_000));
    const { finished } = await drain({ deadline, onDeadline: 'deadline', deleteEmptyDirData: false });
    expect(finished).toMatchObject({ outcome: 'drained' });
  });

  it('leaves time for another deletion where the first is never answered', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 30 });
    cluster.script(isEviction, budgetRefusal);
    cluster.script(isDeletion, hang(clock), 1);
    const { finished, of } = await drain({ deadline: deadlineIn(60), onDeadline: 'deadline' });
    expect(finished).toMatchObject({ outcome: 'drained', ended: { 'deleted-past-budget': 1 } });
    expect(of('deleted')[0]?.graceSeconds).toBeGreaterThan(5);
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
    // The deadline, critical pods, silence, the time in which a watch must begin and the next look: each has started one or two.
    expect(delays.length).toBeLessThan(15);
    expect(cluster.calls.map(({ verb }) => verb)).toEqual(['create', 'create']);
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

  it('keep nothing of 300 pods that came and went, in whatever way', async () => {
    const { clock, cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ name: 'stays', graceSeconds: 50_000, endsAfterMs: 1e9 });
    cluster.addPod({ name: 'pod-0' });
    // A third is evicted at once, a third is blocked and evicted later, a third is gone while it is blocked.
    cluster.script((call) => isEviction(call) && Number(call.name!.split('-')[1]) % 3 === 1, budgetRefusal, 100);
    cluster.script((call) => isEviction(call) && Number(call.name!.split('-')[1]) % 3 === 2, budgetRefusal);
    let count = 1;
    let most = 0;
    const deadline = deadlineIn(86_400);
    const followers = countFollowers(deadline);
    const { finished } = await drain({ deadline }, (progress) => {
      const gone = progress.type === 'blocked' && Number(progress.pod.name.split('-')[1]) % 3 === 2;
      if (gone) cluster.removePod(progress.pod.uid);
      if (progress.type !== 'gone') return;
      most = Math.max(most, listenersOn(cluster.calls[0]!.signal!), followers());
      if (count === 300) cluster.removePod('uid-of-stays');
      else if (count < 300) cluster.addPod({ name: `pod-${count}`, controller: null });
      count += 1;
    });
    expect(finished.outcome).toBe('drained');
    expect(count).toBeGreaterThan(300);
    expect(most).toBeLessThan(15);
    expect(followers()).toBe(0);
    expect(clock.timers).toBeLessThan(2);
  });
});
