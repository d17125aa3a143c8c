import { expect, it } from 'vitest';
import { judgeSize, readAtStart } from './sizes.ts';

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

it('counts what a program requires at its start, and not what it loads when it needs it', () => {
  const files = new Map([
    ['main.cjs', 'const e=require("./libs.cjs"),t=require("node:tls");'],
    ['libs.cjs', 'const e=require("./libs2.cjs");Promise.resolve().then(()=>require("./sdk.cjs"))'],
    ['libs2.cjs', 'const e=require("./libs.cjs");'],
    ['sdk.cjs', ''],
  ]);
  const read = readAtStart(new Map([...files].map(([name, text]) => [name, Buffer.from(text)])));
  expect(read.map(String)).toEqual(['main.cjs', 'libs.cjs', 'libs2.cjs'].map((name) => files.get(name)));
});
