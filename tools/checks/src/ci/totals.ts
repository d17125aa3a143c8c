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

interface TestCase {
  readonly '@_name'?: string;
  readonly failure?: unknown;
  readonly error?: unknown;
  readonly skipped?: unknown;
}

interface Suite {
  readonly testsuite?: readonly Suite[];
  readonly testcase?: readonly TestCase[];
}

/** What a JUnit report says. */
export interface JunitReport {
  readonly totals: Totals;
  /** A line for each test that failed: its name, and what was found. */
  readonly failures: readonly string[];
}

/** Reads a JUnit report, its suites nested or not. */
export function readJunit(xml: string): JunitReport {
  const parser = new XMLParser({
    isArray: (name) => name === 'testsuite' || name === 'testcase',
    ignoreAttributes: false,
  });
  const { testsuites, testsuite } = parser.parse(xml) as Suite & { readonly testsuites?: Suite };
  const cases = casesOf(testsuites ?? { testsuite: testsuite ?? [] });
  const failures = cases.flatMap((one) => {
    const found = foundIn(one);
    return found === undefined ? [] : [`${one['@_name'] ?? ''}: ${messageOf(found)}`];
  });
  const skipped = cases.filter((one) => foundIn(one) === undefined && one.skipped !== undefined).length;
  const passed = cases.length - failures.length - skipped;
  return { totals: { passed, failed: failures.length, skipped }, failures };
}

function foundIn({ failure, error }: TestCase): unknown {
  return failure ?? error;
}

function casesOf({ testsuite = [], testcase = [] }: Suite): readonly TestCase[] {
  return [...testcase, ...testsuite.flatMap(casesOf)];
}

const MESSAGE_CHARACTERS = 300;

/** The first of a failure's messages, or of several failures; short enough for a line. */
function messageOf(failure: unknown): string {
  const [first] = Array.isArray(failure) ? (failure as readonly unknown[]) : [failure];
  const isElement = typeof first === 'object' && first !== null;
  const text = isElement && '@_message' in first ? first['@_message'] : first;
  return (typeof text === 'string' ? text : '').replaceAll(/\s+/g, ' ').slice(0, MESSAGE_CHARACTERS);
}
