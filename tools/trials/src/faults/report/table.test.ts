import { describe, expect, it } from 'vitest';
import type { CaseResult } from './case-result.ts';
import { judgeTime, runCase } from './case-result.ts';
import { junitXml } from './junit.ts';
import { resultLines, resultTable } from './table.ts';

const passed: CaseResult = {
  group: 'SQS',
  name: 'hangs',
  outcome: 'passed',
  recoverySeconds: 1.26,
  boundSeconds: 10,
  violations: [],
  durationMs: 5000,
};
const failed: CaseResult = {
  group: 'EC2',
  name: 'lies',
  outcome: 'failed',
  violations: ['event lost'],
  durationMs: 10,
  details: '<log>',
};

describe('the report', () => {
  it('is a table in Markdown', () => {
    expect(resultTable([passed, failed])).toBe(
      [
        '| who | what  | recovery | bound |   |',
        '| --- | ----- | -------- | ----- | - |',
        '| SQS | hangs | 1.3 s    | 10 s  | ✓ |',
        '| EC2 | lies  |          |       | ✗ |',
      ].join('\n'),
    );
  });

  it('says of a failure all that was found', () => {
    expect(resultLines(passed)).toBe('✓ SQS: hangs (5.0 s)');
    expect(resultLines(failed)).toBe('✗ EC2: lies (0.0 s)\n    event lost\n<log>');
  });

  it('counts in JUnit’s way, and escapes what programs wrote', () => {
    const xml = junitXml('matrix', [passed, failed]);
    expect(xml).toContain('tests="2" failures="1"');
    expect(xml).toContain('message="event lost"');
    expect(xml).toContain('&lt;log&gt;');
  });
});

describe('a case', () => {
  it('fails when something was violated, and when it throws', async () => {
    const bad = await runCase('g', 'bad', () => Promise.resolve({ violations: ['x'] }));
    expect(bad.outcome).toBe('failed');
    const thrown = await runCase('g', 'thrown', () => Promise.reject(new Error('no world')));
    expect(thrown.violations[0]).toContain('no world');
    const good = await runCase('g', 'good', () => Promise.resolve({ violations: [] }));
    expect(good.outcome).toBe('passed');
  });

  it('fails when it is late, by as much patience as the machine needs', () => {
    const slow = { ...passed, recoverySeconds: 11, boundSeconds: 10 };
    expect(judgeTime(slow, 1)).toMatchObject({
      outcome: 'failed',
      violations: ['took 11.0 s to recover, and may take 10 s'],
    });
    expect(judgeTime(slow, 2)).toBe(slow);
    expect(judgeTime(passed, 1)).toBe(passed);
  });
});
