import { Deadline, sleep } from '@node-termination-handler/clock';
import { describe, expect, it, vi } from 'vitest';
import type { ApiCall } from '../../connection/client.ts';
import { isEviction, setUp } from '../../testing/drain-set-up.ts';
import { budgetRefusal, missingRight } from '../../testing/scripted-cluster.ts';
import { createBudgetWatch } from './budget-watch.ts';

const HOUR = 3_600_000;
const isAboutBudgets = ({ resource }: Pick<ApiCall, 'resource'>) => resource === 'poddisruptionbudgets';

/** Pods whose budget `web` is closed, and what is seen of it. */
function held(pods: number) {
  const { clock, cluster, drain } = setUp();
  const onTrouble = vi.fn();
  const budgets = createBudgetWatch(cluster, { clock, onTrouble });
  for (let n = 1; n <= pods; n += 1) cluster.addPod({ name: `web-${n}` });
  cluster.putBudget('web', 0);
  cluster.script(isEviction, (call) => {
    const allowed = cluster.budgets.get('web')?.status.disruptionsAllowed ?? Infinity;
    if (allowed === 0) return budgetRefusal(call);
    if (allowed < Infinity) cluster.putBudget('web', allowed - 1);
    return undefined;
  });
  const requests = () => cluster.calls.filter(isAboutBudgets).length + cluster.watches.filter(isAboutBudgets).length;
  return {
    clock,
    cluster,
    budgets,
    onTrouble,
    requests,
    drain: () => drain({ deadline: new Deadline(Infinity), budgets }),
  };
}

describe('a budget that opens', () => {
  it('lets its pod go at once, and not after the pause of half a minute', async () => {
    const { clock, cluster, drain } = held(1);
    const openedAt = clock.now() + 200_500;
    void sleep(clock, 200_500).then(() => cluster.putBudget('web', 1));
    const { of } = await drain();
    expect(of('blocked').length).toBeGreaterThan(8);
    expect(of('evicted')[0]!.at.getTime() - openedAt).toBeLessThan(50);
  });

  it('for one of fifty has one asked, and the next when it opens again', async () => {
    const { clock, cluster, drain } = held(50);
    const evictions = () => cluster.calls.filter(isEviction).length;
    const woken: number[] = [];
    for (let n = 0; n < 50; n += 1)
      void sleep(clock, 200_500 + n * 200).then(async () => {
        const before = evictions();
        cluster.putBudget('web', 1);
        await sleep(clock, 50);
        woken.push(evictions() - before);
      });
    const { finished } = await drain();
    expect(finished.durationMs).toBeLessThan(215_000);
    // Others may be due for their own pauses just then.
    expect(woken.filter((count) => count <= 2).length).toBeGreaterThan(40);
  });

  it('is one that is gone as well', async () => {
    const { clock, cluster, drain } = held(2);
    const removedAt = clock.now() + 200_500;
    void sleep(clock, 200_500).then(() => cluster.removeBudget('web'));
    const { of } = await drain();
    expect(of('evicted').map(({ at }) => at.getTime() - removedAt < 50)).toEqual([true, true]);
  });
});

describe('the watch of budgets', () => {
  it('is there as long as a pod waits for one, is one for all, and costs a request every five minutes', async () => {
    const { clock, cluster, budgets, requests, drain } = held(20);
    void sleep(clock, 6 * HOUR).then(() => cluster.removeBudget('web'));
    const { finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 20 } });
    expect(cluster.calls.filter(isAboutBudgets)).toEqual([]);
    expect(requests()).toBeLessThanOrEqual(1 + (6 * HOUR) / 290_000);
    expect(budgets.waiting).toBe(0);
    await clock.advance(HOUR);
    const before = requests();
    await clock.advance(6 * HOUR);
    expect([requests() - before, clock.timers]).toEqual([0, 0]);
  });

  it('ends with the process, whoever still waits', async () => {
    const { clock, cluster, budgets } = held(0);
    using _wait = budgets.whenOpen({ namespace: 'default', name: 'web' }, () => undefined);
    await clock.advance(1000);
    expect(cluster.watches.filter(isAboutBudgets).map(({ signal }) => signal?.aborted)).toEqual([false]);
    budgets[Symbol.dispose]();
    expect([cluster.watches.find(isAboutBudgets)!.signal?.aborted, clock.timers]).toEqual([true, 0]);
  });

  it('is none for pods that nothing holds', async () => {
    const { cluster, requests, drain } = held(3);
    cluster.putBudget('web', 3);
    await drain();
    expect(requests()).toBe(0);
  });

  it('is asked for again after ten minutes where the right is missing, and pods after their pauses all the while', async () => {
    const { clock, cluster, onTrouble, requests, drain } = held(1);
    cluster.script(isAboutBudgets, missingRight);
    cluster.scriptState((call) => (isAboutBudgets(call) ? missingRight(call) : undefined));
    void sleep(clock, HOUR).then(() => cluster.putBudget('web', 1));
    const { of, finished } = await drain();
    expect(finished).toMatchObject({ outcome: 'drained', ended: { evicted: 1 } });
    expect(of('blocked').length).toBeGreaterThan(100);
    expect([requests(), onTrouble.mock.calls.length]).toEqual([12, 6]);
  });
});
