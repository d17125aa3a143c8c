import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../faults/catalogue.ts';
import { HOLDER_NAMES } from './holds.ts';
import type { PlannedHold } from './holds.ts';
import { lastsMs } from '../faults/ends.ts';
import { makeSchedule } from './schedule.ts';

describe('a schedule', () => {
  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        expect(makeSchedule(seed)).toEqual(makeSchedule(seed));
      }),
    );
  });

  it('interrupts every node, and never lets two faults of one service fall together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const { nodes, interruptions, faults } = makeSchedule(seed);
        expect(new Set(interruptions.map(({ node }) => node)).size).toBe(nodes);
        const areas = faults.map(({ fault }) => fault.area);
        expect(new Set(areas).size).toBe(areas.length);
        expect(faults.length).toBeGreaterThan(0);
      }),
    );
  });

  it('meets every fault of the catalogue within the seeds that are played', () => {
    const met = new Set<unknown>();
    for (let seed = 1; seed <= 300; seed++) for (const { fault } of makeSchedule(seed).faults) met.add(fault);
    expect(catalogue.filter((fault) => !met.has(fault)).map(({ area, name }) => `${area} ${name}`)).toEqual([]);
  });

  it('holds pods in every way, some until they are hurried and some until they are let go, within the seeds that are played', () => {
    const played = Array.from({ length: 200 }, (_, index) => makeSchedule(index + 1));
    const holds = played.flatMap((schedule) => schedule.holds);
    expect(new Set(holds.map(({ by }) => by)).size).toBe(HOLDER_NAMES.length);
    const isForGood = ({ turnsMs }: PlannedHold): boolean => turnsMs.length === 0;
    expect(holds.filter(isForGood).length).toBeGreaterThan(40);
    expect(holds.filter((hold) => !isForGood(hold)).length).toBeGreaterThan(40);
    expect(holds.filter(({ deletionsUntilMs }) => deletionsUntilMs > 0).length).toBeGreaterThan(10);
    expect(played.filter(({ ends }) => ends.goesAfterMs !== undefined).length).toBeGreaterThan(10);
    expect(played.filter(({ ends }) => ends.beats === true).length).toBeGreaterThan(10);
  });

  it('holds no pod for good that has no end, and lets it be deleted before it goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const { holds, interruptions, ends } = makeSchedule(seed);
        for (const { node, turnsMs, graceSeconds, deletionsUntilMs } of holds) {
          const told = interruptions.filter((one) => one.node === node);
          const endMs = Math.min(...told.map(({ way, atMs }) => atMs + lastsMs(way, ends)));
          if (turnsMs.length > 0) continue;
          expect(endMs - graceSeconds * 1000).toBeLessThan(60_000);
          expect(deletionsUntilMs).toBeLessThan(endMs - 2000);
        }
      }),
    );
  });
});

describe('the catalogue', () => {
  it('has a name of its own for each fault of a service, and a reason for each bound', () => {
    const names = catalogue.map(({ area, name }) => `${area} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, boundSeconds, boundBecause } of catalogue) {
      expect(boundSeconds === undefined, name).toBe(boundBecause === undefined);
    }
  });
});
