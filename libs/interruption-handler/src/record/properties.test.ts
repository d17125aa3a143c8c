import { isKeptText, keptText } from '@node-termination-handler/event-parsers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecord, serialiseRecord } from './annotation.ts';
import { timeLeft } from './ends.ts';
import {
  actionKey,
  causeOf,
  emptyRecord,
  healthKey,
  holdsNode,
  isEntryKey,
  isTombstone,
  PHASES,
  scheduledKey,
  singleKey,
} from './entry.ts';
import type { EntryKey, NodeRecord, Notice } from './entry.ts';
import { RECORD_LIMITS } from './limits.ts';
import { OUR_MARKS, marksOf, written } from './marks.ts';
import { mayComplete, messageMayGo, tasksOf } from './tasks.ts';
import { DAY, HOUR, T0, seenAt, told } from './testing/notices.ts';
import { next } from './transitions.ts';
import type { RecordInput, Seen } from './transitions.ts';

const RANK = { waiting: 0, acting: 1, emptied: 2, settled: 3, over: 4, dismissed: 4 } as const;

const key = fc.oneof(
  fc.constantFrom(...(['spot', 'rebalance', 'state', 'target', 'reservation'] as const)).map(singleKey),
  fc.string({ maxLength: 300, unit: 'binary' }).map(scheduledKey),
  fc.string({ maxLength: 300 }).map((arn) => healthKey(arn, 'i-1')),
  fc.string().map((token) => actionKey({ token })),
);
const after = fc.integer({ min: 0, max: 20 * DAY });
const end = fc.oneof(
  after.map((at) => ({ kind: 'fixed', at: T0 + at, source: 'schedule' }) as const),
  after.map((at) => ({ kind: 'fixed', at: T0 + at, source: 'hibernation' }) as const),
  after.map((at) => ({ kind: 'open', why: 'network-maintenance', startsAt: T0 + at }) as const),
  fc
    .record({ since: after, timeoutMs: after, extend: after })
    .map(
      ({ since, timeoutMs, extend }) =>
        ({ kind: 'held', since: T0 + since, timeoutMs, extendableUntil: T0 + since + extend }) as const,
    ),
  fc
    .constantFrom('recommendation' as const, 'no-start' as const, 'retained' as const, 'timeout-unreadable' as const)
    .map((why) => ({ kind: 'open', why }) as const),
);
const decision = fc.record({
  action: fc.constantFrom('cordon' as const, 'drain' as const),
  lead: fc.oneof(fc.constant('immediate' as const), after),
  podDeadline: fc.constantFrom('deadline' as const, 'respect' as const),
  marks: fc.record(
    {
      taint: fc.constant('NoSchedule' as const),
      reboot: fc.constant(true as const),
      loadBalancers: fc.constant(true as const),
      conditions: fc.constant(true as const),
    },
    { requiredKeys: [] },
  ),
});
const hook = fc.record({
  group: fc.string().map(keptText),
  name: fc.string({ maxLength: 255 }).map(keptText),
  defaultResult: fc.constantFrom('CONTINUE' as const, 'ABANDON' as const),
  ours: fc.boolean(),
});
const notice: fc.Arbitrary<Notice> = fc.record(
  {
    key,
    id: fc.string({ maxLength: 300 }).map(keptText),
    source: fc.constantFrom('imds' as const, 'sqs' as const, 'ec2' as const),
    noticedAt: after.map((at) => T0 + at),
    end,
    mayReturn: fc.boolean(),
    decision,
    hook,
  },
  { requiredKeys: ['key', 'id', 'source', 'noticedAt', 'end', 'mayReturn', 'decision'] },
);
const some = (keys: readonly EntryKey[]): fc.Arbitrary<EntryKey> => fc.constantFrom(...keys);

/** A life of a node: inputs at growing times. */
const life = fc.array(notice, { minLength: 1, maxLength: 30 }).chain((notices) => {
  const keys = notices.map((one) => one.key);
  const input: fc.Arbitrary<RecordInput> = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...notices).map((one) => told(one)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...notices)
        .map((one) => ({ type: 'ended', ending: { notice: one, at: one.noticedAt } }) as const),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('returned' as const), at: after.map((at) => T0 + at) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('put-into-service' as const), at: after.map((at) => T0 + at) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('booted' as const),
        bootId: fc.constantFrom('b1', 'b2', 'b3'),
        bootAt: after.map((at) => T0 + at),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ mustGo: fc.nat(2), left: fc.nat(1) }).map((look) => ({ type: 'looked', look }) as const),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('hook-ended' as const),
        key: some(keys),
        how: fc.constantFrom('completed' as const, 'gone' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('told' as const), key: some(keys), phase: fc.constantFrom(...PHASES) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('end-changed' as const), key: some(keys), end }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<RecordInput>(
        { type: 'made-schedulable' },
        { type: 'reborn' },
        { type: 'time' },
        { type: 'shut-down', at: T0 },
      ),
    },
    {
      weight: 1,
      arbitrary: some(keys).map(
        (one) =>
          ({ type: 'listed', source: 'imds', causes: new Set([causeOf(one)]), keys: new Set<EntryKey>() }) as const,
      ),
    },
  );
  return fc.array(fc.record({ input, pause: fc.integer({ min: 0, max: DAY }), cordonedByOthers: fc.boolean() }), {
    maxLength: 60,
  });
});

