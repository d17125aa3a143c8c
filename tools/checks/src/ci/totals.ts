import { XMLParser } from 'fast-xml-parser';

/** How many tests came out how. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Adds counts up. */
export function sum(totals: readonly Partial<Totals>[]): Totals {
  const all = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed = 0, failed = 0, skipped = 0 } of totals) {
    all.passed += passed;
    all.failed += failed;
    all.skipped += skipped;
  }
  return all;
}

interface Suite {
  readonly testsuite?: readonly Suite[];
  readonly testcase?: readonly { readonly failure?: unknown; readonly error?: unknown; readonly skipped?: unknown }[];
}

/** Reads the counts out of a JUnit report, its suites nested or not. */
export function junitTotals(xml: string): Totals {
  const parser = new XMLParser({
    isArray: (name) => name === 'testsuite' || name === 'testcase',
    ignoreAttributes: false,
  });
  const { testsuites, testsuite } = parser.parse(xml) as Suite & { readonly testsuites?: Suite };
  return suiteTotals(testsuites ?? { testsuite: testsuite ?? [] });
}

function suiteTotals({ testsuite = [], testcase = [] }: Suite): Totals {
  const own = testcase.map(({ failure, error, skipped }): Partial<Totals> => {
    if (failure !== undefined || error !== undefined) return { failed: 1 };
    return skipped === undefined ? { passed: 1 } : { skipped: 1 };
  });
  return sum([...own, ...testsuite.map(suiteTotals)]);
}
