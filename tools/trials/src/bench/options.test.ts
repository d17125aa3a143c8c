import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

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