/** Lives a life, and looks at each record on the way. */
function live(
  steps: readonly { input: RecordInput; pause: number; cordonedByOthers: boolean }[],
  look: (record: NodeRecord, before: NodeRecord, input: RecordInput, seen: Seen) => void,
): void {
  let record = emptyRecord('b1');
  let passed = 0;
  for (const { input, pause, cordonedByOthers } of steps) {
    passed += pause;
    const seen = seenAt(passed, { cordonedByOthers });
    const stepped = next(record, input, seen);
    look(stepped, record, input, seen);
    record = written(stepped);
  }
}

describe('whatever happens to a node', () => {
  it('a notice never takes progress away, unless it moves a start past its lead time or asks for more', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (record, before, input) => {
          if (input.type !== 'noticed') return;
          for (const old of before.entries) {
            const now = record.entries.find((entry) => entry.key === old.key);
            if (now === undefined || isTombstone(old)) continue;
            const isPutOff = now.progress === 'waiting' && old.progress === 'acting' && old.key === input.notice.key;
            const asksForMore = now.decision.action === 'drain' && old.decision.action === 'cordon';
            // That a hook nobody tells of any more is settled is progress as well.
            expect(isPutOff || asksForMore || RANK[now.progress] >= RANK[old.progress]).toBe(true);
          }
        });
      }),
    );
  });

  it('a copy of a notice changes nothing', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (record, _before, input, seen) => {
          if (input.type !== 'noticed') return;
          expect(next(written(record), input, seen)).toEqual(written(record));
        });
      }),
    );
  });

  it('marks are empty if and only if nothing holds the node', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (record) => {
          const marks = marksOf(record);
          const holders = record.entries.filter(holdsNode);
          if (holders.length === 0) {
            expect(marks.taints).toEqual([]);
            expect(marks.labels).toEqual({});
            expect(marks.unschedulable).not.toBe(true);
            expect(written(record).cordon).toBeUndefined();
          } else {
            const wanted = holders.some(
              ({ decision: { marks: names } }) => (names.taint ?? names.reboot ?? names.loadBalancers) !== undefined,
            );
            const isMarked =
              marks.taints.some((taint) => taint.key !== 'node.kubernetes.io/out-of-service') ||
              Object.keys(marks.labels).length > 0;
            expect(isMarked).toBe(wanted);
            expect(marks.unschedulable).toBe(holders.some((entry) => entry.remarked !== 'left') ? true : 'as-found');
          }
          expect(OUR_MARKS.taints).toEqual(expect.arrayContaining(marks.taints.map((taint) => taint.key)));
          expect(OUR_MARKS.labels).toEqual(expect.arrayContaining(Object.keys(marks.labels)));
        });
      }),
    );
  });

  it('its conditions are told while one lives that asked for them, and say what it is', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (record) => {
          const asked = record.entries.filter(({ decision }) => decision.marks.conditions === true);
          const drains = asked.filter((entry) => holdsNode(entry) && entry.decision.action === 'drain');
          const conditions = new Map(marksOf(record).conditions.map(({ type, isTrue }) => [type, isTrue]));
          const types = asked.some((entry) => !isTombstone(entry)) ? OUR_MARKS.conditions : [];
          expect([...conditions.keys()]).toEqual(types);
          if (types.length === 0) return;
          expect(conditions.get('MaintenancePlanned')).toBe(asked.some(({ progress }) => progress === 'waiting'));
          expect(conditions.get('MaintenanceInProgress')).toBe(asked.some(holdsNode));
          expect(conditions.get('DrainInProgress')).toBe(drains.some(({ progress }) => progress === 'acting'));
          // Never both, and one of them while a drain is asked for.
          expect(conditions.get('Drained')).toBe(drains.length > 0 && !conditions.get('DrainInProgress'));
        });
      }),
    );
  });

  it('the record keeps its limits, and is read as it was written', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (record, _before, _input, { now }) => {
          const text = serialiseRecord(record);
          expect(record.entries.length).toBeLessThanOrEqual(RECORD_LIMITS.entries);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(RECORD_LIMITS.recordBytes);
          for (const entry of record.entries) {
            const alone = serialiseRecord({ ...emptyRecord(), entries: [entry] });
            expect(Buffer.byteLength(alone)).toBeLessThanOrEqual(RECORD_LIMITS.entryBytes + 40);
          }
          expect(parseRecord(text, now)).toEqual({ record, problems: [] });
        });
      }),
    );
  });

  it('its tasks are those of its entries, and no end is earlier than it says', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (record, _before, _input, { now }) => {
          const inHand = new Set(record.entries.map((entry) => entry.key));
          const tasks = tasksOf(record, { isOurTurn: true, inHand, lookedAt: new Set() });
          const acting = record.entries.some(
            (entry) => entry.progress === 'acting' && entry.decision.action === 'drain',
          );
          expect(tasks.some((task) => task.do === 'empty')).toBe(acting);
          expect(
            tasksOf(record, { isOurTurn: false, inHand: new Set(), lookedAt: new Set() }).every(
              (task) => task.do === 'wait',
            ),
          ).toBe(true);
          const { end: goes, hurryBefore } = timeLeft(record, { now, graceMs: 120_000 });
          expect(hurryBefore).toBeGreaterThanOrEqual(goes);
          for (const entry of record.entries) {
            if (entry.decision.action === 'drain') {
              expect(mayComplete(entry, undefined)).toBe(false);
              expect(mayComplete(entry, { mustGo: 1, left: 0 })).toBe(false);
              expect(mayComplete(entry, { mustGo: 0, left: 1 })).toBe(false);
            }
          }
          expect(now).toBeGreaterThanOrEqual(T0);
        });
      }),
    );
  });

  it('a message is deleted only when what it tells of stands in the record, or is over', () => {
    fc.assert(
      fc.property(life, notice, (steps, other) => {
        live(steps, (record, _before, _input, { now }) => {
          if (record.entries.some((entry) => entry.key === other.key)) return;
          const isVoid = other.end.kind === 'fixed' && other.end.at <= now;
          expect(messageMayGo(record, other, { sawItEnd: false }, now) && !isVoid).toBe(false);
        });
      }),
    );
  });
});

