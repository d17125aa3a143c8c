import { describe, expect, it } from 'vitest';
import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';
import { summaryOf } from './steps.ts';
import { secondsTooLate } from './summary.ts';
import {
  after,
  cordoned,
  drained,
  every,
  lifecycle,
  rebalance,
  scheduled,
  spot,
  START,
  step,
} from './testing/steps.ts';

const TOLD: ReadonlySet<InterruptionProgress['type']> = new Set([
  'received',
  'cordoned',
  'cordon-failed',
  'drained',
  'drain-failed',
  'pods-lost',
  'overdue',
  'cancelled',
  'uncordoned',
]);

describe('a step in one sentence', () => {
  it.each(every)('is there for what people are told of, and for nothing else: $type', (step) => {
    expect(summaryOf(step) !== undefined).toBe(TOLD.has(step.type));
  });

  it('says in a dry run what would be done, each time that it is one', () => {
    expect(summaryOf(cordoned, true)).toBe('The node would be cordoned (dry run: nothing is done)');
    expect(summaryOf(drained, true)).toBe('The node would be cordoned and drained (dry run: nothing is done)');
    for (const step of every) expect(summaryOf(step, true) ?? 'dry run').toContain('dry run');
  });

  it('differs by what has become of the node', () => {
    const told = every.filter(({ type }) =>
      ['drained', 'drain-failed', 'pods-lost', 'overdue', 'cordoned'].includes(type),
    );
    const texts = [...told.map((step) => summaryOf(step)), ...[cordoned, drained].map((step) => summaryOf(step, true))];
    // One failure is there twice: as news, and as what lasts.
    expect(new Set(texts).size).toBe(texts.length - 1);
  });

  it('says of a drain that came too late by how much', () => {
    const late = { ...drained, secondsLeft: -30 } as InterruptionProgress;
    expect(summaryOf(late)).toBe(
      'The node is drained after 1 s, 30 s after the instance was to be gone; pods: 3 evicted',
    );
  });

  it('says of a notice that came too late that it did', () => {
    const decision = { action: 'drain', actAt: START, markBy: after(120) };
    expect(summaryOf(step({ type: 'received', decision, at: after(150) }))).toBe(
      'Received; the node is to be drained now: too late, its instance was to be gone 30 s before',
    );
  });
});

describe('a notice', () => {
  it('is too late after the moment at which its instance was to be gone, where it says one', () => {
    const late = (event: Parameters<typeof secondsTooLate>[0]['event'], seconds: number) =>
      secondsTooLate({ event, at: after(seconds) });
    expect([late(spot('s'), 119), late(spot('s'), 150)]).toEqual([undefined, 30]);
    expect(late(scheduled('e'), 3_700)).toBe(100);
    for (const open of [
      rebalance('r'),
      lifecycle('l'),
      { ...spot('h', { inSeconds: 0 }), action: 'hibernate' as const },
    ])
      expect(late(open, 10_000)).toBeUndefined();
  });
});
