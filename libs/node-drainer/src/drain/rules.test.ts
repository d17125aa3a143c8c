import { describe, expect, it } from 'vitest';
import type { PodShape } from '../testing/objects.ts';
import { aPodSummary } from '../testing/objects.ts';
import { judgePod, planPods } from './rules.ts';
import type { RuleContext, Verdict } from './rules.ts';

const usual: RuleContext = { ignoreDaemonSets: true, deleteEmptyDirData: true, skipPods: [], cameAfterCordon: false };
const tolerant = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }];

const cordonedAt = new Date('2026-01-02T03:04:05Z');
const madeLate = { creationTimestamp: '2026-01-02T03:04:06Z' };

describe('a pod', () => {
  it.each<[string, PodShape, Partial<RuleContext>, Verdict['decision']]>([
    ['of a ReplicaSet', {}, {}, 'evict'],
    ['without a controller', { controller: null }, {}, 'evict'],
    ['of a DaemonSet', { controller: 'DaemonSet' }, {}, 'skip'],
    ['of a DaemonSet that is not to be ignored', { controller: 'DaemonSet' }, { ignoreDaemonSets: false }, 'evict'],
    [
      'of a DaemonSet that is not to be ignored, made anew',
      { controller: 'DaemonSet' },
      { ignoreDaemonSets: false, cameAfterCordon: true },
      'skip',
    ],
    ['of a DaemonSet that is gone', { controller: 'DaemonSet' }, { goneDaemonSets: new Set(['o']) }, 'evict'],
    ['of a DaemonSet that has ended', { controller: 'DaemonSet', phase: 'Failed' }, {}, 'delete'],
    ['that mirrors a static pod', { controller: 'Node', mirror: true }, {}, 'skip'],
    ['that mirrors a static pod and has ended', { mirror: true, phase: 'Failed' }, {}, 'skip'],
    ['that has succeeded', { phase: 'Succeeded' }, {}, 'delete'],
    ['that has failed', { phase: 'Failed' }, {}, 'delete'],
    ['that has ended, with emptyDir', { phase: 'Failed', emptyDir: true }, { deleteEmptyDirData: false }, 'delete'],
    ['that has ended and is going', { phase: 'Failed', deletionTimestamp: '2026-01-02T03:04:05Z' }, {}, 'wait'],
    ['with emptyDir', { emptyDir: true }, {}, 'evict'],
    ['with emptyDir that must be kept', { emptyDir: true }, { deleteEmptyDirData: false }, 'keep'],
    ['that is terminating', { deletionTimestamp: '2026-01-02T03:04:05Z' }, {}, 'wait'],
    [
      'of a DaemonSet that is terminating',
      { controller: 'DaemonSet', deletionTimestamp: '2026-01-02T03:04:05Z' },
      {},
      'skip',
    ],
    ['that is the program’s own', { name: 'me' }, { skipPods: [{ namespace: 'default', name: 'me' }] }, 'skip'],
    ['of the own name elsewhere', { name: 'me' }, { skipPods: [{ namespace: 'kube-system', name: 'me' }] }, 'evict'],
    ['that tolerates the cordon', { tolerations: tolerant }, {}, 'evict'],
    ['that tolerates the cordon and came late', { tolerations: tolerant }, { cameAfterCordon: true }, 'skip'],
    ['that tolerates the cordon and was made later', { ...madeLate, tolerations: tolerant }, { cordonedAt }, 'skip'],
    [
      'that tolerates the cordon and was made later, and is going',
      { ...madeLate, tolerations: tolerant, deletionTimestamp: '2026-01-02T03:04:08Z' },
      { cordonedAt },
      'wait',
    ],
    [
      'that tolerates the cordon and was made before',
      { creationTimestamp: '2026-01-02T03:04:04Z', tolerations: tolerant },
      { cordonedAt },
      'evict',
    ],
    [
      'that tolerates the cordon and was made at the same moment',
      { creationTimestamp: '2026-01-02T03:04:05Z', tolerations: tolerant },
      { cordonedAt },
      'evict',
    ],
    ['beside one to skip', {}, { skipPods: [{ namespace: 'default', name: 'other' }] }, 'evict'],
    ['that was made after the cordon', madeLate, { cordonedAt }, 'evict'],
    ['that came late', {}, { cameAfterCordon: true }, 'evict'],
    ['that came back once', madeLate, { cordonedAt, evictionsSinceCordon: () => 1 }, 'evict'],
    ['that came back twice', madeLate, { cordonedAt, evictionsSinceCordon: () => 2 }, 'keep'],
    ['that was there before', {}, { cordonedAt, evictionsSinceCordon: () => 2 }, 'evict'],
  ])('%s', (_, shape, context, decision) => {
    expect(judgePod(aPodSummary(shape), { ...usual, ...context }).decision).toBe(decision);
  });

  it('gets a reason for people, and a warning where there is something to know', () => {
    expect(judgePod(aPodSummary(), usual)).toEqual({ decision: 'evict', reason: 'managed by ReplicaSet owner' });
    expect(judgePod(aPodSummary({ controller: null }), usual).warning).toContain('nothing will bring it back');
    expect(judgePod(aPodSummary({ emptyDir: true }), { ...usual, deleteEmptyDirData: false }).warning).toContain(
      'emptyDir',
    );
  });
});

