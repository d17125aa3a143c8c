import { describe, expect, it } from 'vitest';
import { parseRecord, RECORD_ANNOTATION, serialiseRecord } from './annotation.ts';
import { emptyRecord } from './entry.ts';
import type { Interruption, NodeRecord } from './entry.ts';
import { tombstoneOf } from './noticed.ts';
import { action, entry, HOUR, MINUTE, record, scheduled, spot, T0 } from './testing/notices.ts';

const read = (text: string | undefined) => parseRecord(text, T0);
const raw = (of: NodeRecord): { entries: Record<string, unknown>[] } =>
  JSON.parse(serialiseRecord(of)) as { entries: Record<string, unknown>[] };
const withEntries = (...entries: readonly unknown[]) => read(JSON.stringify({ bootId: '', entries }));

const full: NodeRecord = {
  bootId: 'b1',
  returnedAt: T0 - HOUR,
  cordon: { ours: false, at: T0 - MINUTE },
  shutDownAt: T0,
  entries: [
    { ...entry(spot(), 'acting'), told: ['received', 'cordoned'], estimatedEnd: T0 + HOUR, remarked: 'once' },
    entry(action({ hook: { defaultResult: 'ABANDON', ours: false } }), 'emptied'),
    { ...entry(scheduled({ eventId: 'a' }), 'waiting'), sources: ['imds', 'ec2'] },
    tombstoneOf(scheduled({ eventId: 'b', startsIn: HOUR }), T0),
  ],
  foreign: [],
};

describe('a record', () => {
  it('stands in one annotation, and is read as it was written', () => {
    expect(RECORD_ANNOTATION).toBe('aws-node-termination-handler/interruptions');
    expect(read(serialiseRecord(full))).toStrictEqual({ record: full, problems: [] });
    const head = { bootId: 'b1', entries: [], foreign: [] };
    expect(read(serialiseRecord(head))).toStrictEqual({ record: head, problems: [] });
  });

  it('has every word that an entry may have', () => {
    const planned = scheduled({ eventId: 'a', startsIn: HOUR });
    const same = (one: Interruption): void => expect(read(serialiseRecord(record(one))).record.entries).toEqual([one]);
    for (const source of ['metadata', 'envelope', 'schedule', 'reservation', 'hibernation', 'estimated'] as const)
      same(entry({ ...planned, end: { kind: 'fixed', at: T0, source } }, 'acting'));
    for (const why of [
      'recommendation',
      'no-start',
      'network-maintenance',
      'retained',
      'timeout-unreadable',
      'target-state',
    ] as const)
      same(entry({ ...planned, end: { kind: 'open', why, startsAt: T0 } }, 'acting'));
    for (const defaultResult of ['CONTINUE', 'ABANDON'] as const)
      same(entry(action({ hook: { defaultResult } }), 'acting'));
    for (const source of ['imds', 'sqs', 'ec2', 'labels'] as const) same(entry({ ...planned, source }, 'acting'));
    for (const decided of ['cordon', 'drain'] as const) same(entry(spot({ decision: { action: decided } }), 'settled'));
    for (const podDeadline of ['deadline', 'respect'] as const)
      same(entry(spot({ decision: { podDeadline } }), 'acting'));
    for (const taint of ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const) {
      const marks = { taint, loadBalancers: true, reboot: true, conditions: true } as const;
      same(entry(spot({ decision: { marks } }), 'acting'));
    }
    for (const progress of ['over', 'dismissed'] as const) same({ ...tombstoneOf(planned, T0), progress });
    for (const remarked of ['once', 'left'] as const) same({ ...entry(planned, 'acting'), remarked });
  });

  it('is empty where there is none', () => {
    expect(read(undefined)).toStrictEqual({ record: emptyRecord(), problems: [] });
  });

  it('names phases of later releases beside those of the first, which refuses them', () => {
    const told = (phases: NodeRecord['entries'][number]['told']) =>
      raw(record({ ...entry(spot(), 'acting'), told: phases })).entries[0];
    expect(told(['received', 'cordoned'])).toMatchObject({ told: ['received'], toldToo: ['cordoned'] });
    expect(told(['received'])).not.toHaveProperty('toldToo');
  });

  it('says of a hook what is known of it, and nothing of its token', () => {
    expect(raw(full).entries[1]).toMatchObject({
      hook: { group: 'group', name: 'hook', defaultResult: 'ABANDON', ours: false },
    });
  });

  it('has moments that are far ahead read as now', () => {
    const ahead: NodeRecord = { ...full, returnedAt: T0 + HOUR, entries: [tombstoneOf(spot(), T0 + HOUR)] };
    expect(read(serialiseRecord(ahead)).record).toMatchObject({ returnedAt: T0, entries: [{ endedAt: T0 }] });
    const noticed = record({ ...entry(spot(), 'acting'), noticedAt: T0 + HOUR });
    expect(read(serialiseRecord(noticed)).record.entries[0]?.noticedAt).toBe(T0);
  });

  it('has each key once', () => {
    const [twice] = raw(record(entry(spot(), 'acting'))).entries;
    expect(withEntries(twice, twice)).toMatchObject({
      record: { entries: [{ key: 'spot' }] },
      problems: ['two entries have one key'],
    });
  });

  it('that a stranger wrote is said in five words at the most', () => {
    const [one] = raw(record(entry(spot(), 'acting'))).entries;
    const spoilt = ['id', 'noticedAt', 'end', 'mayReturn', 'sources', 'decision'].map((name) => ({
      ...one,
      [name]: null,
    }));
    expect(withEntries(...spoilt).problems).toHaveLength(5);
    expect(withEntries(...spoilt.slice(0, 2)).problems).toHaveLength(2);
  });
});
