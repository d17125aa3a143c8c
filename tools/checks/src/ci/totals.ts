import { XMLParser } from 'fast-xml-parser';

/** How many tests came out how. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Nothing ran. */
export const NO_TOTALS: Totals = { passed: 0, failed: 0, skipped: 0 };

/** Adds counts up. */
export function sum(totals: readonly Totals[]): Totals {
  return totals.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    NO_TOTALS,
  );
}

/**
 * Reads the counts out of Vitest's JSON report.
 *
 * A file that failed before its first test counts as one failure: it has no test that could.
 *
 * @throws SyntaxError when it is no JSON.
 */
export function vitestTotals(json: string): Totals {
  const report = JSON.parse(json) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly numPendingTests: number;
    readonly numTodoTests: number;
    readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
  };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

interface Suite {
  readonly testsuite?: readonly Suite[];
  readonly testcase?: readonly { readonly failure?: unknown; readonly error?: unknown; readonly skipped?: unknown }[];
}

/** Reads the counts out of a JUnit report. */
export function junitTotals(xml: string): Totals {
  const parser = new XMLParser({
    isArray: (name) => name === 'testsuite' || name === 'testcase',
    ignoreAttributes: false,
  });
  const { testsuites, testsuite } = parser.parse(xml) as {
    readonly testsuites?: Suite;
    readonly testsuite?: readonly Suite[];
  };
  return suiteTotals(testsuites ?? { testsuite: testsuite ?? [] });
}

function suiteTotals({ testsuite = [], testcase = [] }: Suite): Totals {
  const own = testcase.map((test): Totals => {
    if (test.failure !== undefined || test.error !== undefined) return { ...NO_TOTALS, failed: 1 };
    return test.skipped === undefined ? { ...NO_TOTALS, passed: 1 } : { ...NO_TOTALS, skipped: 1 };
  });
  return sum([...own, ...testsuite.map(suiteTotals)]);
}
