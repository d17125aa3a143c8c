import { describe, expect, it } from 'vitest';
import { fared, judge, scoreOf, told } from './judge.ts';
import type { Fared, Reason } from './judge.ts';
import { pageWith } from './page.ts';
import type { Mutant } from './try-mutants.ts';

const FILE = 'libs/l/src/a.ts';
const line = 'return now >= end;';

function mutant(replacement: string, isAlive: boolean, own: Partial<Mutant> = {}): Mutant {
  return { file: FILE, line, original: 'now >= end', replacement, mutator: 'EqualityOperator', isAlive, ...own };
}

const killed = Array.from({ length: 9 }, (_, index) => mutant(`${index}`, false));
const survivor = mutant('now > end', true);
const reason: Reason = { file: FILE, line, mutants: [told(survivor)], why: 'the same moment' };

describe('the mutants of a file', () => {
  it('are counted without those of other files, and without sentences for people', () => {
    const sentence = mutant('""', true, { original: "'for people'", mutator: 'StringLiteral' });
    const word = mutant('""', true, { original: "'word'", mutator: 'StringLiteral' });
    const result = fared(FILE, [survivor, ...killed, sentence, word, mutant('x', true, { file: 'other' })]);
    expect([result.all, result.survivors]).toEqual([11, [survivor, word]]);
  });

  it('give a score that is no better than it is', () => {
    const of = (all: number, survivors: number): Fared => ({
      file: FILE,
      all,
      survivors: Array(survivors).fill(survivor),
    });
    expect([of(1000, 0), of(10_000, 1), of(3, 1), of(0, 0)].map((one) => scoreOf([one]))).toEqual([
      100, 99.9, 66.6, 100,
    ]);
    expect(scoreOf([of(10, 0), of(10, 5)])).toBe(75);
  });
});

describe('a file is judged', () => {
  const all = fared(FILE, [survivor, ...killed]);

  it('to be well where each survivor has its reason', () => {
    expect(judge(all, [reason, { ...reason, file: 'other' }])).toEqual({
      problems: [],
      detail: '90 % of 10 mutants are noticed',
    });
  });

  it('to have a survivor of which nobody says why it lives', () => {
    expect(judge(all, []).problems).toEqual([
      expect.stringContaining('now >= end → now > end  in  return now >= end;'),
    ]);
    expect(judge(all, [{ ...reason, line: 'another line' }]).problems).toHaveLength(2);
  });

  it('to have a reason for what is noticed, or is not there any more', () => {
    expect(judge(fared(FILE, killed), [reason]).problems).toEqual([expect.stringMatching(/^noticed or gone/)]);
  });

  it('to have too many survivors, whatever their reasons are', () => {
    expect(judge(fared(FILE, [survivor, ...killed.slice(0, 5)]), [reason]).problems).toEqual([
      'only 83.3 % are noticed; 85 % must be',
    ]);
  });
});

it('the page keeps its head, and has a row for each file, for all, and for each reason', () => {
  const page = pageWith([fared(FILE, [survivor, ...killed])], [reason], 'Head.\n\n## Files\n\nold\n');
  expect(page).toMatch(/^Head\.\n\n## Files\n/);
  expect(page).toContain('| `libs/l/src/a.ts` | 10 | 1 | 90 |\n| all | 10 | 1 | 90 |\n');
  expect(page).toContain('| `a.ts` | `return now >= end;` | `now >= end → now > end` | the same moment |\n');
  expect(page).not.toContain('old');
});
