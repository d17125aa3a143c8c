import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { describe, expect, it } from 'vitest';
import { kubernetesEvents } from './steps.ts';
import {
  after,
  cordoned,
  drained,
  draining,
  every,
  failed,
  final,
  lifecycle,
  podCounts,
  rebalance,
  scheduled,
  spot,
  step,
} from './testing/steps.ts';

const hook = { autoScalingGroupName: 'workers', lifecycleHookName: 'drain', lifecycleActionToken: 'token' };

describe('Kubernetes events', () => {
  const reasons = (each: InterruptionProgress): string[] => kubernetesEvents(each).map(({ reason }) => reason);

  it('carry the reasons that people filter for', () => {
    expect(reasons(cordoned)).toEqual(['SpotInterruption', 'PreDrain']);
    expect(reasons(final)).toEqual(['SpotInterruption', 'PreDrain', 'Cordon']);
    const notify = { type: 'received', decision: { action: 'notify', reason: '' } } as const;
    expect(reasons(step(notify, { event: rebalance('r') }))).toEqual(['RebalanceRecommendation']);
    expect(reasons(drained)).toEqual(['CordonAndDrain']);
    expect(reasons(failed)).toEqual(['CordonAndDrainError']);
    const terminating = { ...lifecycle('l-1'), hook };
    expect(reasons({ ...failed, event: terminating })).toEqual(['CordonAndDrainError', 'CancelDrain']);
    const all = new Set(every.flatMap(reasons));
    expect([...all].sort()).toEqual([
      'CancelDrain',
      'CancelDrainError',
      'Cordon',
      'CordonAndDrain',
      'CordonAndDrainError',
      'CordonError',
      'DrainOverdue',
      'EvictionRefused',
      'MadeSchedulable',
      'PodEviction',
      'PostDrain',
      'PostDrainError',
      'PreDrain',
      'PreDrainError',
      'SpotInterruption',
      'Uncordon',
      'UncordonError',
    ]);
  });

  it('say that a drain is overdue, what holds it, and that it breaks no budget', () => {
    const overdue = {
      type: 'overdue',
      graceSeconds: 120,
      podsLeft: ['default/web-1'],
      heldBy: ['budget web'],
      keepsBudgets: false,
    } as const;
    const events = (more: object) => kubernetesEvents(step({ ...overdue, ...more })).map(({ message }) => message);
    expect(events({ deadline: after(1800) })).toEqual([
      'The drain takes longer than 120 s and goes on: 1 pods are left (default/web-1), held by budget web. The instance goes at 2026-01-02T03:34:05.000Z, and no disruption budget is broken while pods still have their grace before it',
    ]);
    expect(events({ deadline: after(1800), keepsBudgets: true })[0]).toMatch(
      /no disruption budget is broken before it$/,
    );
    const many = Array.from({ length: 12 }, (_, n) => `p-${n}`);
    expect(events({ podsLeft: many, heldBy: [] })[0]).toMatch(
      /12 pods are left \(p-0, .*p-9 and 2 more\)\. Nobody has said when the instance goes, and no disruption budget is broken/,
    );
  });

  it('say once what holds for several events of a node, and what lasts; but why it is cordoned for each', () => {
    const others = [{ ...lifecycle('l-1'), hook }];
    expect(reasons({ ...failed, others } as InterruptionProgress)).toEqual(['CordonAndDrainError', 'CancelDrain']);
    for (const each of [drained, failed])
      expect(reasons({ ...each, isFirst: false } as InterruptionProgress)).toEqual([]);
    expect(reasons({ ...failed, lastsMs: 300_000 } as InterruptionProgress)).toEqual([]);
    expect(kubernetesEvents(draining({ type: 'at-risk', pods: [] }, true))).toEqual([]);
    expect(reasons({ ...cordoned, isFirst: false, event: rebalance('r') } as InterruptionProgress)).toEqual([
      'RebalanceRecommendation',
      'PreDrain',
    ]);
  });

  it('are warnings where something was lost, and normal else', () => {
    const types = (each: InterruptionProgress): string[] =>
      kubernetesEvents(each).map(({ type, reason }) => `${type} ${reason}`);
    const counted = (counts: object) => types({ ...drained, counts: podCounts(counts) } as InterruptionProgress);
    expect(counted({ evicted: 3, finished: 1, 'with-namespace': 1 })).toEqual(['Normal CordonAndDrain']);
    for (const outcome of ['hurried', 'deleted-past-budget', 'deleted-past-admission', 'deleted-past-fault', 'left'])
      expect(counted({ evicted: 3, [outcome]: 1 })).toEqual(['Warning CordonAndDrain']);
    const forced = {
      type: 'completed',
      action: 'lifecycle hook given ABANDON though pods are left',
      podsLeft: true,
    } as const;
    expect(types(step(forced))).toEqual(['Warning PostDrain']);
    expect(types(step({ type: 'completed', action: 'message deleted' }))).toEqual(['Normal PostDrain']);
    expect(types({ ...cordoned, at: after(150) })).toEqual([
      'Normal SpotInterruption',
      'Warning NoticeTooLate',
      'Normal PreDrain',
    ]);
    expect(types(step({ type: 'made-schedulable', isMarkedAgain: true }))).toEqual(['Normal MadeSchedulable']);
  });

  it('say of a drain how long it took, how long before the end, and what became of the pods', () => {
    expect(kubernetesEvents(drained)[0]?.message).toBe(
      'Node successfully cordoned and drained after 1 s, 90 s before the instance goes; pods: 3 evicted',
    );
    expect(kubernetesEvents(failed)[0]?.message).toBe(
      'There was a problem while trying to cordon and drain the node: a budget; pods: 1 evicted, 1 deleted past a disruption budget',
    );
  });

  it('say of pods that something holds what that is on the node alone, alike for all of them', () => {
    const held = (name: string) => {
      const pod = { namespace: 'default', name, uid: name };
      return kubernetesEvents(draining({ type: 'blocked', pod, heldBy: { kind: 'budget', name: 'default/web' } }));
    };
    expect(held('web-1')).toEqual(held('web-2'));
    expect(held('web-1')).toMatchObject([
      {
        subject: { kind: 'Node' },
        type: 'Normal',
        reason: 'EvictionRefused',
        message: 'Pods stay, and are asked again: disruption budget default/web refuses',
      },
    ]);
  });

  it('say on node and pod what was lost', () => {
    const lost = step({ type: 'pods-lost', podsLost: ['default/web-1'], counts: podCounts({ evicted: 2, lost: 1 }) });
    expect(kubernetesEvents(lost)).toMatchObject([
      {
        type: 'Warning',
        reason: 'CordonAndDrainError',
        message:
          'There was a problem while trying to cordon and drain the node: The node is gone, and its drain was not done; pods: 2 evicted, 1 lost with the instance',
      },
    ]);
    const pod = { namespace: 'default', name: 'web-1', uid: 'pod-1' };
    expect(kubernetesEvents(step({ type: 'pod-outcome', pod, outcome: 'lost' }))).toMatchObject([
      {
        subject: { kind: 'Pod', name: 'web-1' },
        type: 'Warning',
        message: 'Pod lost with its node: nothing had told it to end (node node-1)',
      },
    ]);
    expect(reasons(step({ type: 'pod-outcome', pod, outcome: 'evicted' }))).toEqual([]);
  });

  it('name the kind of the event', () => {
    const kinds = [
      scheduled('e'),
      rebalance('r'),
      lifecycle('l'),
      { ...spot('c'), kind: 'CAPACITY_RESERVATION_ITN' as const },
      { ...lifecycle('s'), kind: 'STATE_CHANGE' as const, state: 'stopping' as const },
    ];
    expect(kinds.map((each) => reasons({ ...cordoned, event: each })[0])).toEqual([
      'ScheduledEvent',
      'RebalanceRecommendation',
      'ASGLifecycle',
      'CapacityReservationInterruption',
      'StateChange',
    ]);
  });

  it.each([
    [
      { type: 'evicted', hurried: true, graceSeconds: 9 },
      'Warning',
      'Pod evicted due to node drain with 9 s of grace left',
    ],
    [
      { type: 'deleted', reason: 'deadline', graceSeconds: 9, heldBy: { kind: 'webhook', name: 'no.example.com' } },
      'Warning',
      'Pod deleted with 9 s of grace left before the instance goes away: admission webhook no.example.com had refused its eviction',
    ],
    [
      { type: 'deleted', reason: 'shortened', graceSeconds: 9 },
      'Warning',
      'Pod left with 9 s of grace before the instance goes away',
    ],
    [{ type: 'deleted', reason: 'completed' }, 'Normal', 'Ended pod deleted due to node drain'],
    [
      { type: 'deleted', reason: 'namespace-terminating' },
      'Normal',
      'Pod deleted due to node drain: its namespace goes',
    ],
  ] as const)('say what was done to a pod: %j', (progress, type, message) => {
    expect(kubernetesEvents(draining(progress))).toMatchObject([{ type, message: `${message} (node node-1)` }]);
  });

  it('are put on the pod that is evicted, and on no node that is not known', () => {
    expect(kubernetesEvents(draining({ type: 'evicted' }))).toMatchObject([
      {
        subject: { kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'pod-1' },
        type: 'Normal',
        reason: 'PodEviction',
        message: 'Pod evicted due to node drain (node node-1)',
        annotations: { node: 'node-1' },
      },
    ]);
    const { node: _node, ...unknown } = drained;
    expect(kubernetesEvents(unknown as InterruptionProgress)).toEqual([]);
  });
});
