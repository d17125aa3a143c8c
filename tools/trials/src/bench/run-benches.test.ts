import { expect, it } from 'vitest';
import { chooseBenches } from './run-benches.ts';

it('runs the benches that were named', () => {
  expect(chooseBenches(['notice', 'burst']).map(({ name }) => name)).toEqual(['notice', 'burst']);
  expect(chooseBenches([]).length).toBeGreaterThan(5);
});

it('names a bench that there is not, and those that there are', () => {
  expect(() => chooseBenches(['notice', 'nothing'])).toThrow(/no bench nothing; there are .*notice/);
});
