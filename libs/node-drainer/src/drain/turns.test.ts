import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEviction, setUp } from '../testing/drain-set-up.ts';
import { budgetRefusal } from '../testing/scripted-cluster.ts';
import { GROUPS } from './order.ts';
import type { GoesLast } from './order.ts';

const isMe: GoesLast = ({ ref }) => ref.name.startsWith('me');

describe('who drains the node', () => {
  it('goes when all others are gone', async () => {
    const { cluster, drain } = setUp();
    cluster.addPod({ name: 'me', graceSeconds: 60, priorityClassName: 'system-cluster-critical' });
    cluster.addPod({ name: 'dns', endsAfterMs: 5000, priorityClassName: 'system-cluster-critical' });
    cluster.addPod({ name: 'daemon', endsAfterMs: 5000, controller: 'DaemonSet' });
    cluster.addPod({ name: 'web', endsAfterMs: 5000 });
    const { of, finished } = await drain({ goesLast: isMe, ignoreDaemonSets: false });
    expect(of('evicting').map(({ pod }) => pod.name)).toEqual(['web', 'dns', 'daemon', 'me']);
    expect(finished.outcome).toBe('drained');
  });

  it('goes at its own last graceful moment at the latest, and brings no other forward', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const start = clock.now();
    cluster.addPod({ name: 'me', graceSeconds: 60 });
    cluster.addPod({ name: 'dns', graceSeconds: 20, priorityClassName: 'system-cluster-critical' });
    cluster.addPod({ name: 'held', graceSeconds: 10 });
    cluster.script((call) => isEviction(call) && call.name === 'held', budgetRefusal);
    const { of } = await drain({ goesLast: isMe, deadline: deadlineIn(120), onDeadline: 'deadline' });
    const secondOf = (name: string) =>
      ((of('evicted')
        .find(({ pod }) => pod.name === name)
        ?.at.getTime() ?? NaN) -
        start) /
      1000;
    expect([secondOf('me'), secondOf('dns')]).toEqual([58, 98]);
  });

  it('is held by its budget as any other, and hurried as any other after its last graceful moment', async () => {
    const { cluster, drain, deadlineIn } = setUp();
    cluster.addPod({ name: 'me', graceSeconds: 30 });
    cluster.script(isEviction, budgetRefusal);
    const { of, finished } = await drain({ goesLast: isMe, deadline: deadlineIn(120), onDeadline: 'deadline' });
    expect(of('deleted')).toMatchObject([{ pod: { name: 'me' }, reason: 'deadline' }]);
    expect(finished.durationMs).toBeGreaterThan(88_000);
  });

  it('stays where something holds another, and nobody has said when the instance goes', async () => {
    const { cluster, clock, drain, deadlineIn } = setUp();
    const deadline = deadlineIn(1e9);
    deadline.moveTo(Infinity);
    cluster.addPod({ name: 'me' });
    cluster.addPod({ name: 'held' });
    cluster.script((call) => isEviction(call) && call.name === 'held', budgetRefusal);
    const stop = new AbortController();
    clock.startTimer(24 * 3_600_000, () => stop.abort());
    const { of } = await drain({ goesLast: isMe, deadline, onDeadline: 'deadline', signal: stop.signal });
    expect(of('evicting').some(({ pod }) => pod.name === 'me')).toBe(false);
  });
});

const anyPod = fc.record({
  kind: fc.constantFrom('web', 'dns', 'daemon', 'me'),
  graceSeconds: fc.integer({ min: 1, max: 90 }),
  endsAfterMs: fc.constantFrom(0, 2000, 20_000, 1e9),
});

it('for any pods: each is asked when those before it are gone, or when its group’s grace must begin, and never before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPod, { minLength: 1, maxLength: 6 }), async (shapes) => {
      const { cluster, clock, drain, deadlineIn } = setUp();
      const start = clock.now();
      for (const [index, { kind, ...shape }] of shapes.entries()) {
        cluster.addPod({
          ...shape,
          name: `${kind}-${index}`,
          ...(kind === 'dns' && { priorityClassName: 'system-cluster-critical' }),
          ...(kind === 'daemon' && { controller: 'DaemonSet' }),
        });
      }
      const { seen, of } = await drain({ goesLast: isMe, ignoreDaemonSets: false, deadline: deadlineIn(120) });
      const pods = of('planned').flatMap((planned) => planned.pods);
      for (const { pod, group } of pods) {
        const asked = seen.findIndex((one) => one.type === 'evicting' && one.pod.uid === pod.uid);
        expect(asked).toBeGreaterThanOrEqual(0);
        const graces = pods.filter((one) => one.group === group).map(({ graceSeconds }) => graceSeconds);
        const mustStartMs = start + (118 - Math.max(...graces)) * 1000;
        const earlier = pods.filter((one) => GROUPS.indexOf(one.group) < GROUPS.indexOf(group));
        const goneBefore = seen.slice(0, asked).flatMap((one) => (one.type === 'gone' ? [one.pod.uid] : []));
        const isTurn = earlier.every((one) => goneBefore.includes(one.pod.uid));
        expect(isTurn || seen[asked]!.at.getTime() >= mustStartMs).toBe(true);
        expect(seen[asked]!.at.getTime()).toBeLessThanOrEqual(Math.max(mustStartMs, start) + 1000);
      }
      expect(pods.every(({ pod, group }) => (group === 'last') === pod.name.startsWith('me'))).toBe(true);
    }),
    { numRuns: 60 },
  );
});
