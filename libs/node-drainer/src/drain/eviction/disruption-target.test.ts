import { sleep } from '@node-termination-handler/clock';
import { describe, expect, it } from 'vitest';
import type { ApiCall } from '../../connection/client.ts';
import { KubernetesConnectionError } from '../../connection/errors.ts';
import { isDeletion, isEviction, setUp } from '../../testing/drain-set-up.ts';
import { budgetRefusal, deniedBy, hang, missingRight, refusal } from '../../testing/scripted-cluster.ts';
import { createDrainMemory } from '../memory.ts';

const isStatusPatch = ({ subresource }: ApiCall) => subresource === 'status';

describe('the condition DisruptionTarget', () => {
  const options = { disruptionCondition: true, onDeadline: 'deadline' } as const;
  const statuses = (calls: readonly ApiCall[]) =>
    calls
      .filter((call) => isDeletion(call) || isStatusPatch(call))
      .map((call) => {
        if (isDeletion(call)) return 'delete';
        return (call.body as { status: { conditions: { status: string }[] } }).status.conditions[0]!.status;
      });

  it('stands on a pod before it is deleted past its budget, and wipes no other', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod();
    cluster.changePod('uid-of-web-1', ({ status }) => (status!.conditions = [{ type: 'Ready', status: 'True' }]));
    cluster.script(isEviction, budgetRefusal);
    cluster.script(isStatusPatch, () => sleep(clock, 500));
    let atDeletion: unknown;
    cluster.script(isDeletion, () => {
      atDeletion = cluster.pods.get('uid-of-web-1')!.status!.conditions;
      return undefined;
    });
    await drain({ ...options, deadline: deadlineIn(60) });
    expect(statuses(cluster.calls)).toEqual(['True', 'delete']);
    expect(atDeletion).toMatchObject([
      { type: 'Ready' },
      { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByNodeTerminationHandler' },
    ]);
    expect(cluster.calls.find(isStatusPatch)).toMatchObject({
      patchType: 'strategic',
      body: {
        metadata: { uid: 'uid-of-web-1' },
        status: { conditions: [{ lastTransitionTime: expect.stringMatching(/:\d\dZ$/) as string }] },
      },
    });
  });

  it('is taken back at once when the deletion is refused, and set again before the next', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 40 });
    cluster.script(isEviction, budgetRefusal);
    cluster.script(isDeletion, deniedBy('w', 403), 1);
    const times: number[] = [];
    cluster.script(
      (call) => isStatusPatch(call) || isDeletion(call),
      () => void times.push(clock.now()),
    );
    await drain({ ...options, deadline: deadlineIn(60) });
    expect(statuses(cluster.calls)).toEqual(['True', 'delete', 'False', 'True', 'delete']);
    // The deletion that was refused is not among them.
    const [said = 0, takenBack = 0, saidAgain = 0] = times;
    expect(takenBack).toBe(said);
    expect(saidAgain).toBeGreaterThan(takenBack);
  });

  it('stays on a pod whose seconds are short: they are for the next deletion', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 4 });
    cluster.script(isEviction, budgetRefusal);
    cluster.script(isDeletion, deniedBy('w', 403), 2);
    const { finished } = await drain({ ...options, deadline: deadlineIn(30) });
    expect(finished.outcome).toBe('drained');
    expect(statuses(cluster.calls)).toEqual(['True', 'delete', 'delete', 'delete']);
  });

  it('stays on a pod whose deletion was carried out, though its answer was lost', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    cluster.addPod({ graceSeconds: 40 });
    cluster.script(isEviction, budgetRefusal);
    cluster.script(
      isDeletion,
      () => {
        cluster.changePod('uid-of-web-1', ({ metadata }) => {
          metadata!.deletionTimestamp = new Date(clock.now() + 5000).toISOString();
        });
        void sleep(clock, 5000).then(() => cluster.removePod('uid-of-web-1'));
        return new KubernetesConnectionError('reset');
      },
      1,
    );
    const { finished } = await drain({ ...options, deadline: deadlineIn(60) });
    expect(finished.outcome).toBe('drained');
    expect(statuses(cluster.calls)).toEqual(['True', 'delete']);
  });

  it('is not waited for when seconds are short, nor when it hangs', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ name: 'short', graceSeconds: 3 });
    cluster.addPod({ name: 'long', graceSeconds: 30 });
    cluster.script(isEviction, budgetRefusal);
    cluster.script(isStatusPatch, hang(clock));
    const { of, finished } = await drain({ ...options, deadline: deadlineIn(60) });
    expect(finished.ended['deleted-past-budget']).toBe(2);
    const at = Object.fromEntries(of('deleted').map((deleted) => [deleted.pod.name, deleted.at.getTime() - start]));
    expect(at.short).toBe(55_001);
    expect(at.long).toBeLessThanOrEqual(30_001);
    expect(of('condition-failed').map(({ pod }) => pod.name)).toContain('long');
  });

  it('is not written unless it is asked for', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod();
    cluster.script(isEviction, budgetRefusal);
    await drain({ onDeadline: 'deadline', deadline: deadlineIn(60) });
    expect(cluster.calls.some(isStatusPatch)).toBe(false);
  });

  const deniedByPolicy = (call: ApiCall) =>
    refusal(call, 403, {
      message: `pods "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: not that`,
    });
  it.each([
    ['the role', missingRight, 'not allowed to patch pods/status: add this rule to the role'],
    ['an admission policy', deniedByPolicy, "ValidatingAdmissionPolicy 'p'"],
  ])('that %s forbids is told once, left for ten minutes, and then tried again', async (_, forbids, reason) => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const memory = createDrainMemory();
    const hurry = async (name: string) => {
      cluster.addPod({ name });
      const before = cluster.calls.length;
      const { finished, of } = await drain({ ...options, memory, deadline: deadlineIn(60) });
      expect(finished).toMatchObject({ outcome: 'drained', ended: { 'deleted-past-budget': 1 } });
      expect(of('condition-failed')).toEqual([]);
      return { told: of('right-missing'), tried: statuses(cluster.calls.slice(before)) };
    };
    cluster.script(isEviction, budgetRefusal);
    let isGranted = false;
    cluster.script(isStatusPatch, (call) => (isGranted ? undefined : forbids(call)));
    const first = await hurry('web-1');
    expect(first.told).toMatchObject([
      { right: 'patch pods/status', message: expect.stringContaining(reason) as string },
    ]);
    expect(first.told[0]?.message).toMatch(/^a Job may count a pod as failed/);
    expect(first.tried).toEqual(['True', 'delete']);
    expect(await hurry('web-2')).toEqual({ told: [], tried: ['delete'] });
    await clock.advance(600_000);
    expect(await hurry('web-3')).toEqual({ told: [], tried: ['True', 'delete'] });
    isGranted = true;
    await clock.advance(600_000);
    expect(await hurry('web-4')).toEqual({ told: [], tried: ['True', 'delete'] });
    isGranted = false;
    expect((await hurry('web-5')).told).toHaveLength(1);
  });
});
