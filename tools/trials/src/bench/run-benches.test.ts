import { expect, it } from 'vitest';
import { chooseBenches, parseOptions } from './run-benches.ts';

it('runs everything against the real API server unless told otherwise', () => {
  expect(parseOptions([])).toEqual({ quick: false, only: [], save: false });
});

it('takes names one by one or with commas', () => {
  expect(parseOptions(['--quick', '--only', 'notice', '--only', 'burst,idle'])).toMatchObject({
    quick: true,
    only: ['notice', 'burst', 'idle'],
  });
});

it('refuses an option that there is not', () => {
  expect(() => parseOptions(['--fast'])).toThrow('--fast');
});

it('runs the benches that were named', () => {
  expect(chooseBenches(['notice', 'burst']).map(({ name }) => name)).toEqual(['notice', 'burst']);
  expect(chooseBenches([]).length).toBeGreaterThan(5);
});

it('names a bench that there is not, and those that there are', () => {
  expect(() => chooseBenches(['notice', 'nothing'])).toThrow(/no bench nothing; there are .*notice/);
});
