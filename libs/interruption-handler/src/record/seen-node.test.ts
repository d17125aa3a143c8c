import { describe, expect, it } from 'vitest';
import { parseRecord, serialiseRecord } from './annotation.ts';
import { emptyRecord, PHASES } from './entry.ts';
import type { NodeRecord, Phase } from './entry.ts';
import { marksOf, written } from './marks.ts';
import { foreignChanges, fromLabels, isCordonedByOthers } from './seen-node.ts';
import { tasksOf } from './tasks.ts';
import {
  EMPTY_NODE,
  HOUR,
  SECOND,
  T0,
  action,
  doing,
  play,
  scheduled,
  seenAt,
  spot,
  stopped,
  summary,
  told,
} from './testing/notices.ts';
import { next } from './transitions.ts';

const PREFIX = 'aws-node-termination-handler/';
const MARKED = {
  [`${PREFIX}event-id`]: 'instance-event-1',
  [`${PREFIX}action`]: 'UncordonAfterReboot',
  [`${PREFIX}action-time`]: String(T0 / 1000),
};
const node = (labels: Record<string, string>, unschedulable = true) => ({
  ...{ labels, unschedulable, annotations: {} },
  taints: [{ key: 'example.com/mine', effect: 'NoExecute' }],
});

describe('what the Go handler left on a node', () => {
  const found = fromLabels(node(MARKED), T0 + HOUR);
  if (found === undefined) throw new Error('the labels tell of an event');
  const record = next(emptyRecord(), found, seenAt(HOUR));

  it('is an event that the node is settled for, with a cordon that is ours', () => {
    expect(summary(record)).toBe('label:settled');
    expect(record).toMatchObject({ bootId: 'b1', cordon: { ours: true, at: T0 }, entries: [{ noticedAt: T0 }] });
    expect(marksOf(record).labels).toEqual(MARKED);
    expect(isCordonedByOthers(node(MARKED))).toBe(false);
    expect(isCordonedByOthers(node({}))).toBe(true);
    expect(isCordonedByOthers({ ...node({}), annotations: { [`${PREFIX}cordoned-for`]: 'x' } })).toBe(false);
  });

  it('keeps a cordon that was there before it', () => {
    const { [`${PREFIX}action`]: _action, ...only } = MARKED;
    expect(fromLabels(node(only), T0)).toMatchObject({ cordonIsOurs: false });
    expect(fromLabels(node({}), T0)).toBeUndefined();
  });

  it('keeps the taint that it put on, though whoever hears of the event again puts on none', () => {
    const key = `${PREFIX}scheduled-maintenance`;
    const tainted = fromLabels({ ...node(MARKED), taints: [{ key, effect: 'NoExecute' }] }, T0 + HOUR);
    if (tainted === undefined) throw new Error('the labels tell of an event');
    const listed = told(scheduled({ startsIn: 2 * HOUR, at: HOUR, decision: { marks: { reboot: true } } }));
    const joined = play([[HOUR, listed]], next(emptyRecord(), tainted, seenAt(HOUR)));
    expect(marksOf(joined).taints).toEqual([{ key, value: 'instance-event-1', effect: 'NoExecute' }]);
    expect(marksOf(record).taints).toEqual([]);
  });

  it('is read of the annotation of the version before this one as well, whose cordon is ours', () => {
    const annotated = (id: string) =>
      fromLabels({ ...node({}), annotations: { [`${PREFIX}cordoned-for`]: id } }, T0 + HOUR);
    expect(annotated('spot-itn-1')).toMatchObject({
      cordonIsOurs: true,
      notice: { source: 'imds', noticedAt: T0 + HOUR, decision: { marks: {} } },
    });
    expect(annotated('spot-itn-event-1')).toMatchObject({ notice: { source: 'labels' } });
  });

  it('is over at a boot after it, and the node is given back', () => {
    const back = play([[2 * HOUR, { type: 'booted', bootId: 'b2', bootAt: T0 + 2 * HOUR }]], record);
    expect(summary(back)).toBe('label:over');
    expect(marksOf(back)).toMatchObject({ unschedulable: false, labels: {} });
  });

  it('is joined by the event that the metadata lists: not drained again, before the boot or after it', () => {
    const listed = told(scheduled({ startsIn: 2 * HOUR, at: HOUR }));
    expect(summary(play([[HOUR, listed]], record))).toBe('scheduled:settled');
    const back = play([[2 * HOUR, { type: 'booted', bootId: 'b2', bootAt: T0 + 2 * HOUR }]], record);
    expect(summary(play([[3 * HOUR, told(scheduled({ startsIn: 2 * HOUR, at: 3 * HOUR }))]], back))).toBe(
      'scheduled:over',
    );
  });

  it('means nothing beside a record, from which the labels follow', () => {
    const known = play([[0, told(spot())]]);
    expect(next(known, found, seenAt(1))).toEqual(known);
  });
});

