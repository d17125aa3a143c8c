import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { causeOf, emptyRecord } from './entry.ts';
import type { NodeRecord, Notice } from './entry.ts';
import { marksOf, written } from './marks.ts';
import {
  DAY,
  EMPTY_NODE,
  HOUR,
  MINUTE,
  POD_SEEN,
  SECOND,
  T0,
  TIME,
  UNCORDONED,
  action,
  booted,
  doing,
  health,
  hookDone,
  launched,
  play,
  rebalance,
  returned,
  scheduled,
  spot,
  told,
} from './testing/notices.ts';
import type { RecordInput } from './transitions.ts';

/** Rows are played when so much time has passed since the first notices. */
const NOW = 10 * MINUTE;
const lead = { decision: { lead: HOUR } };
const ended = (notice: Notice, at: number): RecordInput => ({ type: 'ended', ending: { notice, at: T0 + at } });
const listing: RecordInput = { type: 'listed', source: 'imds', causes: new Set(['scheduled']), keys: new Set() };

const theSpot = spot({ endsIn: 12 * MINUTE });
const opened = health({ startsIn: 9 * HOUR, ...lead });
/** Ahead of NOW by more than its lead time. */
const far = scheduled({ startsIn: 9 * HOUR, ...lead });
/** Its lead time has come. */
const near = scheduled({ startsIn: HOUR, ...lead });

type Steps = Parameters<typeof play>[0];

/** How an entry comes to be as the table names it; `near` unless the row needs a start that is far. */
const RECORDS: Readonly<Record<string, Steps>> = {
  'spot acting': [[0, told(theSpot)]],
  'spot settled': [
    [0, told(theSpot)],
    [MINUTE, EMPTY_NODE],
  ],
  'spot over': [
    [0, told(theSpot)],
    [12 * MINUTE, returned(12 * MINUTE)],
  ],
  'action acting': [[0, told(action({ timeout: HOUR, mayReturn: true }))]],
  'action emptied': [
    [0, told(action({ timeout: HOUR, mayReturn: true }))],
    [MINUTE, EMPTY_NODE],
  ],
  'action settled': [
    [0, told(action({ timeout: HOUR, mayReturn: true }))],
    [MINUTE, EMPTY_NODE],
    [MINUTE, hookDone()],
  ],
  'rebalance settled': [[0, told(rebalance())]],
  'rebalance dismissed': [
    [0, told(rebalance())],
    [MINUTE, UNCORDONED],
  ],
  'scheduled waiting': [[0, told(far)]],
  'scheduled acting': [[0, told(near)]],
  'scheduled settled': [
    [0, told(near)],
    [MINUTE, EMPTY_NODE],
  ],
  'scheduled over': [
    [0, told(near)],
    [2 * HOUR, booted('b2', 2 * HOUR)],
  ],
  'health waiting': [[0, told(opened)]],
  'health over': [
    [0, told(opened)],
    [MINUTE, ended(opened, MINUTE)],
  ],
};

/** What the table's words for what happens are; each at its time. */
const HAPPENINGS: Readonly<Record<string, Steps>> = {
  'a Spot notice': [[NOW, told(theSpot)]],
  'the same Spot notice from the metadata': [
    [NOW, told(spot({ endsIn: 12 * MINUTE, id: 'document', source: 'imds', at: SECOND }))],
  ],
  'a look finds no pod': [[NOW, EMPTY_NODE]],
  'a look finds a pod': [[NOW, POD_SEEN]],
  'the instance runs again, its Spot end ahead': [[NOW, returned(NOW)]],
  'the instance runs again, its Spot end passed': [[HOUR, returned(HOUR)]],
  "a late copy, EC2's launch time is newer": [[DAY, told(spot({ id: 'late' }), launched(DAY))]],
  'a late copy, and nobody but the record says that it is over': [[DAY, told(spot({ id: 'late' }))]],
  'a lifecycle action': [[NOW, told(action({ timeout: HOUR, at: NOW }))]],
  'a lifecycle action, cordon only': [[NOW, told(action({ timeout: HOUR, decision: { action: 'cordon' } }))]],
  "another owner's lifecycle action": [[NOW, told(action({ timeout: HOUR, hook: { ours: false } }))]],
  'the message again, by another replica': [[NOW, told(action({ timeout: HOUR, mayReturn: true }))]],
  'the hook is completed': [[NOW, hookDone()]],
  'the hook waits no longer': [[NOW, { type: 'hook-ended', key: action().key, how: 'gone' }]],
  'a rebalance recommendation': [[NOW, told(rebalance())]],
  'the recommendation again, by one who drains': [
    [NOW, told(rebalance({ source: 'sqs', id: 'envelope', decision: { action: 'drain' } }))],
  ],
  'the same recommendation again': [[NOW, told(rebalance({ at: NOW }))]],
  'another recommendation, later': [[NOW, told(rebalance({ at: NOW, id: 'another' }))]],
  'a person uncordons': [[NOW, UNCORDONED]],
  'a person uncordons twice': [
    [NOW, UNCORDONED],
    [NOW + SECOND, UNCORDONED],
  ],
  'a planned event, far ahead': [[NOW, told(far)]],
  'its time comes': [[8 * HOUR, TIME]],
  'its start moves past the lead time': [[NOW, told(scheduled({ startsIn: 99 * HOUR, at: NOW, ...lead }))]],
  'a boot before its start': [[NOW, booted('b2', NOW)]],
  'a boot after its start': [[10 * HOUR, booted('b2', 10 * HOUR)]],
  'EC2 still lists it': [[3 * HOUR, told(scheduled({ startsIn: HOUR, at: 3 * HOUR, ...lead }))]],
  'EC2 lists it no longer': [[11 * MINUTE, listing]],
  closed: [[NOW, ended(opened, NOW)]],
  'closed, before the message that opens it': [[NOW, ended(opened, NOW)]],
  'the message that opened it, late': [[NOW, told(opened)]],
  'fourteen days pass': [[15 * DAY, TIME]],
};

const NODES = { true: 'cordoned', false: 'given back', 'as-found': 'as found' } as const;

function recordOf(words: string): NodeRecord {
  if (words === 'nothing') return emptyRecord('b1');
  const steps = words.split(', ').flatMap((entry) => RECORDS[entry] ?? fail(`no record is called “${entry}”`));
  return written(play(steps.toSorted(([a], [b]) => a - b)));
}

function wordsOf(record: NodeRecord): string {
  const words = record.entries.map((entry) => `${causeOf(entry.key)} ${entry.progress}`);
  return words.length === 0 ? 'nothing' : words.join(', ');
}

function fail(message: string): never {
  throw new Error(message);
}

const page = readFileSync(new URL('../../../../docs/record.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| \d+ \|.*\|$/gm)].map(([line]) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim()),
);

describe('the table in docs/record.md', () => {
  it('has its rows, and each word of this test is used', () => {
    expect(rows.map(([number]) => Number(number))).toEqual(rows.map((_row, index) => index + 1));
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(Object.keys(HAPPENINGS))).toEqual(new Set(rows.map((row) => row[2])));
  });

  it.each(rows)('%s: %s; %s', (_number, before = '', happening = '', after, node, tasks) => {
    const steps = HAPPENINGS[happening] ?? fail(`nothing is called “${happening}”`);
    const stepped = play(steps, recordOf(before));
    const record = written(stepped);
    const does = doing(record);
    expect({
      after: wordsOf(record),
      node: NODES[`${marksOf(stepped).unschedulable}`],
      tasks: does.join(', '),
    }).toEqual({ after, node, tasks });
  });
});
