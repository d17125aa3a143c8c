import { describe, expect, it } from 'vitest';
import { allChecks } from './all.ts';
import { CheckFailure, runCheck } from './check.ts';
import type { CheckContext } from './check.ts';
import { resultTable } from './result-table.ts';

const withoutGo: CheckContext = { cases: [], refused: [], real: undefined };

describe('runCheck', () => {
  it('tells what passed, what failed and why', async () => {
    const passes = await runCheck({ name: 'a', needsGo: false, run: () => Promise.resolve('3 files') }, withoutGo);
    const fails = await runCheck(
      { name: 'b', needsGo: false, run: () => Promise.reject(new CheckFailure('c is stale')) },
      withoutGo,
    );
    expect([passes, fails]).toMatchObject([
      { status: 'passed', detail: '3 files' },
      { status: 'failed', detail: 'c is stale' },
    ]);
    const table = resultTable([passes, fails]);
    expect(table).toContain('c is stale');
    expect(table).toMatch(/1 passed, 1 failed, 0 skipped$/);
  });

  it('skips only what needs Go where there is none', async () => {
    const results = await Promise.all(allChecks.map((check) => runCheck(check, withoutGo)));
    for (const [index, { status, detail }] of results.entries()) {
      expect(status, detail).toBe(allChecks[index]!.needsGo ? 'skipped' : 'passed');
    }
    expect(results.some(({ status }) => status === 'passed')).toBe(true);
  });
});