describe('the plan of a node’s pods', () => {
  const named = (name: string, shape: PodShape = {}) => aPodSummary({ name, ...shape });
  const brief = named('brief', { graceSeconds: 5 });
  const long = named('long', { graceSeconds: 600, priorityClassName: 'system-node-critical' });
  const usualGrace = named('usual', { controller: null });
  const daemon = named('daemon', { controller: 'DaemonSet' });
  const scratch = named('scratch', { emptyDir: true });
  const pods = [brief, long, usualGrace, daemon, scratch];
  const context = { ...usual, deleteEmptyDirData: false };

  it('takes up those that must go, the longest grace first, and keeps those that count as left and those that stay apart', () => {
    const { leaving, kept, staying } = planPods(pods, context, -1);
    expect(leaving.map(({ ref, graceSeconds, isKept }) => [ref.name, graceSeconds, isKept])).toEqual([
      ['long', 600, false],
      ['usual', 30, false],
      ['brief', 5, false],
    ]);
    expect(kept.map(({ ref, isKept, message }) => [ref.name, isKept, message])).toEqual([
      ['scratch', true, 'has emptyDir volumes'],
    ]);
    expect(staying).toEqual([daemon.ref.uid]);
  });

  it('says of each pod, in the order in which they were found, what is done and when its turn is', () => {
    const { planned, warnings } = planPods(pods, context, 60);
    expect(planned.map(({ pod, decision, group, graceSeconds }) => [pod.name, decision, group, graceSeconds])).toEqual([
      ['brief', 'evict', 'ordinary', 60],
      ['long', 'evict', 'critical', 60],
      ['usual', 'evict', 'ordinary', 60],
      ['daemon', 'skip', 'daemon', 60],
      ['scratch', 'keep', 'ordinary', 60],
    ]);
    expect(planned.map(({ reason }) => reason).filter((reason) => reason === '')).toEqual([]);
    expect(warnings.map((warning) => warning.split(' ')[0])).toEqual(['default/usual', 'default/scratch']);
  });

  it('passes on who goes last, and which came after the cordon', () => {
    const goesLast = ({ ref }: { ref: { name: string } }) => ref.name === 'brief';
    const { leaving } = planPods([brief, usualGrace], { ...usual, cameAfterCordon: true, goesLast }, -1);
    expect(leaving.map(({ group, cameAfterCordon }) => [group, cameAfterCordon])).toEqual([
      ['ordinary', true],
      ['last', true],
    ]);
    const again = planPods([brief], { ...usual, cameAfterCordon: true, evictionsSinceCordon: () => 2 }, -1);
    expect(again.kept.map(({ comesBack }) => comesBack)).toEqual([true]);
  });

  it('of no pods is empty', () => {
    expect(planPods([], usual, -1)).toEqual({ planned: [], warnings: [], leaving: [], kept: [], staying: [] });
  });
});
