import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../catalogue.ts';
import { describeSchedule, makeSchedule } from './schedule.ts';

describe('a schedule', () => {
  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        expect(describeSchedule(makeSchedule(seed))).toBe(describeSchedule(makeSchedule(seed)));
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

  it('meets every quick fault of the catalogue within the seeds that are played', () => {
    const met = new Set<unknown>();
    for (let seed = 1; seed <= 200; seed++) for (const { fault } of makeSchedule(seed).faults) met.add(fault);
    const quick = catalogue.filter(({ boundSeconds = 0 }) => boundSeconds <= 15);
    expect(met.size).toBeGreaterThan(quick.length * 0.9);
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
