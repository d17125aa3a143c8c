import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../workspace.ts';
import { overruns, readBudget } from './budget.ts';
import { checks, longChecks } from './checks.ts';

const budget = { seconds: { lint: 60, e2e: 300 }, factor: 2, minutes: { warm: 10, cold: 20 } };

describe('the time of the checks', () => {
  it('is no matter within the budget', () => {
    const durations = [
      { name: 'lint', seconds: 119 },
      { name: 'e2e', seconds: 400 },
    ];
    expect(overruns(durations, budget, [])).toEqual([]);
  });

  it('is too long past the factor', () => {
    const durations = [{ name: 'lint', seconds: 121 }];
    expect(overruns(durations, budget, [])).toEqual(['lint took 121 s, more than 2 × 60 s']);
  });

  it('is too long in all, though each check is within its factor', () => {
    const durations = [
      { name: 'lint', seconds: 110 },
      { name: 'e2e', seconds: 500 },
    ];
    expect(overruns(durations, budget, [])).toEqual(['all took 610 s, more than 10 min']);
  });

  it('has more room where programs had to be built', () => {
    expect(overruns([{ name: 'e2e', seconds: 1100 }], budget, ['etcd-0123456789abcdef'])).toEqual([]);
    expect(overruns([{ name: 'e2e', seconds: 1300 }], budget, ['etcd-0123456789abcdef'])).toEqual([
      'all took 1300 s, more than 20 min',
    ]);
  });

  it('needs a budget', () => {
    expect(overruns([{ name: 'new', seconds: 1 }], budget, [])).toEqual([
      'new has no seconds in tools/checks/ci-budget.json',
    ]);
  });
});

describe('the committed budget', () => {
  it('has the seconds of each check and of nothing else, and they fit into the whole', async () => {
    const { seconds, minutes } = await readBudget();
    expect(Object.keys(seconds)).toEqual(checks.map(({ name }) => name));
    const all = Object.values(seconds).reduce((sum, one) => sum + one, 0);
    expect(all).toBeLessThanOrEqual(minutes.warm * 60);
  });
});

it('docs/testing.md lists every check and every longer command', async () => {
  const text = await readFile(path.join(root, 'docs/testing.md'), 'utf8');
  const section = /^## All checks, and their time$(.*?)^## /ms.exec(text)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(listed.sort()).toEqual([...checks, ...longChecks].map(({ name }) => name).sort());
});
