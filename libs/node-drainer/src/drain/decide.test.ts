import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Look } from './decide.ts';
import { decide, lastGracefulMoment, secondsShort } from './decide.ts';

const NOW = 1_000_000;
const usual: Look = {
  nowMs: NOW,
  deadlineMs: NOW + 120_000,
  marginMs: 2000,
  onDeadline: 'respect',
  graceSeconds: 30,
  graceIsOverridden: false,
  isCompleted: false,
  isKept: false,
  isNamespaceTerminating: false,
  terminatesAtMs: undefined,
  hurryBy: 'evict',
};

const anyLook: fc.Arbitrary<Look> = fc.record({
  nowMs: fc.constant(NOW),
  deadlineMs: fc.oneof(fc.integer({ min: NOW - 10_000, max: NOW + 600_000 }), fc.constant(Infinity)),
  marginMs: fc.constantFrom(0, 2000, 10_000),
  onDeadline: fc.constantFrom('respect', 'deadline'),
  graceSeconds: fc.integer({ min: 0, max: 3600 }),
  graceIsOverridden: fc.boolean(),
  isCompleted: fc.boolean(),
  isKept: fc.boolean(),
  terminatesAtMs: fc.option(fc.integer({ min: NOW - 10_000, max: NOW + 900_000 }), { nil: undefined }),
  isNamespaceTerminating: fc.boolean(),
  hurryBy: fc.constantFrom('evict', 'delete'),
});

