import { expect, it } from 'vitest';
import { judgeSizes } from './judge-sizes.ts';

const size = (name: string, kib: number) => ({ name, kib, gzipKib: kib / 4 });

it('says nothing of what is within its budget', () => {
  expect(judgeSizes([size('a', 100)], { a: 100 }).complaints).toEqual([]);
});

it('says what is over its budget, and by how much', () => {
  expect(judgeSizes([size('a', 101.5)], { a: 100 }).complaints).toEqual(['a is 1.5 KiB over its budget of 100 KiB.']);
});

it('wants a budget for everything', () => {
  const { complaints, lines } = judgeSizes([size('new', 7)], {});
  expect(complaints).toEqual(['new has no budget: it is 7 KiB.']);
  expect(lines.at(-1)).toEqual(['new', '7', '2', 'none']);
});
