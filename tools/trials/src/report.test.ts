import { describe, expect, it } from 'vitest';
import { judgeTime, runCase, SkipCase } from './case.ts';
import type { CaseResult } from './case.ts';
import { finalLine, junitXml, resultLines, resultTable } from './report.ts';

const passed: CaseResult = {
  group: 'SQS',
  name: 'hangs',
  outcome: 'passed',
  recoverySeconds: 1.26,
  boundSeconds: 10,
  violations: [],
  durationMs: 5000,
};
const proved: CaseResult = { ...passed, group: 'e2e', name: 'spot', proves: 'it drains', durationMs: 1234 };
const skipped: CaseResult = {
  ...passed,
  group: 'e2e',
  name: 'moto "it"',
  proves: 'x & y',
  outcome: 'skipped',
  skippedBecause: 'no Python',
  durationMs: 0,
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
        '| who | what  | recovery | bound |     |',
        '| --- | ----- | -------- | ----- | --- |',
        '| SQS | hangs | 1.3 s    | 10 s  | ✓   |',
        '| EC2 | lies  |          |       | ✗   |',
      ].join('\n'),
    );
  });

  it('says what each case proves, where it proves something', () => {
    expect(resultTable([proved, skipped])).toBe(
      [
        '|     | scenario  | time  | proves             |',
        '| --- | --------- | ----- | ------------------ |',
        '| ✓   | spot      | 1.2 s | it drains          |',
        '| –   | moto "it" | 0.0 s | skipped: no Python |',
      ].join('\n'),
    );
  });

  it('says of a failure all that was found', () => {
    expect(resultLines(passed)).toBe('✓ SQS: hangs (5.0 s)');
    expect(resultLines(failed)).toBe('✗ EC2: lies (0.0 s)\n    event lost\n<log>');
    expect(resultLines({ ...failed, proves: 'truth' })).toContain('should prove: truth');
  });

  it('counts in JUnit’s way, and escapes what people and programs wrote', () => {
    const details = 'log \u0000\u001b[31m<x>';
    const xml = junitXml('all', [{ ...proved, durationMs: 1500 }, { ...failed, durationMs: 500, details }, skipped]);
    expect(xml).toContain('name="all" tests="3" failures="1" skipped="1" time="2.000"');
    expect(xml).toContain('classname="e2e" name="moto &quot;it&quot;" time="0.000"');
    expect(xml).toContain('value="x &amp; y"');
    expect(xml).toContain('message="event lost"');
    expect(xml).toContain('log \ufffd\ufffd[31m&lt;x&gt;');
    expect(xml).toMatch(/<skipped message="no Python"(\/>|><\/skipped>)/);
  });

  it('ends with the counts, by which the run is judged', () => {
    const said: string[] = [];
    const end = (results: readonly CaseResult[]) => finalLine(results, (line) => said.push(line));
    expect([end([passed]), end([passed, failed, skipped]), end([])]).toEqual([0, 1, 1]);
    expect(said).toEqual(['1 passed, 0 failed', '1 passed, 1 failed, 1 skipped', '0 passed, 0 failed']);
  });
});

describe('a case', () => {
  it('fails when something was violated, and when it throws', async () => {
    const bad = await runCase({ group: 'g', name: 'bad' }, () => Promise.resolve({ violations: ['x'] }));
    expect(bad.outcome).toBe('failed');
    const thrown = await runCase({ group: 'g', name: 'thrown' }, () => Promise.reject(new Error('no world')));
    expect(thrown.violations[0]).toContain('no world');
    const cause = new Error('the port is taken');
    const caused = await runCase({ group: 'g', name: 'caused' }, () =>
      Promise.reject(new Error('no world', { cause })),
    );
    expect(caused.violations[0]).toContain('the port is taken');
    const good = await runCase({ group: 'g', name: 'good' }, () => Promise.resolve({ violations: [] }));
    expect(good.outcome).toBe('passed');
  });

  it('is skipped when something is missing on this machine', async () => {
    const left = await runCase({ group: 'g', name: 'left' }, () => Promise.reject(new SkipCase('no Python')));
    expect(left).toMatchObject({ outcome: 'skipped', skippedBecause: 'no Python', violations: [] });
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