describe('the decision about a pod', () => {
  it.each<[string, Partial<Look>, ReturnType<typeof decide>]>([
    ['evicts with the pod’s own grace', {}, { do: 'evict', hurried: false }],
    [
      'names a grace that is given to all',
      { graceIsOverridden: true },
      { do: 'evict', hurried: false, graceSeconds: 30 },
    ],
    ['deletes what has ended', { isCompleted: true }, { do: 'delete', why: 'completed' }],
    ['waits for what is going', { terminatesAtMs: NOW + 5000 }, { do: 'wait' }],
    ['leaves what stays by rule', { isKept: true, onDeadline: 'deadline' }, { do: 'wait' }],
    [
      'hurries even that',
      { isKept: true, onDeadline: 'deadline', nowMs: NOW + 98_000 },
      { do: 'evict', hurried: true, graceSeconds: 20 },
    ],
    ['leaves it to the end where it is respected', { isKept: true, nowMs: NOW + 119_000 }, { do: 'wait' }],
    ['gives up at the deadline', { nowMs: NOW + 120_000 }, { do: 'give-up' }],
    ['respects to the end', { nowMs: NOW + 119_000, hurryBy: 'delete' }, { do: 'evict', hurried: false }],
    [
      'hurries nothing where there is no end',
      { deadlineMs: Infinity, onDeadline: 'deadline', hurryBy: 'delete' },
      { do: 'evict', hurried: false },
    ],
    [
      'deletes in a namespace that goes',
      { isNamespaceTerminating: true },
      { do: 'delete', why: 'namespace-terminating' },
    ],
    [
      'evicts while the grace fits',
      { nowMs: NOW + 88_000, hurryBy: 'delete', onDeadline: 'deadline' },
      { do: 'evict', hurried: false },
    ],
    [
      'deletes when the grace no longer fits and its eviction was refused',
      { nowMs: NOW + 98_000, hurryBy: 'delete', onDeadline: 'deadline' },
      { do: 'delete', why: 'deadline', graceSeconds: 20 },
    ],
    [
      'evicts with the grace that remains first',
      { graceSeconds: 600, onDeadline: 'deadline' },
      { do: 'evict', hurried: true, graceSeconds: 118 },
    ],
    [
      'hurries what is going too slowly',
      { terminatesAtMs: NOW + 300_000, onDeadline: 'deadline' },
      { do: 'delete', why: 'shortened', graceSeconds: 118 },
    ],
    [
      'lets what ends within a second after the margin go on',
      { nowMs: NOW + 500, terminatesAtMs: NOW + 119_000, onDeadline: 'deadline' },
      { do: 'wait' },
    ],
    [
      'hurries what ends later than that',
      { nowMs: NOW + 500, terminatesAtMs: NOW + 119_001, onDeadline: 'deadline' },
      { do: 'delete', why: 'shortened', graceSeconds: 117 },
    ],
    [
      'hurries nothing that would end no sooner for it',
      { nowMs: NOW + 117_900, terminatesAtMs: NOW + 119_900, onDeadline: 'deadline' },
      { do: 'wait' },
    ],
    [
      'hurries with a second where no more is left',
      { nowMs: NOW + 117_900, terminatesAtMs: NOW + 119_901, onDeadline: 'deadline' },
      { do: 'delete', why: 'shortened', graceSeconds: 1 },
    ],
    [
      'hurries when the grace just does not fit any more',
      { nowMs: NOW + 88_001, onDeadline: 'deadline' },
      { do: 'evict', hurried: true, graceSeconds: 29 },
    ],
    ['lets what is going too slowly go on', { terminatesAtMs: NOW + 300_000 }, { do: 'wait' }],
  ])('%s', (_, look, decision) => {
    expect(decide({ ...usual, ...look })).toEqual(decision);
  });

  it('never deletes what something holds, unless a finite deadline is nearer than its grace and margin', () => {
    // Finished pods and terminating namespaces apart; and what goes already is held by nobody.
    const held = { isCompleted: false, isNamespaceTerminating: false, terminatesAtMs: undefined };
    fc.assert(
      fc.property(anyLook, (any) => {
        const look = { ...any, ...held };
        if (decide(look).do !== 'delete') return;
        expect(look.onDeadline).toBe('deadline');
        expect(look.deadlineMs).toBeLessThan(Infinity);
        expect(look.nowMs).toBeGreaterThan(lastGracefulMoment(look));
      }),
      { numRuns: 1000 },
    );
  });

  it('never gives more grace than the pod has or the deadline leaves, and never none that it had', () => {
    fc.assert(
      fc.property(anyLook, (look) => {
        const decision = decide(look);
        if (!('graceSeconds' in decision) || look.graceIsOverridden) return;
        const left = Math.max(1, (look.deadlineMs - look.marginMs - look.nowMs) / 1000);
        expect(decision.graceSeconds).toBeLessThanOrEqual(left);
        if (look.graceSeconds > 0 || look.terminatesAtMs !== undefined) {
          expect(decision.graceSeconds).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });

  it('ends: hurrying a pod once is enough', () => {
    fc.assert(
      fc.property(anyLook, (look) => {
        const decision = decide(look);
        if (decision.do !== 'delete' || decision.graceSeconds === undefined) return;
        const terminatesAtMs = look.nowMs + decision.graceSeconds * 1000;
        expect(decide({ ...look, terminatesAtMs }).do).toBe('wait');
      }),
    );
  });

  it('asks for nothing once the deadline has passed', () => {
    fc.assert(
      fc.property(anyLook, (look) => {
        expect(decide({ ...look, nowMs: look.deadlineMs }).do).toBe('give-up');
      }),
    );
  });
});

describe('what a pod is short of', () => {
  it.each<[string, Partial<Look>, number | undefined]>([
    ['nothing when its grace fits', {}, undefined],
    ['nothing when it has ended', { isCompleted: true, graceSeconds: 600 }, undefined],
    ['nothing when it just fits', { graceSeconds: 118 }, undefined],
    ['a second that is not whole', { nowMs: NOW + 500, graceSeconds: 118 }, 1],
    ['nothing for the second that a timestamp rounds', { terminatesAtMs: NOW + 119_000 }, undefined],
    ['the rest of its grace', { graceSeconds: 200 }, 82],
    ['the rest of its way', { terminatesAtMs: NOW + 130_000 }, 12],
    ['nothing when it is on its way in time', { terminatesAtMs: NOW + 118_500, graceSeconds: 600 }, undefined],
  ])('is %s', (_, look, short) => {
    expect(secondsShort({ ...usual, ...look })).toBe(short);
  });
});