describe('any text', () => {
  it('is a record, and one that is written again as it was read', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.json().map((json) => `{"entries":[${json}]}`),
        ),
        (text) => {
          const { record } = parseRecord(text, T0);
          expect(parseRecord(serialiseRecord(record), T0).record).toEqual(record);
        },
      ),
    );
  });

  it('is a key or kept text that stays itself when it is kept again, and two texts stay two', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ unit: 'binary', maxLength: 400 }),
        (a, b) => {
          expect(isKeptText(keptText(a))).toBe(true);
          expect(isEntryKey(scheduledKey(a))).toBe(true);
          expect(keptText(a) === keptText(b)).toBe(a === b);
        },
      ),
    );
  });

  it('of 128 ordinary characters stays as it is, and one more is cut with a fingerprint (S7)', () => {
    expect(keptText('a'.repeat(128))).toBe('a'.repeat(128));
    expect(keptText('a'.repeat(129))).toMatch(/^a{111}~[0-9a-f]{16}$/);
    expect(keptText('x","admin":true\r\n\u202e')).toMatch(/^x___admin_:true___~[0-9a-f]{16}$/);
  });
});

describe('a record that is full', () => {
  const fill = (make: (index: number) => Notice): NodeRecord =>
    Array.from({ length: 20 }, (_none, index) => make(index)).reduce(
      (record, one) => next(record, told(one), seenAt(0)),
      emptyRecord('b1'),
    );
  const planned = (index: number, startsIn: number, lead: number | 'immediate' = 'immediate'): Notice => ({
    key: scheduledKey(`event-${index}`),
    id: keptText(`event-${index}`),
    source: 'sqs',
    noticedAt: T0 + index,
    end: { kind: 'fixed', at: T0 + startsIn, source: 'schedule' },
    mayReturn: true,
    decision: { action: 'drain', lead, podDeadline: 'deadline', marks: {} },
  });
  const newcomer = planned(99, HOUR);
  const keysOf = (record: NodeRecord): string[] => record.entries.map((entry) => entry.key);

  it('lets go of a tombstone first, then of an open end', () => {
    const holders = fill((index) =>
      index === 7 ? { ...planned(index, HOUR), end: { kind: 'open', why: 'no-start' } } : planned(index, HOUR),
    );
    const ended = next(holders, { type: 'ended', ending: { notice: planned(3, HOUR), at: T0 + 60 } }, seenAt(100));
    const first = next(ended, told(newcomer), seenAt(200));
    expect(keysOf(first)).not.toContain('scheduled/event-3');
    expect(keysOf(first)).toContain('scheduled/event-99');
    const second = next(first, told(planned(98, HOUR)), seenAt(300));
    expect(keysOf(second)).not.toContain('scheduled/event-7');
  });

  it('lets the wait that is farthest go for what holds the node, and for nothing else', () => {
    const waits = fill((index) => planned(index, DAY + index * HOUR, HOUR));
    expect(keysOf(next(waits, told(newcomer), seenAt(0)))).not.toContain('scheduled/event-19');
    const refused = next(waits, told(planned(98, 9 * DAY, HOUR)), seenAt(0));
    expect(keysOf(refused)).toEqual(keysOf(waits));
    expect(messageMayGo(refused, planned(98, 9 * DAY, HOUR), { sawItEnd: false }, T0)).toBe(false);
  });

  it('never lets go of what holds the node and has an end: the newcomer waits in its message', () => {
    const holders = fill((index) => planned(index, HOUR));
    expect(keysOf(next(holders, told(newcomer), seenAt(0)))).toEqual(keysOf(holders));
  });
});