describe('what others did to a node', () => {
  const held = play([[0, told(spot())]]);
  const annotations = { [`${PREFIX}cordoned-for`]: 'spot' };
  const state = { unschedulable: true, annotations, cordonWasSeen: true, isReborn: false, bootId: 'b1', bootAt: T0 };

  it('is a boot, or that it was made schedulable after our cordon was seen standing', () => {
    expect(foreignChanges(held, state)).toEqual([]);
    expect(foreignChanges(held, { ...state, bootId: 'b2' })).toEqual([{ type: 'booted', bootId: 'b2', bootAt: T0 }]);
    expect(foreignChanges(held, { ...state, bootId: '' })).toEqual([]);
    expect(foreignChanges(held, { ...state, unschedulable: false })).toEqual([{ type: 'made-schedulable' }]);
    const theirs = { ...held, cordon: { ours: false, at: T0 } };
    expect(foreignChanges(theirs, { ...state, unschedulable: false, cordonWasSeen: false, annotations: {} })).toEqual(
      [],
    );
    expect(foreignChanges(held, { ...state, unschedulable: false, cordonWasSeen: false })).toEqual([]);
    expect(foreignChanges(emptyRecord(), { ...state, unschedulable: false, bootId: 'b2' })).toEqual([]);
  });

  it('is that the version before this one has given the node back, and knows nothing of the record', () => {
    const back = { ...state, unschedulable: false, annotations: {}, cordonWasSeen: false };
    expect(foreignChanges(held, back)).toEqual([{ type: 'made-schedulable' }]);
  });
});

describe('an entry of another version', () => {
  const theirs = { v: 2, key: 'future', progress: 'draining', more: { deep: [1] } };
  const text = JSON.stringify({ bootId: 'b1', cordon: { ours: true, at: T0 }, entries: [theirs] });

  it('is carried untouched, and its cordon respected', () => {
    const { record, problems } = parseRecord(text, T0);
    expect(problems).toEqual([]);
    const more = play(
      [
        [0, told(spot())],
        [600 * SECOND, { type: 'returned', at: T0 + 600 * SECOND }],
      ],
      record,
    );
    expect(marksOf(more).unschedulable).toBe('as-found');
    expect(written(more).cordon).toEqual({ ours: true, at: T0 });
    expect(JSON.parse(serialiseRecord(written(more)))).toMatchObject({ entries: [{ key: 'spot' }, theirs] });
  });

  it('holds nothing where it says that it waits or is over, in the words that all versions share', () => {
    expect(
      parseRecord(JSON.stringify({ entries: [{ v: 2, progress: 'over' }, { v: 'x' }] }), T0).record.foreign.map(
        (entry) => entry.holds,
      ),
    ).toEqual([false, true]);
  });

  it('that there is no room for goes, and that is said', () => {
    const large = JSON.stringify({
      entries: [
        { v: 2, text: 'x'.repeat(23_000) },
        { v: 3, text: 'y'.repeat(1400) },
      ],
    });
    const { record, problems } = parseRecord(large, T0);
    expect(record.foreign).toHaveLength(1);
    expect(problems).toEqual(['it holds more than there is room for']);
  });
});

