import { describe, expect, it } from 'vitest';
import { junitTotals, sum, vitestTotals } from './totals.ts';

describe('totals', () => {
  it('come from a Vitest report, and a file that breaks before its first test counts', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [
        { status: 'passed', assertionResults: [{}, {}, {}] },
        { status: 'failed', assertionResults: [{}] },
        { status: 'failed', assertionResults: [] },
      ],
    };
    expect(vitestTotals(JSON.stringify(report))).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it('come from a JUnit report, nested or not', () => {
    const xml = `<?xml version="1.0"?><testsuites><testsuite name="a"><testcase name="1"/><testcase name="2"><failure>no</failure></testcase>
      <testsuite name="b"><testcase name="3"><skipped/></testcase></testsuite></testsuite><testsuite name="c"><testcase name="4"><error/></testcase></testsuite></testsuites>`;
    expect(junitTotals(xml)).toEqual({ passed: 1, failed: 2, skipped: 1 });
    expect(junitTotals('<testsuite><testcase name="1"/></testsuite>')).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });

  it('add up', () => {
    expect(
      sum([
        { passed: 1, failed: 2, skipped: 3 },
        { passed: 4, failed: 5, skipped: 6 },
      ]),
    ).toEqual({ passed: 5, failed: 7, skipped: 9 });
  });
});
