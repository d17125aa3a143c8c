import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../program.ts';
import { mutated } from './load-mutated.ts';
import { MOST_SEEDS, MUTATIONS } from './mutations.ts';
import type { Mutation } from './mutations.ts';
import { describeFind } from './find.ts';
import { namesOnPage, withFinds } from './page.ts';

const names = MUTATIONS.map(({ name }) => name);

describe('a mutation', () => {
  it.each(MUTATIONS.map((mutation: Mutation) => [mutation.name, mutation] as const))(
    'still has its one place: %s',
    async (_name, mutation) => {
      const source = await readFile(path.join(root, mutation.file), 'utf8');
      expect(mutated(source, mutation)).toContain(mutation.replace);
      expect(mutated(source, mutation)).not.toBe(source);
    },
  );

  it('is one of twenty at the least, each with a name of its own', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(20);
  });

  it('is refused where its place is not there, or there are two', () => {
    const mutation: Mutation = { name: 'm', breaks: '', file: 'f.ts', find: 'await ', replace: '' };
    expect(mutated('await x;', mutation)).toBe('x;');
    expect(() => mutated('x;', mutation)).toThrow('the mutation m does not fit: its text stands in f.ts 0 times');
    expect(() => mutated('await x; await y;', mutation)).toThrow('in f.ts 2 times');
  });
});

describe('the page of mutations', () => {
  const [one] = MUTATIONS;
  const outcome = { seed: 7, hash: '', violations: ['bad end: a | b'], steps: 1, lastedMs: 1, trace: [] };

  it('names mutations that there are', async () => {
    const found = namesOnPage(await readFile(path.join(root, 'docs/reliability.md'), 'utf8'));
    expect(found.length).toBeGreaterThan(0);
    expect(names).toEqual(expect.arrayContaining([...found]));
  });

  it('has a row for each that was played, found or not', async () => {
    const page = await readFile(path.join(root, 'docs/reliability.md'), 'utf8');
    const written = withFinds(page, [
      { mutation: one, played: 7, delivery: { outcome } },
      { mutation: { ...one }, played: MOST_SEEDS, delivery: undefined },
    ]);
    expect(namesOnPage(written)).toEqual([one.name, one.name]);
    expect(written).toContain(`| \`${one.name}\` | 7 | bad end: a \\| b |`);
    expect(written).toContain(`| none of ${MOST_SEEDS} |`);
    const outside = (text: string) => text.split('\n').filter((line) => !/^\|[^|]*\| `/.test(line));
    expect(outside(written)).toEqual(outside(page));
  });

  it('is told line by line on the way', () => {
    expect(describeFind({ mutation: one, played: 7, delivery: { outcome } })).toContain('seed 7: bad end: a | b');
    expect(describeFind({ mutation: one, played: 9, delivery: undefined })).toContain('not found in 9 seeds');
  });
});