describe('what was told, in the record', () => {
  const having = (...phases: readonly Phase[]): NodeRecord => {
    const record = play([[0, told(spot())]]);
    return { ...record, entries: record.entries.map((entry) => ({ ...entry, told: phases })) };
  };

  it('is in words that the version before this one reads, which refuses an entry with any other', () => {
    const words = ['received', 'drained', 'failed', 'overdue', 'returned', 'dismissed'];
    const written = JSON.parse(serialiseRecord(having(...PHASES))) as { entries: { told: string[] }[] };
    expect(written.entries[0]!.told.toSorted()).toEqual(words.toSorted());
    expect(parseRecord(serialiseRecord(having(...PHASES)), T0)).toEqual({ record: having(...PHASES), problems: [] });
  });

  it('may hold words of a later version, and costs no entry', () => {
    const text = serialiseRecord(having('received')).replace('["received"]', '["paused","drained",7,"cordoned"]');
    expect(parseRecord(text, T0)).toEqual({ record: having('cordoned', 'drained'), problems: [] });
    const later = text.replace('"told":', '"toldToo":["paused"],"told":');
    expect(parseRecord(later, T0)).toEqual({ record: having('cordoned', 'drained'), problems: [] });
  });
});

describe('garbage in the annotation', () => {
  it('is replaced, and said', () => {
    for (const text of ['', '{', '[]', '7', 'x'.repeat(30_000), '{"entries":7}']) {
      expect(parseRecord(text, T0)).toEqual({ record: emptyRecord(), problems: ['it is no record of this program'] });
    }
    const bad = { bootId: 7, returnedAt: 'x', entries: [{}, { v: 1, key: 'spot' }, { v: 1, key: 'constructor' }] };
    expect(parseRecord(JSON.stringify(bad), T0)).toMatchObject({
      record: emptyRecord(),
      problems: ['an entry has no version', 'an entry is none: progress'],
    });
  });

  it('does not hide the entries beside it', () => {
    const text = serialiseRecord(play([[0, told(spot())]])).replace('"bootId":"b1"', '"bootId":{},"returnedAt":"soon"');
    expect(summary(parseRecord(text, T0).record)).toBe('spot:acting');
  });

  it('is a moment that is more than five minutes ahead: it is read as now', () => {
    const text = serialiseRecord(play([[0, told(spot())]])).replaceAll(`"noticedAt":${T0}`, `"noticedAt":${T0 + HOUR}`);
    expect(parseRecord(text, T0).record.entries[0]?.noticedAt).toBe(T0);
  });
});

describe('what a stranger may write into the record', () => {
  const forged = (changes: string, to: string) =>
    parseRecord(serialiseRecord(play([[0, told(spot())]])).replace(changes, to), T0).record;

  it('never makes a fresh notice void', () => {
    const over = forged('"progress":"acting"', '"endedAt":9,"progress":"over"');
    expect(summary(over)).toBe('spot:over');
    expect(summary(play([[SECOND, told(spot({ at: SECOND }))]], over))).toBe('spot:acting');
    const returnedLater = forged('"bootId":"b1"', `"bootId":"b1","returnedAt":${T0 + SECOND}`);
    expect(summary(play([[SECOND, told(stopped())]], returnedLater))).toBe('spot:acting state:acting');
  });

  it('puts nothing off: another’s decision may only make more of it, or have it sooner', () => {
    const waits = forged('"lead":"immediate"', '"lead":9000000000').entries[0];
    const asleep = {
      ...emptyRecord('b1'),
      entries: waits === undefined ? [] : [{ ...waits, progress: 'waiting' as const }],
    };
    expect(summary(asleep)).toBe('spot:waiting');
    expect(summary(play([[SECOND, told(spot({ at: SECOND, source: 'imds' }))]], asleep))).toBe('spot:acting');
  });

  it('says nothing about the pods, which are looked at', () => {
    expect(doing(forged('"progress":"acting"', '"progress":"settled"'))).toEqual(['look']);
  });

  it('completes no hook: only the action of a message in hand is completed', () => {
    const emptied = play([
      [0, told(action())],
      [SECOND, EMPTY_NODE],
    ]);
    const tasks = tasksOf(emptied, { isOurTurn: true, inHand: new Set(), lookedAt: new Set() });
    expect(tasks.map((task) => task.do)).toEqual(['look']);
  });

  it('sets and removes no mark but ours', () => {
    const record = forged('"marks":{', '"marks":{"taint":"example.com/mine","reboot":"yes","other":true,');
    expect(record.entries).toEqual([]);
    expect(marksOf(record)).toMatchObject({ taints: [], labels: {} });
  });
});
