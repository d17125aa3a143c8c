import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['a', '', 1],
    ['ab', 'ba', 1],
    ['kitten', 'sitting', 3],
    ['INTERUPTION', 'INTERRUPTION', 1],
  ])('from %j to %j is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it('is 0 for the same word only, and never more than the longer word', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('suggest', () => {
  const known = ['WORKERS', 'NODE_NAME', 'POD_NAME', 'ENABLE_PROBES_SERVER', 'ENABLE_PROMETHEUS_SERVER'];
  it.each([
    ['WORKRES', 'WORKERS'],
    ['NODE_NAM', 'NODE_NAME'],
    ['ENABLE_PROBE_SERVERS', 'ENABLE_PROBES_SERVER'],
    ['NODE_IP', undefined],
    ['WORK', undefined],
    ['X', undefined],
    ['', undefined],
  ])('takes %j for %s', (name, meant) => {
    expect(suggest(name, known)).toBe(meant);
  });
});
