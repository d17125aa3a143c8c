import { describe, expect, it } from 'vitest';
import { entryOf } from './entry.ts';
import { marksOf, written } from './marks.ts';
import {
  DAY,
  EMPTY_NODE,
  HOUR,
  MINUTE,
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
  returned,
  scheduled,
  spot,
  stopped,
  summary,
  told,
} from './testing/notices.ts';

describe('an instance that comes back', () => {
  it('leaves a warm pool with nothing but what is planned for it (W3)', () => {
    const slept = play([
      [0, told(action({ mayReturn: true }))],
      [1 * SECOND, told(health({ startsIn: 48 * HOUR, decision: { lead: 2 * HOUR } }))],
      [30 * SECOND, EMPTY_NODE],
      [31 * SECOND, hookDone()],
      [40 * SECOND, told(stopped({ at: 40 * SECOND }))],
      [1000 * SECOND, returned(1000 * SECOND)],
    ]);
    expect(summary(slept)).toBe('action:over health:waiting state:over');
    expect(marksOf(slept).unschedulable).toBe(false);
    expect(play([[1001 * SECOND, told(stopped({ at: 40 * SECOND }), launched(1000 * SECOND))]], slept)).toEqual(slept);
  });

  it.each([
    ['started', returned(900.4 * SECOND)],
    ['put into service', { type: 'put-into-service', at: T0 + 900.4 * SECOND }],
  ] as const)('keeps an action that begins in the second in which it was %s', (_how, back) => {
    // AWS says the moment of the action in whole seconds, that of the return may have more.
    const record = play([
      [0, told(action({ token: 'a', mayReturn: true }))],
      [30 * SECOND, EMPTY_NODE],
      [31 * SECOND, hookDone()],
      [900.6 * SECOND, told(action({ token: 'b', at: 900 * SECOND, mayReturn: true }))],
      [901 * SECOND, back],
    ]);
    expect(summary(record)).toBe('action:over action:acting');
    expect(marksOf(record).unschedulable).toBe(true);
  });

  it('keeps a Spot notice whose time is to come', () => {
    const record = play([
      [0, told(spot({ endsIn: 20 * MINUTE }))],
      [10 * MINUTE, returned(10 * MINUTE)],
    ]);
    expect(summary(record)).toBe('spot:acting');
  });

  it('keeps what was noticed between a boot and its sighting', () => {
    const record = play([
      [60 * SECOND, told(spot({ at: 60 * SECOND, endsIn: 180 * SECOND }))],
      [90 * SECOND, booted('b2', 30 * SECOND)],
    ]);
    expect(summary(record)).toBe('spot:acting');
  });

  it('carries its interruptions over to a new node object, of which nothing was seen yet', () => {
    const settled = play([
      [0, told(health({ startsIn: 48 * HOUR }))],
      [60 * SECOND, EMPTY_NODE],
    ]);
    const reborn = play([[HOUR, { type: 'reborn' }]], settled);
    expect(summary(reborn)).toBe('health:acting');
    expect(marksOf(reborn).unschedulable).toBe(true);
  });
});

describe('a person', () => {
  it('who uncordons before a fixed end is overruled once; then the cordon is theirs, and the drain goes on', () => {
    const once = play([
      [0, told(spot())],
      [5 * SECOND, UNCORDONED],
    ]);
    expect(once.entries[0]).toMatchObject({ progress: 'acting', remarked: 'once' });
    expect(marksOf(once).unschedulable).toBe(true);
    const twice = play(
      [
        [10 * SECOND, UNCORDONED],
        [15 * SECOND, UNCORDONED],
      ],
      once,
    );
    expect(marksOf(twice)).toMatchObject({
      unschedulable: 'as-found',
      taints: [{ key: 'aws-node-termination-handler/spot-itn' }],
    });
    expect(doing(twice)).toEqual(['empty']);
    expect(twice.cordon).toBeUndefined();
    const another = play([[20 * SECOND, told(action({ at: 20 * SECOND }))]], twice);
    expect(marksOf(another).unschedulable).toBe(true);
    expect(another.cordon?.ours).toBe(true);
  });

  it('who had cordoned the node before finds it cordoned after', () => {
    const record = play([[0, told(spot()), { cordonedByOthers: true }]]);
    expect(record.cordon?.ours).toBe(false);
    const back = play([[600 * SECOND, returned(600 * SECOND), { cordonedByOthers: true }]], record);
    expect(marksOf(back).unschedulable).toBe('as-found');
    expect(written(back).cordon).toBeUndefined();
  });

  it('who cordons a node after it was given back keeps their cordon', () => {
    const lead = { decision: { lead: 2 * HOUR } };
    const acting = play([[0, told(scheduled({ startsIn: HOUR, ...lead }))]]);
    const put = written(
      play([[10 * SECOND, told(scheduled({ startsIn: 240 * HOUR, at: 10 * SECOND, ...lead }))]], acting),
    );
    expect(summary(put)).toBe('scheduled:waiting');
    expect(put.cordon).toBeUndefined();
    const due = play([[238 * HOUR, TIME, { cordonedByOthers: true }]], put);
    expect(due.cordon?.ours).toBe(false);
  });
});

describe('one interruption that is taken back', () => {
  it('gives nothing back while another holds, and everything with the last (W6, W7)', () => {
    const two = play([
      [0, told(action({ token: 'a' }))],
      [0, told(spot())],
      [0, { type: 'shut-down', at: T0 }],
    ]);
    const one = play([[SECOND, { type: 'ended', ending: { notice: action({ token: 'a' }), at: T0 + SECOND } }]], two);
    expect(marksOf(one)).toMatchObject({ unschedulable: true });
    expect(marksOf(one).taints.map((taint) => taint.key)).toEqual([
      'aws-node-termination-handler/spot-itn',
      'node.kubernetes.io/out-of-service',
    ]);
    const none = play([[600 * SECOND, returned(600 * SECOND)]], one);
    expect(marksOf(none)).toEqual({ unschedulable: false, taints: [], labels: {}, conditions: [] });
    expect(written(none)).not.toHaveProperty('shutDownAt');
  });

  it('is told by key: Health and EC2’s list stand side by side, and taking one back ends only its own', () => {
    const both = play([
      [0, told(scheduled({ startsIn: HOUR }))],
      [0, told(health({ startsIn: HOUR }))],
    ]);
    const closed = play(
      [[SECOND, { type: 'ended', ending: { notice: health({ startsIn: HOUR }), at: T0 + SECOND } }]],
      both,
    );
    expect(summary(closed)).toBe('scheduled:acting health:over');
    expect(summary(play([[HOUR, booted('b2', HOUR)]], both))).toBe('scheduled:over health:over');
  });

  it('is forgotten after fourteen days, with the moment of the return', () => {
    const over = play([
      [0, told(spot())],
      [600 * SECOND, returned(600 * SECOND)],
    ]);
    expect(entryOf(play([[13 * DAY, TIME]], over), spot().key)).toBeDefined();
    const old = play([[15 * DAY, TIME]], over);
    expect(summary(old)).toBe('');
  });
});
