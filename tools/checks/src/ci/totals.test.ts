import { describe, expect, it } from 'vitest';
import { readJunit, sum } from './totals.ts';

describe('totals', () => {
  it("come from Vitest's report, and a file that breaks before its first test counts", () => {
    const xml = `<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="5" failures="2" errors="0" time="0.0">
    <testsuite name="a.test.ts" tests="4" failures="1" errors="0" skipped="2" time="0.0">
        <testcase classname="a.test.ts" name="p" time="0.0">
        </testcase>
        <testcase classname="a.test.ts" name="f" time="0.0">
            <failure message="expected 1 to be 2" type="AssertionError">
AssertionError: expected 1 to be 2
            </failure>
        </testcase>
        <testcase classname="a.test.ts" name="skipped" time="0">
            <skipped/>
        </testcase>
        <testcase classname="a.test.ts" name="todo" time="0">
            <skipped/>
        </testcase>
    </testsuite>
    <testsuite name="b.test.ts" tests="1" failures="1" errors="0" skipped="0" time="0">
        <testcase classname="b.test.ts" name="b.test.ts" time="0">
            <failure message="broken" type="Error">
Error: broken
            </failure>
        </testcase>
    </testsuite>
</testsuites>`;
    expect(readJunit(xml)).toEqual({
      totals: { passed: 1, failed: 2, skipped: 2 },
      failures: ['f: expected 1 to be 2', 'b.test.ts: broken'],
    });
  });

  it('come from a JUnit report, nested or not', () => {
    const xml = `<?xml version="1.0"?><testsuites><testsuite name="a"><testcase name="1"/><testcase name="2"><failure>no</failure></testcase>
      <testsuite name="b"><testcase name="3"><skipped/></testcase></testsuite></testsuite><testsuite name="c"><testcase name="4"><error/></testcase></testsuite></testsuites>`;
    expect(readJunit(xml)).toEqual({ totals: { passed: 1, failed: 2, skipped: 1 }, failures: ['2: no', '4: '] });
    // A failure counts as one, whatever else is said of the test.
    const both = '<testsuite><testcase name="1"><failure message="no"/><skipped/></testcase></testsuite>';
    expect(readJunit(both).totals).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(readJunit('<testsuite><testcase name="1"/></testsuite>').totals).toEqual({
      passed: 1,
      failed: 0,
      skipped: 0,
    });
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
