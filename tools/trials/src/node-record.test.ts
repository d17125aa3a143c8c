import { describe, expect, it } from 'vitest';
import { disagreements, isClaimedForNothing, RecordHistory, recordedCauses } from './node-record.ts';

const PREFIX = 'aws-node-termination-handler/';
const spot = { key: 'spot', progress: 'acting', decision: { action: 'drain', marks: { taint: 'NoSchedule' } } };
const ours = { ours: true, at: 1 };
const taint = { key: `${PREFIX}spot-itn`, value: 'x', effect: 'NoSchedule' };

interface Facts {
  readonly entries?: readonly object[];
  readonly record?: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly unschedulable?: boolean;
  readonly taints?: readonly object[];
}

/** A node as the programs leave it with a Spot notice, but for what a test changes. */
function node({ entries = [spot], record = { cordon: ours }, annotations = {}, labels = {}, ...spec }: Facts = {}) {
  const { unschedulable = true, taints = [taint] } = spec;
  return {
    metadata: {
      labels,
      annotations: {
        [`${PREFIX}interruptions`]: JSON.stringify({ ...record, entries }),
        [`${PREFIX}cordoned-for`]: 'x',
        ...annotations,
      },
    },
    spec: { unschedulable, taints: [{ key: 'team', effect: 'NoSchedule' }, ...taints] },
  };
}

describe('marks', () => {
  it('agree with a record that asks for just them', () => {
    expect(disagreements(node({ annotations: { [`${PREFIX}claim`]: '{}' } }))).toEqual([]);
    expect(disagreements({ metadata: { labels: { team: 'blue' } }, spec: {} })).toEqual([]);
    const interruptions = JSON.stringify({ entries: [{ ...spot, progress: 'waiting' }] });
    expect(
      disagreements({ metadata: { annotations: { [`${PREFIX}interruptions`]: interruptions } }, spec: {} }),
    ).toEqual([]);
  });

  it('are all asked for: cordon, taints, labels, the label for load balancers, the taint of a machine that is off', () => {
    const marks = { taint: 'NoSchedule', reboot: true, loadBalancers: true };
    const entries = [{ key: 'scheduled/e', progress: 'settled', decision: { action: 'drain', marks } }];
    const record = { cordon: ours, shutDownAt: 5 };
    expect(disagreements(node({ entries, record, unschedulable: false, taints: [] })).toSorted()).toEqual([
      'the cordon is missing',
      'the label for load balancers is missing',
      `the labels for its reboot is missing`,
      `the taint ${PREFIX}scheduled-maintenance is missing`,
      'the taint node.kubernetes.io/out-of-service is missing',
    ]);
  });

  it('are taken off with what asked for them', () => {
    const left = node({
      entries: [{ ...spot, progress: 'over' }],
      record: {},
      annotations: { [`${PREFIX}claim`]: '{}' },
      labels: { [`${PREFIX}action`]: 'UncordonAfterReboot' },
    });
    expect(disagreements(left).toSorted()).toEqual([
      'nothing asks for the annotation cordoned-for',
      'nothing asks for the cordon',
      'nothing asks for the labels for its reboot',
      `nothing asks for the taint ${PREFIX}spot-itn`,
    ]);
  });

  it('leave a cordon alone that was left to a person, and one that was there before', () => {
    const left = [{ ...spot, remarked: 'left' }];
    for (const unschedulable of [true, false])
      expect(disagreements(node({ entries: left, unschedulable }))).toEqual([]);
  });
});

describe('a claim', () => {
  it('is for nothing where no drain is in work', () => {
    const annotations = { [`${PREFIX}claim`]: '{}' };
    const of = (entry: object) => isClaimedForNothing(node({ annotations, entries: [entry] }));
    expect(['acting', 'emptied'].map((progress) => of({ ...spot, progress }))).toEqual([false, false]);
    expect(['waiting', 'settled', 'over'].map((progress) => of({ ...spot, progress }))).toEqual([true, true, true]);
    expect(of({ ...spot, decision: { action: 'cordon', marks: {} } })).toBe(true);
    expect(isClaimedForNothing(node({ entries: [] }))).toBe(false);
  });
});

describe('a history', () => {
  it('tells what stood on a node at a moment, without what is over, and of a node that is gone what stood there last', () => {
    const history = new RecordHistory();
    history.see('a', node(), 10);
    history.see('a', node({ entries: [spot, { ...spot, key: 'scheduled/e', progress: 'waiting' }] }), 20);
    history.see('a', node({ entries: [{ ...spot, progress: 'dismissed' }] }), 30);
    history.see('b', node({ unschedulable: false }), 30);
    history.see('b', undefined, 40);
    expect([9, 10, 29, 30].map((at) => history.causesAt('a', at))).toEqual([[], ['spot'], ['spot', 'scheduled'], []]);
    expect([history.causesAt('b', 39), history.causesAt('b', 40)]).toEqual([['spot'], ['spot']]);
    expect(history.disagreements).toContain('b: the cordon is missing');
  });

  it('gives whoever is to see to a mark that a person took off its time, and no more', () => {
    const history = new RecordHistory();
    const [bare, marked] = [node({ unschedulable: false }), node()];
    const uncordon = (name: string): void => {
      history.see(name, marked, 10);
      history.excuse(name, 'the cordon is missing', 50);
      history.see(name, bare, 20);
    };
    for (const name of ['quick', 'slow', 'never']) uncordon(name);
    expect([history.isUnsettled, history.disagreements]).toEqual([true, []]);
    history.see('quick', marked, 50);
    history.see('slow', marked, 51);
    history.judge(90);
    expect(history.disagreements).toEqual([
      'slow: the cordon is missing, and nobody saw to it',
      'never: the cordon is missing, and nobody saw to it',
    ]);
    history.see('quick', node({ unschedulable: false, taints: [] }), 49);
    expect(history.disagreements).toContain(`quick: the taint ${PREFIX}spot-itn is missing`);
    expect(history.disagreements).not.toContain('quick: the cordon is missing');
  });

  it('takes nonsense for no record', () => {
    const annotations = { [`${PREFIX}interruptions`]: '{"entries":[7' };
    expect(recordedCauses({ metadata: { annotations } })).toEqual([]);
  });
});
