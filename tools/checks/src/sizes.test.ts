import { expect, it } from 'vitest';
import { judgeSize } from './sizes.ts';

const size = (name: string, kib: number) => ({ name, kib, gzipKib: kib / 4 });

it('says nothing against what is within its budget', () => {
  expect(judgeSize(size('a', 100), { a: 100 })).toEqual({ about: 'a: 100 KiB, 25 gzipped' });
});

it('says what is over its budget, and by how much', () => {
  expect(judgeSize(size('a', 101.5), { a: 100 }).problems).toEqual([
    '1.5 KiB over its budget of 100 KiB in tools/checks/size-budgets.json',
  ]);
});

it('wants a budget for everything', () => {
  expect(judgeSize(size('new', 7), {})).toEqual({
    about: 'new: 7 KiB, 2 gzipped',
    problems: ['it has no budget in tools/checks/size-budgets.json'],
  });
});
